// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture larger, moved and turned: the mouse still lands on the pixel that is under it.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {lay, movedBack, pictureRect, pointIn, positionOf, turned, turnedBack} from '../../data/web/js/geometry.js';
import {Daemon, until} from './daemon.mjs';
import {capture, fact, leave, openLive, over, startBrowser, WAYS} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

const PICTURE = {width: 1280, height: 720};
const FIT = {view: 'fit', zoom: 1, centre: {x: 0.5, y: 0.5}, turn: 0};
const near = (a, b) => Math.abs(a - b) < 1e-6;

test('A turn is taken back whole, for every way the picture can be turned', () => {
    for (const turn of [0, 90, 180, 270]) {
        const {x, y} = turnedBack(turned({x: 0.2, y: 0.7}, turn), turn);
        assert.ok(near(x, 0.2) && near(y, 0.7), `${turn}`);
    }
    assert.deepEqual(turned({x: 0, y: 0}, 90), {x: 1, y: 0}, 'clockwise: the first pixel is at the right');
});

test('The position over a point is where that point is found', () => {
    for (const turn of [0, 90, 180, 270]) {
        const rect = pictureRect({left: 7, top: 3, width: 901, height: 433}, 1366, 768, turn);
        const {clientX, clientY} = positionOf(rect, {x: 0.31, y: 0.87});
        const {x, y} = pointIn(rect, clientX, clientY);
        assert.ok(near(x, 0.31) && near(y, 0.87), `${turn}`);
    }
});

test('A movement to the right over a picture turned clockwise goes up in it', () => {
    const {x, y} = movedBack(10, 0, 90);
    assert.ok(near(x, 0) && near(y, -10), `${x} ${y}`);
});

test('Fit shows all of it, fill leaves no gap, 1:1 has a pixel for a pixel', () => {
    const stage = {width: 1000, height: 700};
    const size = (view, turn = 0, density = 1) => {
        const {width, height} = lay(stage, PICTURE, {...FIT, view, turn}, density);
        return [width, height].map((value) => Math.round(value * 10) / 10);
    };
    assert.deepEqual(size('fit'), [1000, 562.5]);
    assert.deepEqual(size('fit', 90), [393.8, 700]);
    assert.deepEqual(size('fill'), [1244.4, 700]);
    assert.deepEqual(size('actual'), [1280, 720]);
    assert.deepEqual(size('actual', 0, 2), [640, 360]);
});

test('However far it is moved, no gap opens beside a picture that is larger than the stage', () => {
    const stage = {width: 1000, height: 700};
    for (const [x, left] of [[-5, 0], [5, 1000 - 2000]]) {
        const place = lay(stage, PICTURE, {...FIT, zoom: 2, centre: {x, y: 0.5}}, 1);
        assert.equal(place.left, left);
        assert.equal(place.width, 2000);
    }
});

test('It grows to eight times what fits, and shrinks no further than to fit', () => {
    const stage = {width: 640, height: 360};
    assert.equal(lay(stage, PICTURE, {...FIT, zoom: 100}, 1).zoom, 8);
    assert.equal(lay(stage, PICTURE, {...FIT, zoom: 0.1}, 1).zoom, 1);
    assert.equal(lay(stage, PICTURE, {...FIT, view: 'actual', zoom: 0.1}, 1).zoom, 0.5);
});

let daemon;
let browser;
let page;

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

const box = () => page.evaluate(() => pantograph.pictureBox());
const stage = () => page.locator('#stage').boundingBox();

/// Presses over one pixel of the picture, moves to another, lets go there: the computer had the same.
async function dragLands(from, to) {
    const screen = await ExpectedScreen.start();
    try {
        await page.mouse.move(...await over(page, ...from));
        await page.mouse.down();
        await page.mouse.move(...await over(page, ...to), {steps: 5});
        screen.point(...from);
        screen.point(...from, 1);
        screen.point(...to, 1);
        await showsSoon(page, screen, REGION.pointer);
        await showsSoon(page, screen, REGION.held);
        await page.mouse.up();
        screen.point(...to);
        await showsSoon(page, screen, REGION.held);
    } finally {
        await screen.stop();
    }
}

const cases = [
    ['letterboxed at an odd size', {viewport: {width: 1111, height: 533}}, []],
    ['twice as large, and moved', {}, ['+', '+', '+', 'ArrowRight', 'ArrowDown']],
    ['turned by 90 degrees', {}, ['r']],
    ['turned by 270 degrees at an odd size, and larger', {viewport: {width: 901, height: 733}},
     ['r', 'r', 'r', '+', '+', 'ArrowLeft']],
    ['upside down, on a screen with 1.5 pixels for one', {deviceScaleFactor: 1.5}, ['r', 'r', '+']],
    ['turned, over the WebSocket', {init: WAYS.direct}, ['r', '+']],
];
for (const [what, options, keys] of cases) {
    test(`A drag lands on the pixel: ${what}`, async () => {
        page = await openLive(browser, daemon, options);
        for (const key of keys)
            await page.keyboard.press(key);
        await capture(page, 640, 360);
        await dragLands([600, 333], [701, 391]);
        await leave(page);
    });
}

test('Ctrl and the wheel make larger what is under the mouse, which stays where it is', async () => {
    page = await openLive(browser, daemon);
    const [x, y] = await over(page, 900, 200);
    const before = await box();
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    for (let i = 0; i < 4; ++i)
        await page.mouse.wheel(0, -120);
    await page.keyboard.up('Control');
    await until(async () => (await box()).width > 2 * before.width, 'it is larger');
    const [nowX, nowY] = await over(page, 900, 200);
    assert.ok(Math.hypot(nowX - x, nowY - y) < 3, `${nowX - x}, ${nowY - y}`);
    assert.equal(await fact(page, 'captured'), false);
    assert.match(await page.locator('#toast[role="status"]').textContent(), /^Size \d+(\.\d)?%$/);
});

test('Before it is captured a drag moves a large picture, and a click goes to the computer', async () => {
    page = await openLive(browser, daemon);
    for (let i = 0; i < 3; ++i)
        await page.keyboard.press('+');
    const before = await box();
    const [x, y] = await over(page, 640, 360);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 40, {steps: 4});
    await page.mouse.up();
    const moved = await box();
    assert.ok(near(moved.left - before.left, 60) && near(moved.top - before.top, 40), JSON.stringify(moved));
    assert.equal(await fact(page, 'captured'), false);
    const screen = await ExpectedScreen.start();
    await page.mouse.click(...await over(page, 620, 350));
    screen.click(620, 350);
    await showsSoon(page, screen, REGION.pointer);
    assert.equal(await fact(page, 'captured'), true);
    await screen.stop();
    await leave(page);
});

test('While it is captured, the mouse at the stage’s edge brings the rest into view, and is there', async () => {
    page = await openLive(browser, daemon);
    for (let i = 0; i < 4; ++i)
        await page.keyboard.press('+');
    await capture(page, 640, 360);
    const {x, y, width, height} = await stage();
    const at = [Math.round(x + width - 2), Math.round(y + height / 2)];
    await page.mouse.move(...at);
    const rest = async () => (await box()).left + (await box()).width - x - width;
    await until(async () => Math.abs(await rest()) < 1, 'the right edge is there');
    const {left, top, ...size} = await box();
    const [px, py] = [at[0] - left, at[1] - top];
    const screen = await ExpectedScreen.start();
    screen.click(640, 360);
    screen.point(Math.round(px / size.width * 1279), Math.round(py / size.height * 719));
    await showsSoon(page, screen, REGION.pointer);
    await screen.stop();
    await leave(page);
});

test('The menu’s buttons do the same, stay open, and the tab keeps it when it is loaded again', async () => {
    page = await openLive(browser, daemon);
    await page.click('summary[title="Mouse and view"]');
    await page.click('#zoom-in');
    await page.click('#zoom-turn');
    const {zoom} = await page.evaluate(() => pantograph.facts());
    assert.equal(zoom, 1.25);
    await page.reload();
    await until(() => fact(page, 'video').then((video) => video === 'playing'), 'it plays again');
    assert.deepEqual([await fact(page, 'zoom'), await fact(page, 'turn')], [1.25, 90]);
    await page.keyboard.press('0');
    assert.deepEqual([await fact(page, 'zoom'), await fact(page, 'turn')], [1, 0]);
    const [picture, around] = [await box(), await stage()];
    assert.ok(near(Math.min(around.width - picture.width, around.height - picture.height), 0));
});

test('Fill leaves no gap, whatever the window’s shape', async () => {
    page = await openLive(browser, daemon, {viewport: {width: 500, height: 900}});
    await page.click('summary[title="Mouse and view"]');
    await page.check('input[value="fill"]');
    await page.keyboard.press('Escape');
    const [picture, around] = [await box(), await stage()];
    assert.ok(picture.left <= around.x && picture.left + picture.width >= around.x + around.width);
    assert.ok(Math.abs(picture.height - around.height) < 0.01);
});
