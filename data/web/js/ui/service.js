// SPDX-License-Identifier: LGPL-2.1-or-later
// What looks after the KVM itself, each in a dialog whose part of the page is fetched on first use.

import {opensPart} from './dom.js';

/// Wires what opens them.
export function mindService(store) {
    const opens = (id, module, ...styles) => opensPart(store, id, module, ...styles);
    opens('settings-open', () => import('./settings.js'), 'settings');
    opens('doctor-open', () => import('./doctor.js'), 'service');
}
