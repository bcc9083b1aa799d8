// SPDX-License-Identifier: LGPL-2.1-or-later
// Keys that a browser or its system keeps to itself, as buttons.

import {byId, onClick} from './dom.js';

const CHORDS = [
    ['Alt + Tab', ['AltLeft', 'Tab']],
    ['Alt + F4', ['AltLeft', 'F4']],
    ['Windows / Meta', ['MetaLeft']],
    ['Print screen', ['PrintScreen']],
    ['Escape', ['Escape']],
    ['Ctrl + W', ['ControlLeft', 'KeyW']],
    ['Ctrl + Shift + Escape', ['ControlLeft', 'ShiftLeft', 'Escape']],
    ['Ctrl + Alt + Shift', ['ControlLeft', 'AltLeft', 'ShiftLeft']],
    ['Ctrl + Alt + F1', ['ControlLeft', 'AltLeft', 'F1']],
    ['Ctrl + Alt + F2', ['ControlLeft', 'AltLeft', 'F2']],
    ['Ctrl + Alt + Backspace', ['ControlLeft', 'AltLeft', 'Backspace']],
];

/// Wires the Ctrl-Alt-Del button and fills the menu beside it; tap(codes) presses keys together and
/// back() returns the keyboard to the computer.
export function mindChords(tap, back) {
    const press = (codes) => async (event) => {
        await tap(codes);
        if (event.detail > 0)
            back(); // by mouse: typing goes on; by keyboard: the focus stays on the button
    };
    onClick('ctrl-alt-del', press(['ControlLeft', 'AltLeft', 'Delete']));
    byId('keys').replaceChildren(...CHORDS.map(([label, codes]) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = label;
        button.addEventListener('click', press(codes));
        return button;
    }));
}
