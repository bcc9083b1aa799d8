// SPDX-License-Identifier: LGPL-2.1-or-later
// What stands around the computer, each in a dialog whose part of the page is fetched on first use.

import {attempt, loadPart, onClick} from './dom.js';

/// Wires what opens them.
export function mindMachine(store) {
    const opens = (id, module, ...styles) => onClick(id, () => attempt(async () => {
        const part = await loadPart(module, ...styles);
        await part.open(store);
    }));
    opens('wol-open', () => import('./wol.js'), 'machine');
}
