// SPDX-License-Identifier: LGPL-2.1-or-later
// Fingers on the picture, as a mouse where they touch and as a trackpad; and a phone's own keyboard.

import {after, afterEach, before, beforeEach, mock, test} from 'node:test';
import assert from 'node:assert/strict';
import {Touch} from '../../data/web/js/touch.js';
import {change} from '../../data/web/js/ui/soft.js';
import {Daemon, until} from './daemon.mjs';
import {fact, openLive, over, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

let did;
let touch;
let now;

let frames = [];

/// Runs what waits for the next animation frame.
function frame() {
    for (const run of frames.splice(0))
        run();
}

beforeEach(() => {
    did = [];
    frames = [];
    globalThis.requestAnimationFrame = (run) => frames.push(run);
    globalThis.cancelAnimationFrame = () => { frames = []; };
    now = 1000;
    const tell = (name) => (...values) => did.push([name, ...values.map((value) => Math.round(value * 100) / 100)]
        .join(' '));
    touch = new Touch({at: tell('at'), by: tell('by'), press: tell('press'), wheel: tell('wheel'),
                       zoom: tell('zoom'), pan: tell('pan'), roomy: false});
});

const event = (pointerId, clientX, clientY) => ({pointerId, clientX, clientY, timeStamp: now});
const down = (finger, x, y) => touch.down(event(finger, x, y));
const move = (finger, x, y) => touch.move(event(finger, x, y));
const up = (finger, after = 50) => {
    now += after;
    touch.up(event(finger, 0, 0));
};

test('A tap clicks where it touches, and nothing is sent before it ends', () => {
    down(1, 50, 60);
    move(1, 53, 62);
    assert.deepEqual(did, []);
    up(1);
    assert.deepEqual(did, ['at 50 60', 'press 1', 'press 0']);
});

test('A drag presses where it began, goes along, and lets go', () => {
    down(1, 50, 60);
    move(1, 70, 60);
    move(1, 90, 80);
    up(1);
    assert.deepEqual(did, ['at 50 60', 'press 1', 'at 70 60', 'at 90 80', 'press 0']);
});

test('A long press is a right click, and what follows is nothing', (t) => {
    t.mock.timers.enable({apis: ['setTimeout']});
    down(1, 50, 60);
    t.mock.timers.tick(600);
    move(1, 90, 90);
    up(1);
    assert.deepEqual(did, ['at 50 60', 'press 2', 'press 0']);
});

test('Two fingers tap a right click, drag the wheel, and pinch the size', () => {
    down(1, 100, 100);
    down(2, 140, 100);
    up(1);
    up(2);
    assert.deepEqual(did.splice(0), ['at 120 100', 'press 2', 'press 0']);
    down(1, 100, 100);
    down(2, 140, 100);
    for (const y of [130, 165]) {
        move(1, 100, y);
        move(2, 140, y);
        frame();
    }
    up(1);
    up(2);
    assert.deepEqual(did.splice(0), ['wheel 1', 'wheel 1']);
    down(1, 100, 100);
    down(2, 200, 100);
    move(2, 300, 100);
    frame();
    up(1);
    up(2);
    assert.deepEqual(did, ['zoom 2 200 100', 'pan 50 0']);
});

test('Where the picture is larger than the stage two fingers move it, and three turn the wheel', () => {
    touch = new Touch({...Object.fromEntries(['at', 'by', 'press', 'wheel', 'zoom', 'pan'].map(
        (name) => [name, (...values) => did.push([name, ...values].join(' '))])), roomy: true});
    down(1, 100, 100);
    down(2, 140, 100);
    move(1, 100, 130);
    move(2, 140, 130);
    frame();
    assert.deepEqual(did.splice(0), ['pan 0 30']);
    down(3, 180, 130);
    move(1, 100, 190);
    move(2, 140, 190);
    frame();
    assert.deepEqual(did, ['wheel 2']);
});

test('A trackpad moves the pointer, clicks where it is, and drags after a tap', () => {
    touch.trackpad = true;
    down(1, 50, 60);
    move(1, 70, 60);
    move(1, 75, 61);
    up(1);
    assert.deepEqual(did.splice(0), ['by 20 0', 'by 5 1']);
    now += 1000;
    down(1, 50, 60);
    up(1);
    now += 100;
    down(1, 50, 60);
    move(1, 80, 60);
    up(1);
    assert.deepEqual(did, ['press 1', 'press 0', 'press 1', 'by 30 0', 'press 0']);
});

test('A touch that is taken away lets go', () => {
    down(1, 50, 60);
    move(1, 90, 60);
    touch.cancel();
    assert.equal(did.at(-1), 'press 0');
    move(1, 100, 60);
    assert.equal(did.at(-1), 'press 0');
});

test('What a phone’s keyboard made of a text becomes deletions and characters', () => {
    assert.deepEqual(change('ab', 'abc'), {deleted: 0, typed: 'c'});
    assert.deepEqual(change('hepl', 'help'), {deleted: 2, typed: 'lp'});
    assert.deepEqual(change('a😀', 'a'), {deleted: 1, typed: ''});
});

let daemon;
let browser;
let page;
let client;

before(async () => {
    daemon = await Daemon.start();
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(async () => {
    mock.timers.reset();
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

const PHONE = {viewport: {width: 412, height: 780}, hasTouch: true, isMobile: true, deviceScaleFactor: 2};

async function openPhone() {
    page = await openLive(browser, daemon, PHONE);
    client = await page.context().newCDPSession(page);
}

/// Fingers at these page positions now; as the browser gets them from a screen.
const fingers = (type, ...points) => client.send('Input.dispatchTouchEvent', {
    type, touchPoints: points.map(([x, y], id) => ({x, y, id}))});

async function tap(x, y) {
    await fingers('touchStart', [x, y]);
    await fingers('touchEnd');
}

/// The pixel the computer's pointer is at for a page position: its absolute mouse knows 0x7fff of them.
const pixel = (x, y) => page.evaluate(([clientX, clientY]) => {
    const {left, top, width, height} = pantograph.pictureBox();
    const at = (share, size) => Math.round(Math.floor(share * 0x7fff) * (size - 1) / 0x7ffe);
    return [at((clientX - left) / width, 1280), at((clientY - top) / height, 720)];
}, [x, y]);

async function expects(...points) {
    const screen = await ExpectedScreen.start();
    try {
        for (const point of points)
            screen.point(...point);
        await showsSoon(page, screen, REGION.pointer);
        await showsSoon(page, screen, REGION.held);
    } finally {
        await screen.stop();
    }
}

test('On a phone a tap lands on the pixel, and a drag goes to the pixel', async () => {
    await openPhone();
    const [x, y] = (await over(page, 640, 360)).map(Math.round);
    const from = await pixel(x, y);
    await tap(x, y);
    await expects([...from], [...from, 1], [...from, 0]);
    assert.equal(await fact(page, 'captured'), true);
    assert.deepEqual(await pixel(x, y), from, 'the picture has not moved under the finger');
    await fingers('touchStart', [x, y]);
    await fingers('touchMove', [x + 30, y + 10]);
    await fingers('touchMove', [x + 60, y + 20]);
    const to = await pixel(x + 60, y + 20);
    await expects([...from, 1], [...to, 1]);
    await fingers('touchEnd');
    await expects([...from, 1], [...to, 0]);
});

test('Two fingers apart make it larger, and a tap then still lands on the pixel', async () => {
    await openPhone();
    const [x, y] = (await over(page, 640, 360)).map(Math.round);
    const {width} = await page.evaluate(() => pantograph.pictureBox());
    await fingers('touchStart', [x - 30, y], [x + 30, y]);
    for (const apart of [50, 70, 90])
        await fingers('touchMove', [x - apart, y], [x + apart, y]);
    await fingers('touchEnd');
    await until(() => page.evaluate((before) => pantograph.pictureBox().width > 1.5 * before, width), 'it is larger');
    assert.equal(await fact(page, 'captured'), false, 'it is the page’s own doing');
    const at = await pixel(x + 40, y + 20);
    await tap(x + 40, y + 20);
    await expects([...at], [...at, 1], [...at, 0]);
    assert.equal(await page.evaluate(() => visualViewport.scale), 1, 'the page itself is not zoomed');
});

test('As a trackpad a finger anywhere moves the pointer by as much, and a tap clicks there', async () => {
    await openPhone();
    await page.click('summary[title="Mouse and view"]');
    await page.check('input[value="trackpad"]');
    await page.keyboard.press('Escape');
    const box = await page.locator('#stage').boundingBox();
    const [x, y] = [Math.round(box.x + 100), Math.round(box.y + 100)];
    const centre = await over(page, 639.5, 359.5);
    const at = await pixel(centre[0] + 40, centre[1] + 20);
    await fingers('touchStart', [x, y]);
    await fingers('touchMove', [x + 40, y + 20]);
    await fingers('touchEnd');
    await expects([...at]);
    await tap(x, y);
    await expects([...at], [...at, 1], [...at, 0]);
});

test('The phone’s keyboard types on the computer, word for word, and keeps nothing', async () => {
    await openPhone();
    await page.click('#soft');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'soft-field');
    await client.send('Input.imeSetComposition', {text: 'hepl', selectionStart: 4, selectionEnd: 4});
    await client.send('Input.imeSetComposition', {text: 'help', selectionStart: 4, selectionEnd: 4});
    await client.send('Input.insertText', {text: 'help'});
    await page.keyboard.insertText(' me!');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    const screen = await ExpectedScreen.start();
    screen.type('help me\n');
    await showsSoon(page, screen, REGION.text, 10_000);
    await screen.stop();
    assert.equal((await page.inputValue('#soft-field')).trim(), '');
    const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    assert.doesNotMatch(stored, /help/);
});
