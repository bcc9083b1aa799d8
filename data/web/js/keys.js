// SPDX-License-Identifier: LGPL-2.1-or-later
// Which USB usage a key of the browser's keyboard is; by its place (code), not by what it prints.
//
// Source  UI Events KeyboardEvent code Values; USB HID Usage Tables 1.12, pages 0x07 and 0x0c

/// code -> bit of the keyboard report's first byte.
export const MODIFIERS = new Map([
    ['ControlLeft', 0x01], ['ShiftLeft', 0x02], ['AltLeft', 0x04], ['MetaLeft', 0x08],
    ['ControlRight', 0x10], ['ShiftRight', 0x20], ['AltRight', 0x40], ['MetaRight', 0x80],
    ['OSLeft', 0x08], ['OSRight', 0x80],
]);

/// Codes that follow one another on the usage page, from a first usage on.
const RUNS = [
    [0x04, [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => `Key${letter}`)],
    [0x1e, [...'1234567890'].map((digit) => `Digit${digit}`)],
    [0x28, ['Enter', 'Escape', 'Backspace', 'Tab', 'Space', 'Minus', 'Equal', 'BracketLeft',
            'BracketRight', 'Backslash', 'IntlHash', 'Semicolon', 'Quote', 'Backquote', 'Comma',
            'Period', 'Slash', 'CapsLock']],
    [0x3a, Array.from({length: 12}, (_, i) => `F${i + 1}`)],
    [0x46, ['PrintScreen', 'ScrollLock', 'Pause', 'Insert', 'Home', 'PageUp', 'Delete', 'End',
            'PageDown', 'ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'NumLock',
            'NumpadDivide', 'NumpadMultiply', 'NumpadSubtract', 'NumpadAdd', 'NumpadEnter']],
    [0x59, [...'1234567890'].map((digit) => `Numpad${digit}`)],
    [0x63, ['NumpadDecimal', 'IntlBackslash', 'ContextMenu', 'Power', 'NumpadEqual']],
    [0x68, Array.from({length: 12}, (_, i) => `F${i + 13}`)],
    [0x74, ['Open', 'Help', 'Props', 'Select', 'Stop', 'Again', 'Undo', 'Cut', 'Copy', 'Paste',
            'Find', 'AudioVolumeMute', 'AudioVolumeUp', 'AudioVolumeDown']],
    [0x85, ['NumpadComma']],
    [0x87, ['IntlRo', 'KanaMode', 'IntlYen', 'Convert', 'NonConvert']],
    [0x90, ['Lang1', 'Lang2', 'Lang3', 'Lang4', 'Lang5']],
];

/// code -> usage of every key that is no modifier.
export const USAGES = new Map(
    RUNS.flatMap(([first, codes]) => codes.map((code, i) => [code, first + i])));

/// code -> usage of the consumer page, for the keys that are consumer keys where there are any.
export const CONSUMER_USAGES = new Map([
    ['MediaPlayPause', 0xcd], ['MediaStop', 0xb7], ['MediaTrackNext', 0xb5],
    ['MediaTrackPrevious', 0xb6], ['MediaSelect', 0x183], ['Eject', 0xb8],
    ['AudioVolumeMute', 0xe2], ['AudioVolumeUp', 0xe9], ['AudioVolumeDown', 0xea],
    ['LaunchMail', 0x18a], ['LaunchApp1', 0x194], ['LaunchApp2', 0x192],
    ['BrowserSearch', 0x221], ['BrowserHome', 0x223], ['BrowserBack', 0x224],
    ['BrowserForward', 0x225], ['BrowserStop', 0x226], ['BrowserRefresh', 0x227],
    ['BrowserFavorites', 0x22a],
]);
