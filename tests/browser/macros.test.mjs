// SPDX-License-Identifier: LGPL-2.1-or-later
// Macros in the console: recorded while a person types, played to the computer, and kept nowhere.

import {readFile} from 'node:fs/promises';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {capture, leave, openLive, startBrowser, type} from './page.mjs';
import {ExpectedScreen, REGION, shows, showsSoon} from './screen.mjs';

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
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

async function open() {
    await page.click('summary[title="More keys"]');
    await page.click('#macros-open');
    await page.locator('#macros').waitFor();
}

/// Records a text as it is typed on the computer.
async function record(text) {
    await open();
    await page.click('#macro-record');
    await page.locator('#macro-bar').waitFor();
    await capture(page, 640, 300);
    await type(page, text);
    await leave(page);
    await page.click('#macro-end');
    await page.locator('#macro-list .row').last().waitFor();
}

const button = (name) => page.locator('#macros').getByRole('button', {name});
const said = () => page.locator('#macros .said').textContent();

async function holds(report) {
    const screen = await ExpectedScreen.start();
    screen.tell(report);
    const png = await screen.picture();
    await screen.stop();
    await until(() => shows(page, png, REGION.held), `${report} is held`);
}

test('What is typed is recorded, without the chord that leaves the screen, and played again', async () => {
    page = await openLive(browser, daemon);
    await record('Hi');
    assert.match(await page.locator('#macro-list').innerText(), /3 keys/, 'Shift, H and I');
    assert.equal(await page.locator('#macro-bar').isVisible(), false);
    await page.selectOption('#macro-pace', 'steady');
    await button('Play: Macro 1').click();
    await until(async () => await said() === 'Played: Macro 1', 'it is played');
    const screen = await ExpectedScreen.start();
    screen.type('HiHi');
    await showsSoon(page, screen, {...REGION.text, height: 150});
    await screen.stop();
    const kept = await page.evaluate(() => JSON.stringify([{...localStorage}, {...sessionStorage}]));
    assert.doesNotMatch(kept, /KeyH|macro/i, 'nothing of it is in storage');
});

/// A file of a macro that holds F9 for a long time.
const LONG = Buffer.from(JSON.stringify({type: 'pantograph-macro', version: 1, name: 'long', steps: [
    {ms: 0, code: 'F9', down: true}, {ms: 60_000, code: 'F9', down: false}]}));
const give = (name, buffer) => page.locator('#macros input[type="file"]').setInputFiles(
    {name, mimeType: 'application/json', buffer});

for (const [what, stop] of [['Stop', () => page.click('#macro-stop')],
                            ['Leaving the window', () => page.evaluate(() => window.dispatchEvent(new Event('blur')))],
                            ['Closing the dialog', () => page.keyboard.press('Escape')]]) {
    test(`${what} ends a macro that is played, and its keys are let go`, async () => {
        page = await openLive(browser, daemon);
        await open();
        await give('long.json', LONG);
        await button('Play: long').click();
        await holds('0000420000000000');
        await stop();
        await holds('0000000000000000');
    });
}

test('A macro is saved as a file after a warning, read again, renamed and deleted', async () => {
    page = await openLive(browser, daemon);
    await record('x');
    await page.locator('#macro-list input').fill('letter');
    await page.keyboard.press('Tab');
    await button('Save as a file: letter').click();
    assert.match(await page.locator('#sure-text').textContent(), /passwords too/);
    const download = page.waitForEvent('download');
    await page.locator('#sure').getByRole('button', {name: 'Save as a file'}).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'letter.json');
    const saved = await readFile(await file.path());
    await button('Delete: letter').click();
    await until(async () => await page.locator('#macro-list').innerText() === 'None yet', 'it is gone');
    await give('letter.json', saved);
    await button('Play: letter').waitFor();
    await give('other.json', Buffer.from('{}'));
    await page.locator('#macros .error').getByText('This file is no macro.').waitFor();
});

test('Macros are gone with the session', async () => {
    page = await openLive(browser, daemon);
    await open();
    await give('long.json', LONG);
    await button('Play: long').waitFor();
    await page.keyboard.press('Escape');
    await page.click('summary[title="Account"]');
    await page.click('#signout');
    await page.fill('#password', daemon.password);
    await page.click('#signin button');
    await page.locator('#console').waitFor({state: 'visible'});
    await open();
    assert.equal(await page.locator('#macro-list').innerText(), 'None yet');
});
