// SPDX-License-Identifier: LGPL-2.1-or-later
// The console's keyboard: from the browser's key events to reports.

import {test} from 'node:test';
import assert from 'node:assert/strict';
import {Keyboard} from '../../data/web/js/keyboard.js';
import {CONSUMER_USAGES, MODIFIERS, USAGES} from '../../data/web/js/keys.js';

const UP = '010000000000000000';

/// A keyboard whose reports pile up in sent, as hex.
function keyboard(options) {
    const sent = [];
    const board = new Keyboard((report) => sent.push(Buffer.from(report).toString('hex')), options);
    return {board, sent};
}

/// A key event; flags name the modifiers it carries.
function event(code, flags = [], more = {}) {
    return {code, key: '', repeat: false, timeStamp: 0,
            getModifierState: (flag) => flags.includes(flag), ...more};
}

test('A key goes down and up as two reports', () => {
    const {board, sent} = keyboard();
    board.down(event('KeyA'));
    board.up(event('KeyA'));
    assert.deepEqual(sent, ['010000040000000000', UP]);
});

test('Every change sends the whole state', () => {
    const {board, sent} = keyboard();
    board.down(event('ShiftLeft', ['Shift']));
    board.down(event('KeyA', ['Shift']));
    board.down(event('KeyB', ['Shift']));
    board.up(event('KeyA', ['Shift']));
    assert.deepEqual(sent, ['010200000000000000', '010200040000000000', '010200040500000000',
                            '010200050000000000']);
});

test('A seventh key waits until one of six is let go', () => {
    const {board, sent} = keyboard();
    for (const letter of 'ABCDEFG')
        board.down(event(`Key${letter}`));
    assert.equal(sent.at(-1), '010000040506070809');
    board.up(event('KeyA'));
    assert.equal(sent.at(-1), '01000005060708090a');
});

test('What the browser repeats is not sent again', () => {
    const {board, sent} = keyboard();
    board.down(event('KeyA'));
    board.down(event('KeyA', [], {repeat: true}));
    assert.equal(sent.length, 1);
});

test('A Shift whose release was lost is let go with the next key', () => {
    const {board, sent} = keyboard();
    board.down(event('ShiftLeft', ['Shift']));
    board.down(event('KeyA'));
    assert.equal(sent.at(-1), '010000040000000000');
});

test('AltGr on Windows is not a Ctrl and an Alt', () => {
    const {board, sent} = keyboard();
    board.down(event('ControlLeft', ['Control'], {timeStamp: 100}));
    board.down(event('AltRight', ['Control', 'AltGraph'], {key: 'AltGraph', timeStamp: 101}));
    board.down(event('KeyQ', ['AltGraph']));
    assert.equal(sent.at(-1), '014000140000000000');
});

test('A Ctrl held long before AltGr stays down', () => {
    const {board, sent} = keyboard();
    board.down(event('ControlLeft', ['Control'], {timeStamp: 100}));
    board.down(event('AltRight', ['Control', 'AltGraph'], {key: 'AltGraph', timeStamp: 900}));
    assert.equal(sent.at(-1), '014100000000000000');
});

test('On a Mac, letting go of Meta lets go of the keys whose release it swallows', () => {
    const {board, sent} = keyboard({mac: true});
    board.down(event('MetaLeft', ['Meta']));
    board.down(event('KeyC', ['Meta']));
    board.up(event('MetaLeft'));
    assert.equal(sent.at(-1), UP);
});

test('Release lets go of everything, once', () => {
    const {board, sent} = keyboard();
    board.down(event('KeyA'));
    board.release();
    board.release();
    assert.deepEqual(sent.slice(1), [UP]);
    assert.equal(board.size, 0);
});

test('A tapped chord is pressed together and let go', async () => {
    const {board, sent} = keyboard();
    await board.tap(['ControlLeft', 'AltLeft', 'Delete']);
    assert.deepEqual(sent, ['0105004c0000000000', UP]);
});

test('A key that is no USB key is not taken', () => {
    const {board, sent} = keyboard();
    assert.equal(board.down(event('')), false);
    assert.equal(sent.length, 0);
});

test('A consumer key is one where the computer has them, and the last that is held counts', () => {
    const {board, sent} = keyboard();
    board.consumer = true;
    board.down(event('MediaPlayPause'));
    board.down(event('MediaPlayPause', [], {repeat: true}));
    board.down(event('BrowserHome'));
    assert.equal(board.size, 2);
    board.up(event('BrowserHome'));
    board.up(event('MediaPlayPause'));
    assert.deepEqual(sent, ['03cd00', '032302', '03cd00', '030000']);
    assert.equal(board.size, 0);
});

test('Release lets go of consumer keys, too', () => {
    const {board, sent} = keyboard();
    board.consumer = true;
    board.down(event('AudioVolumeUp'));
    board.release();
    board.release();
    assert.deepEqual(sent, ['03e900', '030000']);
});

test('Without consumer keys the volume keys are the keyboard’s, and others are not taken', () => {
    const {board, sent} = keyboard();
    board.down(event('AudioVolumeUp'));
    assert.equal(sent.at(-1), '010000800000000000');
    assert.equal(board.down(event('MediaPlayPause')), false);
    assert.equal(sent.length, 1);
});

test('What is held on the screen is not let go by events of the keyboard, but by release', () => {
    const {board, sent} = keyboard();
    board.hold('ShiftLeft');
    board.down(event('KeyA'));
    board.up(event('KeyA'));
    board.up(event('ShiftLeft'));
    assert.deepEqual(sent, ['010200000000000000', '010200040000000000', '010200000000000000']);
    board.release();
    assert.equal(sent.at(-1), UP);
    board.letGo('ShiftLeft');
    assert.equal(sent.length, 4, 'nothing is left to let go');
});

test('A key held on the screen goes down and up, a consumer key too', () => {
    const {board, sent} = keyboard();
    board.hold('MediaPlayPause');
    assert.equal(sent.length, 0, 'the computer has none');
    board.consumer = true;
    board.hold('MediaPlayPause');
    board.hold('F9');
    assert.deepEqual(board.codes, ['F9', 'MediaPlayPause']);
    board.letGo('MediaPlayPause');
    board.letGo('F9');
    assert.deepEqual(sent, ['03cd00', '010000420000000000', '030000', UP]);
});

test('Whoever watches is told of every change, and what is down then', () => {
    const {board} = keyboard();
    const seen = [];
    board.watch(() => seen.push(board.codes.join(' ')));
    board.down(event('KeyA'));
    board.hold('AltLeft');
    board.release();
    board.release();
    assert.deepEqual(seen, ['KeyA', 'KeyA AltLeft', '']);
});

test('A Mac’s Command stands for Ctrl, and Ctrl for Windows, when that is chosen', () => {
    const {board, sent} = keyboard({mac: true});
    board.setModifiers('command');
    board.down(event('MetaLeft', ['Meta']));
    board.down(event('KeyC', ['Meta']));
    assert.equal(sent.at(-1), '010100060000000000');
    assert.deepEqual(board.codes, ['ControlLeft', 'KeyC']);
    board.up(event('MetaLeft'));
    assert.equal(sent.at(-1), UP, 'what the Mac swallows is let go all the same');
    board.down(event('ControlRight', ['Control']));
    assert.equal(sent.at(-1), '018000000000000000');
});

test('Alt and Windows change places when that is chosen, but not on the screen or in a chord', async () => {
    const {board, sent} = keyboard();
    board.setModifiers('option');
    board.down(event('AltLeft', ['Alt']));
    assert.equal(sent.at(-1), '010800000000000000');
    board.setModifiers('plain');
    assert.equal(sent.at(-1), UP, 'another choice lets go');
    board.setModifiers('option');
    board.hold('AltLeft');
    assert.equal(sent.at(-1), '010400000000000000');
    board.letGo('AltLeft');
    const chord = board.tap(['AltLeft', 'F4']);
    assert.equal(sent.at(-1), '0104003d0000000000');
    await chord;
    assert.equal(sent.at(-1), UP);
});

test('Keys of a composition go by their place, each once', () => {
    const {board, sent} = keyboard();
    const composed = {key: 'Process', isComposing: true, keyCode: 229};
    board.down(event('KeyN', [], composed));
    board.up(event('KeyN', [], composed));
    board.down(event('BracketLeft', [], {key: 'Dead'}));
    board.up(event('BracketLeft', [], {key: 'Dead'}));
    board.down(event('', [], {key: 'Unidentified', keyCode: 229}));
    assert.deepEqual(sent, ['010000110000000000', UP, '0100002f0000000000', UP]);
});

test('Places and usages are those of the usage tables', () => {
    const known = {KeyA: 0x04, KeyZ: 0x1d, Digit1: 0x1e, Digit0: 0x27, Enter: 0x28, Slash: 0x38,
                   CapsLock: 0x39, F1: 0x3a, F12: 0x45, Delete: 0x4c, ArrowUp: 0x52, NumLock: 0x53,
                   NumpadEnter: 0x58, Numpad1: 0x59, Numpad0: 0x62, NumpadDecimal: 0x63,
                   IntlBackslash: 0x64, ContextMenu: 0x65, F13: 0x68, F24: 0x73, Help: 0x75,
                   Find: 0x7e, AudioVolumeMute: 0x7f, NumpadComma: 0x85, IntlRo: 0x87,
                   NonConvert: 0x8b, Lang1: 0x90, Lang5: 0x94};
    for (const [code, usage] of Object.entries(known))
        assert.equal(USAGES.get(code), usage, code);
    assert.equal(new Set(USAGES.values()).size, USAGES.size);
    assert.equal(MODIFIERS.get('AltRight'), 0x40);
    assert.equal(new Set(CONSUMER_USAGES.values()).size, CONSUMER_USAGES.size);
    for (const usage of CONSUMER_USAGES.values())
        assert.ok(usage >= 1 && usage <= 0x3ff);
});
