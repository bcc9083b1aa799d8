// SPDX-License-Identifier: LGPL-2.1-or-later
// Keys and mouse: when they belong to the computer, and that nothing stays pressed.

import {after, afterEach, before, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {Parts} from '../../data/web/js/mjpeg.js';
import {Daemon, until} from './daemon.mjs';
import {capture, fact, leave, openLive, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, shows, showsSoon} from './screen.mjs';

const FRAME_MS = 60; // until a change is in a picture and that picture is here

let daemon;
let browser;
let page;
let watcher; // another window, which only looks
let idle;    // the screen with nothing held, as PNG

/// The screen with these keys held, as PNG.
async function holding(...usages) {
    const screen = await ExpectedScreen.start();
    if (usages.length) {
        const report = [0, 0, ...usages, 0, 0, 0, 0, 0, 0].slice(0, 8);
        screen.tell(Buffer.from(report).toString('hex'));
    }
    const png = await screen.picture();
    await screen.stop();
    return png;
}

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
    watcher = await openLive(browser, daemon);
    idle = await holding();
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
beforeEach(async () => {
    page = await openLive(browser, daemon);
});
afterEach(async () => {
    assert.deepEqual(page.problems, []);
    await page.context().close();
    await until(() => shows(watcher, idle, REGION.held), 'nothing is held when the page is gone');
});

/// Holds F9 (which types nothing) on the page and waits until another window sees it.
async function holdKey() {
    await capture(page);
    await page.keyboard.down('F9');
    const held = await holding(0x42);
    await until(() => shows(watcher, held, REGION.held), 'the key is seen held');
}

/// Time until the other window sees that nothing is held any more.
async function released(since) {
    await until(() => shows(watcher, idle, REGION.held), 'the key is let go', 3000);
    return Date.now() - since;
}

/// Process ids of the browser's renderers.
async function renderers() {
    const client = await browser.newBrowserCDPSession();
    const {processInfo} = await client.send('SystemInfo.getProcessInfo');
    await client.detach();
    return processInfo.filter(({type}) => type === 'renderer').map(({id}) => id);
}

/// The daemon's own pictures, without a browser in between: one screen is always the same JPEG.
async function watchPictures() {
    const [cookie] = await watcher.context().cookies();
    const stop = new AbortController();
    const {body} = await daemon.get('/api/stream/mjpeg', {
        headers: {Cookie: `${cookie.name}=${cookie.value}`}, signal: stop.signal});
    const pictures = {newest: null, stop: () => stop.abort()};
    (async () => {
        const parts = new Parts();
        for await (const chunk of body)
            pictures.newest = parts.push(chunk).at(-1)?.bytes ?? pictures.newest;
    })().catch(() => {}); // that is how stop() ends it
    return pictures;
}

test('A click captures, and the chord gives keys and mouse back', async () => {
    await capture(page);
    assert.equal(await fact(page, 'captured'), true);
    assert.match(await page.locator('#grip').textContent(), /Ctrl.*Alt.*Shift/);
    await leave(page);
    assert.equal(await fact(page, 'captured'), false);
});

test('A key held longer than the lease stays held', async () => {
    await holdKey();
    const held = await holding(0x42);
    const end = Date.now() + 1500;
    while (Date.now() < end)
        assert.ok(await shows(watcher, held, REGION.held), 'the key was let go');
    await page.keyboard.up('F9');
    await released(Date.now());
});

test('Losing the focus lets go of every key', async () => {
    await holdKey();
    const since = Date.now();
    await page.evaluate(() => window.dispatchEvent(new Event('blur')));
    const ms = await released(since);
    assert.ok(ms < 1000, `after ${ms} ms`);
});

test('A dialog takes the keyboard, and what was held is let go', async () => {
    await holdKey();
    const since = Date.now();
    await page.click('#paste');
    await released(since);
    assert.equal(await fact(page, 'captured'), false);
});

test('When the tab is killed -9 every key is let go within 500 ms', async () => {
    await page.context().close();
    const others = await renderers();
    page = await openLive(browser, daemon);
    const its = (await renderers()).filter((id) => !others.includes(id)); // and perhaps a spare one
    const pictures = await watchPictures();
    await capture(page);
    const clicked = await ExpectedScreen.start();
    clicked.click(900, 400);
    await showsSoon(watcher, clicked, REGION.pointer);
    await clicked.stop();
    const before = await until(() => pictures.newest, 'a picture with nothing held');
    await page.keyboard.down('F9');
    const same = () => Buffer.compare(pictures.newest, before) === 0;
    await until(() => !same(), 'the key is seen held');
    const since = Date.now();
    its.forEach((id) => process.kill(id, 'SIGKILL'));
    await until(same, 'the key is seen let go');
    const ms = Date.now() - since;
    pictures.stop();
    assert.ok(ms <= 500 + FRAME_MS, `after ${ms} ms`);
});

test('When the page hangs every key is let go', async () => {
    await holdKey();
    const since = Date.now();
    const hung = page.evaluate(() => {
        const end = performance.now() + 2500;
        while (performance.now() < end); // neither heartbeat nor release leaves
    });
    const ms = await released(since);
    assert.ok(ms < 1000, `after ${ms} ms`);
    await hung;
    await page.keyboard.up('F9');
});

test('Ctrl-Alt-Del restarts the computer', async () => {
    const screen = await ExpectedScreen.start();
    const console = await screen.picture();
    await page.click('#ctrl-alt-del');
    await until(async () => !await shows(watcher, console, REGION.text), 'the console goes away');
    await until(() => shows(watcher, console, REGION.text), 'and is there again', 20_000);
    await screen.stop();
});

test('The keyboard alone reaches the computer and leaves it again', async () => {
    await page.focus('#fullscreen');
    const at = () => page.evaluate(() => document.activeElement.id);
    for (let i = 0; i < 5 && await at() !== 'stage'; ++i)
        await page.keyboard.press('Tab');
    assert.equal(await at(), 'stage');
    assert.equal(await fact(page, 'captured'), false);
    await page.keyboard.press('Enter');
    assert.equal(await fact(page, 'captured'), true);
    await page.keyboard.press('Tab'); // for the computer
    assert.equal(await at(), 'stage');
    await page.keyboard.press('Escape'); // there it empties the line again
    await leave(page);
    await page.keyboard.press('Shift+Tab');
    assert.notEqual(await at(), 'stage');
});

test('After signing in Enter is enough to use the computer', async () => {
    assert.equal(await page.evaluate(() => document.activeElement.id), 'stage');
    assert.equal(await fact(page, 'captured'), false);
    await page.keyboard.press('Enter');
    assert.equal(await fact(page, 'captured'), true);
});

test('Enter that captures is not typed', async () => {
    await page.focus('#stage');
    await page.keyboard.press('Enter');
    await page.keyboard.press('KeyX');
    const screen = await ExpectedScreen.start();
    screen.type('x');
    await showsSoon(watcher, screen, {...REGION.text, height: 100});
    await screen.stop();
    await page.keyboard.press('Backspace');
});

test('Relative mouse movement arrives with the mouse locked in', async () => {
    await page.click('summary[title="Mouse and view"]');
    await page.check('input[value="relative"]');
    await page.keyboard.press('Escape');
    await capture(page);
    await until(() => fact(page, 'locked'), 'the mouse is locked in');
    const clicked = await ExpectedScreen.start();
    clicked.click(900, 400);
    const before = await clicked.picture();
    await clicked.stop();
    await page.mouse.move(300, 300);
    await page.mouse.move(340, 330);
    await until(async () => !await shows(watcher, before, REGION.pointer), 'the pointer moved');
    await leave(page);
    await until(async () => !await fact(page, 'locked'), 'the mouse is free again');
    await page.evaluate(() => localStorage.clear());
});
