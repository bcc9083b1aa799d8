// SPDX-License-Identifier: LGPL-2.1-or-later
// Says at once when a part of the console could not be loaded. A classic script: it runs whatever
// becomes of the modules. Where not even it arrives, the notice comes by itself after a while.

'use strict';

addEventListener('error', ({target}) => {
    if (target instanceof HTMLScriptElement)
        document.documentElement.dataset.start = 'failed';
}, true); // a script's own error does not bubble
