// SPDX-License-Identifier: LGPL-2.1-or-later
// What stands around the computer, each in a dialog whose part of the page is fetched on first use.

import {opensPart} from './dom.js';

/// Wires what opens them.
export function mindMachine(store) {
    const opens = (id, module, ...styles) => opensPart(store, id, module, ...styles);
    opens('wol-open', () => import('./wol.js'), 'machine');
    opens('scripts-open', () => import('./scripts.js'), 'machine');
    opens('terminal-open', () => import('./terminal.js'), 'terminal');
}
