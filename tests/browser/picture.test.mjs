// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture in the console: decoded, and equal to the virtual computer's screen.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {capture, fact, leave, openLive, over, startBrowser, type} from './page.mjs';
import {ExpectedScreen, REGION, difference, showsSoon} from './screen.mjs';

let daemon;
let browser;
let screen;
let page;

before(async () => {
    [daemon, browser, screen] = await Promise.all(
        [Daemon.start(), startBrowser(), ExpectedScreen.start()]);
    page = await openLive(browser, daemon);
});
after(async () => {
    await browser?.close();
    await screen?.stop();
    await daemon?.remove();
});
afterEach(() => assert.deepEqual(page.problems, []));

test('WebRTC connects and frames decode', async () => {
    assert.equal(await fact(page, 'transport'), 'webrtc');
    const decoded = () => page.evaluate(() => pantograph.video.getVideoPlaybackQuality()
        .totalVideoFrames);
    const first = await decoded();
    await until(async () => await decoded() >= first + 10, 'ten more frames');
    assert.deepEqual(await page.evaluate(() => [pantograph.video.videoWidth,
                                                pantograph.video.videoHeight]), [1280, 720]);
});

test('The decoded picture is the computer’s screen', async () => {
    const {mean} = await showsSoon(page, screen, REGION.whole);
    assert.ok(mean < 4, `mean difference ${mean}`);
});

test('Input goes over the data channel', async () => {
    await until(() => page.evaluate(() => pantograph.input() === 'data channel'), 'it is open');
});

test('Typing a sentence changes the picture as the computer’s own screen says it must', async () => {
    const sentence = "Hello, World! It's 100% KVM, isn't it?";
    screen.type(sentence);
    const before = await difference(page, await screen.picture(), REGION.text);
    assert.ok(before.worst > 40, `before typing the worst block differs by ${before.worst} only`);
    await capture(page);
    await type(page, sentence);
    await showsSoon(page, screen, REGION.text);
    await leave(page);
});

test('A pasted text is typed, with the layout that was chosen', async () => {
    await page.click('#paste');
    await page.fill('#paste-text', '\nfirst line\nzy');
    await page.selectOption('#paste-layout', 'de');
    await page.click('#paste-box .primary');
    await page.locator('#paste-box').waitFor({state: 'hidden'});
    screen.type('\nfirst line\nyz'); // the computer has a US keyboard, where y and z are swapped
    await showsSoon(page, screen, REGION.text);
    assert.equal(await page.inputValue('#paste-text'), '');
});

test('Picture figures are counted', async () => {
    await capture(page, 640, 360);
    screen.click(640, 360);
    let step = 0;
    const figures = await until(async () => { // of a screen on which the pointer moves all the time
        await page.mouse.move(...await over(page, 600 + 10 * (++step % 8), 300));
        const read = await page.evaluate(() => pantograph.stats());
        return read.fps > 5 && read.glassMs !== null && read;
    }, 'there are figures');
    await leave(page);
    assert.ok(figures.fps < 70, `fps ${figures.fps}`);
    assert.ok(figures.kbps > 1, `kbps ${figures.kbps}`);
    assert.ok(figures.rttMs > 0 && figures.rttMs < 1000, `rtt ${figures.rttMs}`);
    assert.equal(figures.lost, 0);
    assert.ok(figures.glassMs > 1 && figures.glassMs < 1000, `capture to display ${figures.glassMs}`);
    const offset = await page.evaluate(() => pantograph.clockOffset());
    assert.ok(Math.abs(offset) < 100, `the clocks are one, yet the offset is ${offset}`);
});

for (const [x, y] of [[40, 600], [1239, 20], [700, 350]]) {
    test(`The pointer follows to ${x},${y}`, async () => {
        await capture(page, 640, 360);
        await page.mouse.move(...await over(page, x, y));
        screen.click(640, 360);
        screen.point(x, y);
        await showsSoon(page, screen, {x: Math.max(0, x - 40) & ~1, y: Math.max(0, y - 20) & ~1,
                                       width: 80, height: 40});
        await leave(page);
    });
}

test('The pointer is exact when the picture has bars beside it and when it is 1:1', async () => {
    await page.setViewportSize({width: 700, height: 860});
    await capture(page, 640, 360);
    await page.mouse.move(...await over(page, 200, 500));
    screen.click(640, 360);
    screen.point(200, 500);
    await showsSoon(page, screen, REGION.pointer);
    await page.setViewportSize({width: 1280, height: 860});
    await leave(page);
    await page.evaluate(() => document.querySelector('input[name="view"][value="actual"]').click());
    await capture(page, 640, 360);
    await page.mouse.move(...await over(page, 300, 400));
    screen.point(300, 400);
    await showsSoon(page, screen, REGION.pointer);
    const box = await page.evaluate(() => pantograph.pictureBox());
    assert.deepEqual([box.width, box.height], [1280, 720]);
    await leave(page);
    await page.evaluate(() => document.querySelector('input[name="view"][value="fit"]').click());
});

test('Buttons and the wheel arrive', async () => {
    await capture(page, 640, 360);
    await page.mouse.move(...await over(page, 500, 500));
    await page.mouse.wheel(0, 120);
    await page.mouse.down({button: 'right'});
    screen.click(640, 360);
    screen.point(500, 500);
    screen.point(500, 500, 0, -1);
    screen.point(500, 500, 2);
    await showsSoon(page, screen, REGION.pointer);
    await showsSoon(page, screen, REGION.held);
    await page.mouse.up({button: 'right'});
    screen.point(500, 500);
    await showsSoon(page, screen, REGION.held);
    await leave(page);
});

test('Caps Lock’s light comes back', async () => {
    await capture(page);
    await page.keyboard.press('CapsLock');
    await page.locator('[data-led="caps"][data-on]').waitFor();
    await page.keyboard.press('CapsLock');
    await page.locator('[data-led="caps"]:not([data-on])').waitFor();
    await leave(page);
});
