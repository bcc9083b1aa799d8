// SPDX-License-Identifier: LGPL-2.1-or-later
// Caps: what stands on a key, and what it is called when it is spoken of.

import {t} from '../i18n.js';

/// Keys with a text of their own; the others bear the end of their code.
const TEXTS = {
    AltLeft: 'key.alt', AltRight: 'key.alt-gr', ArrowDown: 'key.down', ArrowLeft: 'key.left',
    ArrowRight: 'key.right', ArrowUp: 'key.up', AudioVolumeDown: 'key.volume-down',
    AudioVolumeMute: 'key.mute', AudioVolumeUp: 'key.volume-up', Backspace: 'key.backspace',
    BrowserBack: 'key.web-back', BrowserHome: 'key.web-home', BrowserSearch: 'key.search',
    CapsLock: 'key.caps', ContextMenu: 'key.menu', ControlLeft: 'key.ctrl', ControlRight: 'key.ctrl',
    Delete: 'key.delete', End: 'key.end', Enter: 'key.enter', Escape: 'key.escape', Home: 'key.home',
    Insert: 'key.insert', LaunchApp2: 'key.calculator', LaunchMail: 'key.mail',
    MediaPlayPause: 'key.play', MediaStop: 'key.stop', MediaTrackNext: 'key.next',
    MediaTrackPrevious: 'key.previous', MetaLeft: 'key.meta', MetaRight: 'key.meta', NumLock: 'key.num',
    NumpadEnter: 'key.enter', PageDown: 'key.page-down', PageUp: 'key.page-up', Pause: 'key.pause',
    PrintScreen: 'key.print', ScrollLock: 'key.scroll', ShiftLeft: 'key.shift', ShiftRight: 'key.shift',
    Space: 'key.space', Tab: 'key.tab',
};

/// What a US keyboard has on the keys whose code does not tell.
const SIGNS = {
    Backquote: '`', Backslash: '\\', BracketLeft: '[', BracketRight: ']', Comma: ',', Equal: '=',
    IntlBackslash: '<', IntlHash: '#', Minus: '-', NumpadAdd: '+', NumpadDecimal: '.',
    NumpadDivide: '/', NumpadMultiply: '*', NumpadSubtract: '-', Period: '.', Quote: '\'',
    Semicolon: ';', Slash: '/',
};

/// Whether a key bears a word and types no sign.
export const isNamed = (code) => code in TEXTS;

/// What stands on a key where nothing is known of the computer's layout.
export const capOf = (code) => (isNamed(code) ? t(TEXTS[code])
    : SIGNS[code] ?? code.replace(/^(Key|Digit|Numpad)/, ''));

/// What stands on dead keys, which the daemon tells as the combining marks that they add.
const DEAD = {'\u0300': '`', '\u0301': '´', '\u0302': '^', '\u0303': '~', '\u0308': '¨', '\u030a': '°',
              '\u030c': 'ˇ', '\u0327': '¸'};

/// A sign as a cap shows it.
export const signText = (sign) => DEAD[sign] ?? (/\p{M}/u.test(sign) ? `◌${sign}` : sign);

/// The words of narrow caps.
const SHORT = {Escape: 'board.esc', MetaLeft: 'board.win', MetaRight: 'board.win'};
export const shortCap = (code) => (code in SHORT ? t(SHORT[code]) : capOf(code));

/// The same for those who hear it: the two Ctrl keys are told apart, and the keys of the pad.
export function spokenCap(code, cap) {
    if (code.startsWith('Numpad'))
        return t('board.pad', {key: cap});
    if (/^(Control|Shift|Meta)Left$/.test(code))
        return t('board.left', {key: cap});
    if (/^(Control|Shift|Meta)Right$/.test(code))
        return t('board.right', {key: cap});
    return cap;
}

/// A shortcut in words; keys are as the daemon keeps them, and are called what they are called in this language.
export const shortcutText = (keys) => keys.map(
    ({code, label}) => (isNamed(code) ? capOf(code) : label || capOf(code))).join(' + ');
