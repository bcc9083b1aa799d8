// SPDX-License-Identifier: LGPL-2.1-or-later
// Keys that a browser or its system keeps to itself, as buttons, the shortcuts that people keep, and macros.
//
// Facts it sets  shortcuts: those that are kept on the device, as the daemon tells them

import * as api from '../api.js';
import {t} from '../i18n.js';
import {capOf, shortcutText} from './caps.js';
import {attempt, byId, loadPart, make, onClick} from './dom.js';

const CHORDS = [
    ['AltLeft', 'Tab'],
    ['AltLeft', 'F4'],
    ['MetaLeft'],
    ['PrintScreen'],
    ['Escape'],
    ['ControlLeft', 'KeyW'],
    ['ControlLeft', 'ShiftLeft', 'Escape'],
    ['ControlLeft', 'AltLeft', 'ShiftLeft'],
    ['ControlLeft', 'AltLeft', 'F1'],
    ['ControlLeft', 'AltLeft', 'F2'],
    ['ControlLeft', 'AltLeft', 'Backspace'],
];

/// Wires the Ctrl-Alt-Del button and fills the menu beside it, also with the shortcuts that are kept on the
/// device; back() returns the keyboard to the computer.
export function mindChords(store, keyboard, back) {
    const press = (codes) => async (event) => {
        await keyboard.tap(codes);
        if (event.detail > 0)
            back(); // by mouse: typing goes on; by keyboard: the focus stays on the button
    };
    onClick('ctrl-alt-del', press(['ControlLeft', 'AltLeft', 'Delete']));
    const button = (text, act) => {
        const made = make('button', {type: 'button', textContent: text});
        made.addEventListener('click', act);
        return made;
    };
    const learn = async () => {
        const shortcuts = await api.shortcuts();
        store.set({shortcuts});
        return shortcuts;
    };
    const macros = button('', () => attempt(async () => {
        const part = await loadPart(() => import('./macros.js'), 'machine');
        await part.open(store, keyboard, back);
    }));
    macros.id = 'macros-open';
    const edit = () => attempt(async () => {
        const part = await loadPart(() => import('./shortcuts.js'), 'machine');
        await part.open(learn);
    });
    store.on(['language', 'shortcuts', 'role'], ({shortcuts, role}) => {
        macros.textContent = t('macros.open');
        const kept = shortcuts.map(({keys}) => button(shortcutText(keys), press(keys.map(({code}) => code))));
        byId('keys').replaceChildren(
            ...CHORDS.map((codes) => button(codes.map(capOf).join(' + '), press(codes))), ...kept, macros,
            ...(role === 'admin' ? [button(t('shortcuts.open'), edit)] : []));
    });
    store.on(['session'], ({session}) => session === 'signed-in' && learn().catch(() => {}));
}
