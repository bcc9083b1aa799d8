// SPDX-License-Identifier: LGPL-2.1-or-later
// Macros: what is recorded, how it is played, and which files are macros.

import {test} from 'node:test';
import assert from 'node:assert/strict';
import {duration, fromText, play, Recorder, toText} from '../../data/web/js/macro.js';

/// A recorder that has seen these: [time, ...codes that are down].
function recorded(...seen) {
    const recorder = new Recorder();
    for (const [now, ...codes] of seen)
        recorder.take(codes, now);
    return recorder;
}

/// Has steps played without waiting: what the keyboard was told, and which waits there were.
async function played(steps, options = {}) {
    const told = [];
    const keyboard = {hold: (code) => told.push(`+${code}`), letGo: (code) => told.push(`-${code}`)};
    const waits = [];
    const stop = new AbortController();
    const wait = async (ms) => {
        waits.push(ms);
        if (waits.length === options.stopAfter)
            stop.abort();
    };
    const whole = await play(steps, keyboard, {signal: stop.signal, wait, ...options});
    return {told, waits, whole};
}

const AB = recorded([100, 'ShiftLeft'], [150, 'ShiftLeft', 'KeyA'], [230, 'ShiftLeft'], [300], [1300, 'KeyB'], [1350]);

test('Keys are recorded as they go down and up, with the time between', () => {
    assert.deepEqual(AB.steps, [
        {ms: 0, code: 'ShiftLeft', down: true}, {ms: 50, code: 'KeyA', down: true}, {ms: 80, code: 'KeyA', down: false},
        {ms: 70, code: 'ShiftLeft', down: false}, {ms: 1000, code: 'KeyB', down: true},
        {ms: 50, code: 'KeyB', down: false}]);
    assert.equal(duration(AB.steps), 1250);
});

test('What is still held at the end, and the chord that leaves the screen, is no part of it', () => {
    const half = recorded([0, 'KeyA'], [10], [20, 'KeyB']);
    assert.deepEqual(half.steps.map(({code}) => code), ['KeyA', 'KeyA']);
    const left = recorded([0, 'KeyA'], [10], [20, 'ControlLeft'], [30, 'ControlLeft', 'AltLeft'],
                          [40, 'ControlLeft', 'AltLeft', 'ShiftLeft'], [50]);
    left.left();
    assert.deepEqual(left.steps.map(({code}) => code), ['KeyA', 'KeyA']);
    left.left();
    assert.equal(left.steps.length, 2, 'once');
});

test('A macro is played with its timing, or at a steady pace', async () => {
    const {told, waits, whole} = await played(AB.steps);
    assert.deepEqual(told, ['+ShiftLeft', '+KeyA', '-KeyA', '-ShiftLeft', '+KeyB', '-KeyB']);
    assert.deepEqual(waits, [50, 80, 70, 1000, 50]);
    assert.equal(whole, true);
    const steady = await played(AB.steps, {steady: true});
    assert.equal(new Set(steady.waits).size, 1);
    assert.equal(duration(AB.steps, true), steady.waits.reduce((a, b) => a + b));
});

test('Stopped, it lets go of what it holds', async () => {
    const {told, whole} = await played(AB.steps, {stopAfter: 2});
    assert.deepEqual(told, ['+ShiftLeft', '+KeyA', '-ShiftLeft', '-KeyA']);
    assert.equal(whole, false);
});

test('A saved macro is the same when it is read again, and other files are none', () => {
    const macro = {name: 'boot menu', steps: AB.steps};
    assert.deepEqual(fromText(toText(macro)), macro);
    for (const bad of ['', '{}', '[]', 'null', toText({...macro, steps: []}), toText({...macro, name: 5}),
                       toText({...macro, steps: [{ms: -1, code: 'KeyA', down: true}]}),
                       toText({...macro, steps: [{ms: 1e9, code: 'KeyA', down: true}]}),
                       toText({...macro, steps: [{ms: 0, code: 'Nothing', down: true}]}),
                       toText({...macro, steps: [null]}), toText(macro).replace('pantograph', 'other')])
        assert.equal(fromText(bad), null, bad);
});
