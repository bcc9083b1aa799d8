// SPDX-License-Identifier: LGPL-2.1-or-later
// Two windows of one user, from one address, at one computer: one types at a time, both are told.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {capture, fact, openLive, playing, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, shows} from './screen.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
const IDLE_MS = 1100; // after this an owner that holds nothing gives way

let daemon;
let browser;
let watcher; // a third window, which only looks
let [one, two] = [];

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
    watcher = await openLive(browser, daemon);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
beforeEach(async () => {
    one = await openLive(browser, daemon);
    two = await one.context().newPage(); // the same session, too
    two.problems = [];
    await two.goto(daemon.url);
    await playing(two);
    for (const page of [one, two])
        await until(() => inputWay(page), 'input takes the data channel');
});
afterEach(async () => {
    assert.deepEqual([...one.problems, ...two.problems], []);
    await one.context().close();
});

const inputWay = (page) => page.evaluate(() => pantograph.input() === 'data channel');
const grip = (page) => page.locator('#grip').textContent();
const mine = async (page) => (await fact(page, 'owner'))?.mine;

/// Waits until the third window sees exactly these keys held; 0x42 is F9, 0x43 is F10.
async function held(...usages) {
    const screen = await ExpectedScreen.start();
    if (usages.length)
        screen.tell(Buffer.from([0, 0, ...usages, 0, 0, 0, 0, 0, 0].slice(0, 8)).toString('hex'));
    const png = await screen.picture();
    await screen.stop();
    await until(() => shows(watcher, png, REGION.held), `keys ${usages} are seen held`);
}

test('What one window holds stays held, and the other is told that it cannot type', async () => {
    await capture(one);
    await one.keyboard.down('F9');
    await held(0x42);
    await capture(two);
    await two.keyboard.press('F10');
    await until(async () => /Not taken/.test(await two.locator('#toast').textContent()),
                'the second window says that it was refused');
    await held(0x42);
    assert.equal(await mine(one), true);
    assert.equal(await mine(two), false);
    assert.match(await grip(one), /^You type on the computer/);
    assert.match(await grip(two), /^Another window types now \(admin@127\.0\.0\.1\)/);
    await two.screenshot({path: path.join(PICTURES, 'refused.png')});
});

test('A window that pauses gives way, and is told so', async () => {
    await capture(one);
    await one.keyboard.press('F9');
    await until(() => mine(one), 'the first window has the input');
    await one.waitForTimeout(IDLE_MS);
    await capture(two);
    await two.keyboard.down('F10');
    await held(0x43);
    await until(async () => /^Another window types now/.test(await grip(one)),
                'the first window is told');
    assert.match(await one.locator('#toast').textContent(), /Another window types now/);
    await one.screenshot({path: path.join(PICTURES, 'taken-over.png')});
    assert.match(await grip(two), /^You type on the computer/);
});

test('A window that is loaded again while it holds a key types at once', async () => {
    await capture(one);
    await one.keyboard.down('F9');
    await held(0x42);
    await one.reload();
    await held();
    await playing(one);
    await capture(one);
    await one.keyboard.down('F10');
    await held(0x43);
    assert.equal(await one.locator('#toast').textContent(), '');
});

test('A window that types over its socket goes on at once over its data channel', async () => {
    let answer;
    const allowed = new Promise((done) => { answer = done; });
    await one.route('**/whep?*', async (route) => {
        await allowed;
        await route.continue();
    });
    await one.reload();
    await until(() => fact(one, 'socket'), 'the socket is open');
    await one.focus('#stage');
    await one.keyboard.press('Enter');
    await one.keyboard.press('F9');
    assert.equal(await one.evaluate(() => pantograph.input()), 'socket');
    answer();
    await until(async () => {
        await one.keyboard.press('F9');
        return inputWay(one);
    }, 'input takes the data channel');
    await one.keyboard.down('F10');
    await held(0x43);
    assert.equal(await one.locator('#toast').textContent(), '');
});
