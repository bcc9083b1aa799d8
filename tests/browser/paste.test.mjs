// SPDX-License-Identifier: LGPL-2.1-or-later
// The paste box: what it says before it types, what arrives, and long texts.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {openLive, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');

let daemon;
let browser;
let page;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
beforeEach(async () => {
    page = await openLive(browser, daemon);
    await page.click('#paste');
});
afterEach(async () => {
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

const go = () => page.locator('#paste-box [type="submit"]');
const close = () => page.locator('#paste-box [data-close]');
const said = () => page.locator('#paste-left-out').textContent();

/// Answers every paste itself, after a moment; what there was to type.
async function catchPastes() {
    const typed = [];
    await page.route('**/api/hid/paste', async (route) => {
        typed.push(route.request().postDataJSON().content);
        await new Promise((done) => setTimeout(done, 10));
        await route.fulfill({json: {code: 0, msg: 'success', data: null}});
    });
    return typed;
}

test('A text of which nothing can be typed is not typed, and the box says why', async () => {
    await page.fill('#paste-text', 'ïïï日本');
    await until(said, 'the box says what is left out');
    assert.equal(await said(),
                 'English (US) has no keys for 5 characters, which are left out: ï 日 本');
    assert.equal(await go().isDisabled(), true);
});

test('What cannot be typed is named first; the rest is typed when the person says so', async () => {
    await page.fill('#paste-text', 'Hello naïve 日本 paste');
    await until(said, 'the box says what is left out');
    assert.match(await said(), /for 3 characters.*: ï 日 本$/);
    assert.equal(await go().textContent(), 'Type the rest');
    await page.screenshot({path: path.join(PICTURES, 'paste.png')});
    await go().click();
    await page.locator('#paste-box').waitFor({state: 'hidden'});
    const screen = await ExpectedScreen.start();
    screen.type('Hello nave  paste');
    await showsSoon(page, screen, {...REGION.text, height: 150});
    await screen.stop();
});

test('Another layout has other keys', async () => {
    await page.fill('#paste-text', 'Straße');
    await until(said, 'the box says what is left out');
    assert.equal(await said(), 'English (US) has no key for 1 character, which is left out: ß');
    await page.selectOption('#paste-layout', 'de');
    assert.equal(await said(), '');
    assert.equal(await go().textContent(), 'Type it');
    assert.equal(await go().isEnabled(), true);
    await page.evaluate(() => localStorage.clear());
});

test('A long text goes in parts, all of it', async () => {
    const typed = await catchPastes();
    const text = 'A long text. '.repeat(100).trim();
    await page.fill('#paste-text', text);
    await go().click();
    await page.locator('#paste-box').waitFor({state: 'hidden'});
    assert.equal(typed.join(''), text);
    assert.ok(typed.length > 20 && typed.every((part) => part.length <= 48), String(typed.length));
});

test('A long text can be stopped', async () => {
    const typed = await catchPastes();
    await page.fill('#paste-text', 'x'.repeat(5000));
    await go().click();
    await until(() => typed.length > 2, 'some parts are typed');
    assert.equal(await page.locator('#paste-box progress').isVisible(), true);
    await close().click();
    const error = page.locator('#paste-box .error');
    await until(async () => /^Stopped after \d+ of 105 parts/.test(await error.textContent()),
                'the box says how far it came');
    assert.ok(typed.length < 100);
});
