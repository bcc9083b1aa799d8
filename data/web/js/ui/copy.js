// SPDX-License-Identifier: LGPL-2.1-or-later
// Texts for the clipboard.

import {make} from './dom.js';

/// Puts text on the clipboard; `beside` is an element of the dialog that is open. Over plain http a page
/// has no clipboard to write to: there the browser copies what is selected. Whether it did.
export async function copyText(text, beside) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copySelected(text, beside);
    }
}

function copySelected(text, beside) {
    const before = document.activeElement;
    const area = make('textarea', {className: 'unseen', value: text, readOnly: true, tabIndex: -1});
    beside.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    before?.focus();
    return copied;
}
