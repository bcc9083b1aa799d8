// SPDX-License-Identifier: LGPL-2.1-or-later
// The console's pointer: from the browser's pointer events to reports, and where the picture is.

import {beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {WheelSteps, pictureRect, pointIn} from '../../data/web/js/geometry.js';
import {Pointer} from '../../data/web/js/pointer.js';

const RECT = {left: 100, top: 50, width: 1000, height: 500, turn: 0};
let frames = [];
let line;
let pointer;

/// Runs what waits for the next animation frame.
function frame() {
    for (const run of frames.splice(0))
        run();
}

beforeEach(() => {
    frames = [];
    globalThis.requestAnimationFrame = (run) => frames.push(run);
    globalThis.cancelAnimationFrame = () => { frames = []; };
    line = {sent: [], congested: false,
            send: (report) => line.sent.push(Buffer.from(report).toString('hex'))};
    pointer = new Pointer(line, () => RECT);
});

test('Moves within a frame become one report, the newest', () => {
    pointer.move({clientX: 200, clientY: 60});
    pointer.move({clientX: 600, clientY: 300});
    assert.deepEqual(line.sent, []);
    frame();
    assert.deepEqual(line.sent, ['02000040004000']);
});

test('A button is reported at once, after arriving where it is pressed', () => {
    pointer.button({clientX: 100, clientY: 50, buttons: 1});
    assert.deepEqual(line.sent, ['02000100010000', '02010100010000']);
});

test('A move that waits for its frame goes out before a button, and not again after it', () => {
    pointer.move({clientX: 1100, clientY: 550});
    pointer.button({clientX: 1100, clientY: 550, buttons: 2});
    frame();
    assert.deepEqual(line.sent, ['0200ff7fff7f00', '0202ff7fff7f00']);
});

test('Back and forward buttons have their bits', () => {
    pointer.button({clientX: 600, clientY: 300, buttons: 8 | 16});
    assert.equal(line.sent.at(-1), '02180040004000');
});

test('While the line is congested moves wait and only the newest is sent', () => {
    line.congested = true;
    pointer.move({clientX: 200, clientY: 60});
    frame();
    pointer.move({clientX: 600, clientY: 300});
    line.congested = false;
    frame();
    assert.deepEqual(line.sent, ['02000040004000']);
});

test('Release lets go of the buttons where the pointer is', () => {
    pointer.button({clientX: 600, clientY: 300, buttons: 1});
    pointer.release();
    assert.equal(line.sent.at(-1), '02000040004000');
    assert.equal(pointer.held, false);
});

test('Relative movement adds up within a frame and splits where a byte ends', () => {
    pointer.relative = true;
    pointer.move({movementX: 100, movementY: -3});
    pointer.move({movementX: 100, movementY: 0});
    frame();
    assert.deepEqual(line.sent, ['02007ffd00', '0200490000']);
});

test('A wheel notch is one step, at once', () => {
    pointer.turn({clientX: 600, clientY: 300, deltaY: 100, deltaMode: 0, wheelDeltaY: -120});
    assert.deepEqual(line.sent, ['020000400040ff']);
});

test('A fine wheel adds up to steps and starts anew when it turns round', () => {
    const wheel = new WheelSteps();
    const turn = (deltaY) => wheel.add({deltaY, deltaMode: 0});
    assert.deepEqual([60, 60, 60, -60, -60].map((by) => turn(by) + 0), [0, -1, 0, 0, 1]);
});

test('A notch is one step whatever the page’s zoom makes of its pixels', () => {
    const wheel = new WheelSteps();
    assert.equal(wheel.add({deltaY: 53.3, deltaMode: 0, wheelDeltaY: -120}), -1);
    assert.equal(wheel.add({deltaY: -3, deltaMode: 1}), 1);
});

test('A wide picture is centred between bars above and below', () => {
    assert.deepEqual(pictureRect({left: 10, top: 20, width: 800, height: 600}, 1280, 720),
                     {left: 10, top: 95, width: 800, height: 450, turn: 0});
});

test('A narrow picture is centred between bars left and right', () => {
    assert.deepEqual(pictureRect({left: 0, top: 0, width: 1000, height: 600}, 800, 600),
                     {left: 100, top: 0, width: 800, height: 600, turn: 0});
});

test('There is no rectangle before the picture’s size is known', () => {
    assert.equal(pictureRect({left: 0, top: 0, width: 1000, height: 600}, 0, 0), null);
});

test('Beside the picture the nearest point of its edge counts', () => {
    assert.deepEqual(pointIn(RECT, 0, 9999), {x: 0, y: 1});
    assert.deepEqual(pointIn(RECT, 600, 300), {x: 0.5, y: 0.5});
});
