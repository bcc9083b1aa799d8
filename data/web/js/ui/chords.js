// SPDX-License-Identifier: LGPL-2.1-or-later
// Keys that a browser or its system keeps to itself, as buttons.

import {capOf} from './caps.js';
import {byId, onClick} from './dom.js';

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

/// Wires the Ctrl-Alt-Del button and fills the menu beside it; tap(codes) presses keys together and
/// back() returns the keyboard to the computer.
export function mindChords(store, tap, back) {
    const press = (codes) => async (event) => {
        await tap(codes);
        if (event.detail > 0)
            back(); // by mouse: typing goes on; by keyboard: the focus stays on the button
    };
    onClick('ctrl-alt-del', press(['ControlLeft', 'AltLeft', 'Delete']));
    const buttons = CHORDS.map((codes) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.addEventListener('click', press(codes));
        return button;
    });
    byId('keys').replaceChildren(...buttons);
    store.on(['language'], () => buttons.forEach((button, i) => {
        button.textContent = CHORDS[i].map(capOf).join(' + ');
    }));
}
