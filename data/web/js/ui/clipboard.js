// SPDX-License-Identifier: LGPL-2.1-or-later
// The clipboard of the person's own machine, on pages without https, too.

import {make} from './dom.js';

/// Copies text, in answer to a click or a key.
export async function copyText(text) {
    if (navigator.clipboard)
        return navigator.clipboard.writeText(text);
    const before = document.activeElement;
    const field = make('textarea', {className: 'unseen', value: text}); // http pages have no other way
    (before?.closest('dialog') ?? document.body).append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    return before?.focus();
}
