// SPDX-License-Identifier: LGPL-2.1-or-later
// The first run: the page sets the password, for whoever can read the code that the daemon printed.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {fact, openConsole, playing, signIn, startBrowser} from './page.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
const CHOSEN = 'a password of my own';
let daemon;
let browser;
let page;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([Daemon.startIn({PANTOGRAPH_PASSWORD: ''}), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(async () => {
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

const printed = () => /password: ([a-z0-9-]{20,}) /.exec(daemon.log)[1];
const says = (words) => until(async () => words.test(await page.locator('#setup-error').textContent()), `${words}`);

async function fill(code, password, again = password) {
    await page.locator('#setup').waitFor();
    await page.fill('#setup-code', code);
    await page.fill('#setup-password', password);
    await page.fill('#setup-again', again);
    await page.keyboard.press('Enter');
}

test('Without the code nobody sets the password, and one can sign in instead', async () => {
    page = await openConsole(browser, daemon);
    await page.locator('#setup').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'setup-code');
    assert.equal(await page.locator('#signin').isVisible(), false);
    await fill('not-the-code', CHOSEN);
    await says(/^That is not the code/);
    await fill(printed(), CHOSEN, 'another');
    await says(/differ/);
    await page.fill('#setup-code', '');
    await page.screenshot({path: path.join(PICTURES, 'setup.png')});
    await page.click('#setup-other');
    assert.equal(await page.locator('#signin').isVisible(), true);
    assert.equal(await fact(page, 'session'), 'signed-out');
});

test('With the code the page sets the password, and opens the console', async () => {
    page = await openConsole(browser, daemon);
    await fill(printed(), CHOSEN);
    await playing(page);
    assert.equal(await page.locator('#welcome').isVisible(), false);
    const kept = await page.evaluate(() => JSON.stringify(localStorage) + document.documentElement.outerHTML);
    assert.ok(!kept.includes(CHOSEN) && !kept.includes(printed()), 'neither is kept');
});

test('Once it is set the page asks to sign in', async () => {
    page = await openConsole(browser, daemon);
    await signIn(page, 'admin', CHOSEN);
    await playing(page);
    assert.equal(await page.locator('#setup').count(), 0);
});
