// SPDX-License-Identifier: LGPL-2.1-or-later
// The keyboard of a phone: a field that cannot be seen raises it, and what is typed there is typed on the
// computer, by characters: such a keyboard has no places of keys. It goes the way of a pasted text.
//
// Nothing of it is kept: the field is emptied after each word, and when it is left.

import * as api from '../api.js';
import {byId, notify, recall} from './dom.js';

/// There is always something to delete, so that the keyboard tells of its delete key.
const FILL = '\u00a0\u00a0';
/// The few that such a keyboard does have.
const KEYS = ['Enter', 'Tab', 'Escape', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];

/// What has to be deleted and typed to make one text of another, by characters.
export function change(before, after) {
    const [a, b] = [[...before], [...after]];
    let same = 0;
    while (same < a.length && same < b.length && a[same] === b[same])
        ++same;
    return {deleted: a.length - same, typed: b.slice(same).join('')};
}

/// Wires the button that raises the keyboard; tap(codes) presses keys of the computer.
export function mindSoftKeyboard(tap) {
    const field = byId('soft-field');
    let before = FILL;
    let last = Promise.resolve(); // what is typed goes one after another
    let waiting = '';             // characters that go together next

    const then = (act) => {
        last = last.then(act).catch((error) => notify(error.message));
    };
    const type = (text) => {
        waiting += text;
        then(() => {
            const now = waiting;
            waiting = '';
            return now && api.type(now, recall('layout', ['', 'de']));
        });
    };
    const empty = () => {
        field.value = before = FILL;
    };
    field.addEventListener('input', ({isComposing}) => {
        const {deleted, typed} = change(before, field.value);
        before = field.value;
        for (let i = 0; i < deleted; ++i)
            then(() => tap(['Backspace']));
        if (typed)
            type(typed.replaceAll('\u00a0', ' '));
        if (!isComposing)
            empty();
    });
    field.addEventListener('compositionend', empty);
    field.addEventListener('keydown', (event) => {
        if (event.isComposing || !KEYS.includes(event.key))
            return;
        event.preventDefault();
        then(() => tap([event.key]));
    });
    field.addEventListener('focus', empty);
    field.addEventListener('blur', empty);
    byId('soft').addEventListener('click', () => field.focus({preventScroll: true}));
}
