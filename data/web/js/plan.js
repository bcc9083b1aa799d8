// SPDX-License-Identifier: LGPL-2.1-or-later
// Plan: where the keys of a drawn keyboard lie, in units of one key's width, by their places (codes).
//
// A row is a line of codes, "Tab:1.5" one of another width, "_:0.5" a gap, "Enter:1.25x2" one that is two
// rows high. A board with IntlHash is of the European form, where Enter is high and Shift short.

const LETTERS = ['KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft',
                 'KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote',
                 'KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash'];
const DIGITS = 'Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal';
const BOTTOM = 'ControlLeft:1.25 MetaLeft:1.25 AltLeft:1.25 Space:6.25 AltRight:1.25 MetaRight:1.25 '
    + 'ContextMenu:1.25 ControlRight:1.25';

const AMERICAN = [
    `Backquote ${DIGITS} Backspace:2`,
    `Tab:1.5 ${LETTERS[0]} BracketRight Backslash:1.5`,
    `CapsLock:1.75 ${LETTERS[1]} Enter:2.25`,
    `ShiftLeft:2.25 ${LETTERS[2]} ShiftRight:2.75`,
    BOTTOM,
];
const EUROPEAN = [
    `Backquote ${DIGITS} Backspace:2`,
    `Tab:1.5 ${LETTERS[0]} BracketRight:1.25 Enter:1.25x2`,
    `CapsLock:1.75 ${LETTERS[1]} IntlHash`,
    `ShiftLeft:1.25 IntlBackslash ${LETTERS[2]} ShiftRight:2.75`,
    BOTTOM,
];

/// Twelve keys wide, for a telephone held upright.
const narrow = (hash, more) => [
    DIGITS,
    `${LETTERS[0]} BracketRight`,
    `${LETTERS[1]} ${hash}`,
    `ShiftLeft:2 ${LETTERS[2]}`,
    `Backquote ${more}Tab:1.5 CapsLock:${more ? '1.5' : '2.5'} Space:2.25 Backspace:2.5 Enter:2.25`,
    'ControlLeft:1.5 MetaLeft:1.5 AltLeft:1.5 AltRight:1.5 MetaRight:1.5 ContextMenu:1.5 ControlRight:1.5 '
        + 'ShiftRight:1.5',
];

const FUNCTIONS = 'Escape _:1 F1 F2 F3 F4 _:0.5 F5 F6 F7 F8 _:0.5 F9 F10 F11 F12';
const NAVIGATION = ['Insert Home PageUp', 'Delete End PageDown', '', '_ ArrowUp',
                    'ArrowLeft ArrowDown ArrowRight'];
const SYSTEM = 'PrintScreen ScrollLock Pause';
const NUMBERS = ['NumLock NumpadDivide NumpadMultiply NumpadSubtract',
                 'Numpad7 Numpad8 Numpad9 NumpadAdd:1x2', 'Numpad4 Numpad5 Numpad6',
                 'Numpad1 Numpad2 Numpad3 NumpadEnter:1x2', 'Numpad0:2 NumpadDecimal'];
const VOLUME = 'AudioVolumeMute AudioVolumeDown AudioVolumeUp';
const MEDIA = ['AudioVolumeMute AudioVolumeDown', 'AudioVolumeUp MediaPlayPause', 'MediaStop MediaTrackPrevious',
               'MediaTrackNext BrowserHome', 'BrowserBack BrowserSearch', 'LaunchMail LaunchApp2'];

/// The parts a keyboard has; where there is no room for all, people choose one.
export const PARTS = ['letters', 'functions', 'numbers', 'media'];

/// The blocks of a board, from left to right: [{rows, top}], top being the row it begins in.
///
/// codes are those that the layout gives a character, consumer says whether the computer has consumer
/// keys, form is "wide" (all blocks side by side), "middle" or "narrow" (those of one part).
export function blocks({codes, consumer, form, part}) {
    const european = codes.includes('IntlHash');
    const media = {rows: consumer ? MEDIA : [VOLUME], top: 0};
    if (form === 'wide') {
        return [
            {rows: [FUNCTIONS, ...(european ? EUROPEAN : AMERICAN)], top: 0},
            {rows: [SYSTEM, ...NAVIGATION], top: 0},
            {rows: [consumer ? '' : VOLUME, ...NUMBERS], top: 0},
            ...(consumer ? [media] : []),
        ];
    }
    const letters = form === 'middle' ? (european ? EUROPEAN : AMERICAN)
        : european ? narrow('IntlHash', 'IntlBackslash ') : narrow('Backslash', '');
    const functions = ['Escape F1 F2 F3 F4 F5 F6', '_:1 F7 F8 F9 F10 F11 F12'];
    return {
        letters: [{rows: letters, top: 0}],
        functions: [{rows: functions, top: 0},
                    {rows: [SYSTEM, ...NAVIGATION.filter(Boolean)], top: 2}],
        numbers: [{rows: NUMBERS, top: 0}],
        media: [media],
    }[part];
}

/// The keys of a row's text from a column on: [{code, x, y, width, height}], and the column after it.
function row(text, x, y) {
    const keys = [];
    for (const word of text.split(' ').filter(Boolean)) {
        const [code, size = '1'] = word.split(':');
        const [width, height = 1] = size.split('x').map(Number);
        if (code !== '_')
            keys.push({code, x, y, width, height});
        x += width;
    }
    return {keys, end: x};
}

const GAP = 0.25; // between blocks

/// All keys of blocks side by side, or with stack one under the other, and how wide and high they are
/// together: {keys, width, height}.
export function place(all, stack = false) {
    const placed = {keys: [], width: 0, height: 0};
    let left = 0;
    for (const {rows, top} of all) {
        let right = left;
        rows.forEach((text, i) => {
            const {keys, end} = row(text, left, top + i);
            placed.keys.push(...keys);
            right = Math.max(right, end);
        });
        placed.width = Math.max(placed.width, right);
        placed.height = Math.max(placed.height, top + rows.length);
        left = stack ? 0 : right + GAP;
    }
    return placed;
}

/// The key that lies next to another in a direction, [1, 0] being right; itself at the edge.
export function neighbour(keys, from, [dx, dy]) {
    const middle = ({x, y, width, height}) => [x + width / 2, y + height / 2];
    const [atX, atY] = middle(from);
    let best = from;
    let least = Infinity;
    for (const key of keys) {
        const [x, y] = middle(key);
        const along = (x - atX) * dx + (y - atY) * dy;
        const across = Math.abs((x - atX) * dy) + Math.abs((y - atY) * dx);
        const beside = dx ? key.y < from.y + from.height && from.y < key.y + key.height : along > 0.4;
        const cost = along + 3 * across;
        if (key !== from && beside && along > 0.1 && cost < least)
            [best, least] = [key, cost];
    }
    return best;
}
