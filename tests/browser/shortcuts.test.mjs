// SPDX-License-Identifier: LGPL-2.1-or-later
// The shortcuts that are kept on the device: made by pressing or choosing keys, used, and deleted.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';

const USER = {username: 'ann', password: 'a good long one'};

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

const menu = () => page.click('summary[title="More keys"]');
const inMenu = (name) => page.locator('#keys').getByRole('button', {name, exact: true});
const chord = () => page.locator('#shortcut-chord').textContent();
const kept = () => page.evaluate(async () => (await (await fetch('/api/hid/shortcuts')).json()).data.shortcuts);

async function open() {
    await menu();
    await inMenu('Edit shortcuts…').click();
    await page.locator('#shortcuts').waitFor();
}

/// Every keyboard report that the page sends from now on, as hex, on whichever way.
const reports = (made) => made.evaluate(() => {
    window.sent = [];
    const keep = (message) => message instanceof Uint8Array && message[0] === 1 && window.sent.push(
        [...message].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
    for (const {prototype} of [WebSocket, RTCDataChannel]) {
        const {send} = prototype;
        prototype.send = function (message) {
            keep(message);
            return send.call(this, message);
        };
    }
});

test('A shortcut is recorded by pressing it, also with Escape, stands in the menu and presses its keys', async () => {
    page = await openLive(browser, daemon);
    await open();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'shortcut-record');
    assert.equal(await page.locator('#shortcut-keep').isDisabled(), true, 'there is nothing to keep yet');
    await page.keyboard.press('Enter');
    for (const key of ['ControlLeft', 'AltLeft', 'Escape'])
        await page.keyboard.down(key);
    for (const key of ['Escape', 'AltLeft', 'ControlLeft'])
        await page.keyboard.up(key);
    assert.equal(await chord(), 'Ctrl + Alt + Escape');
    assert.equal(await page.locator('#shortcut-record').getAttribute('aria-pressed'), 'false', 'Tab is the page’s again');
    await page.click('#shortcut-keep');
    await page.locator('#shortcut-list').getByText('Ctrl + Alt + Escape').waitFor();
    assert.deepEqual((await kept()).map(({keys}) => keys), [[
        {code: 'ControlLeft', label: 'Ctrl'}, {code: 'AltLeft', label: 'Alt'}, {code: 'Escape', label: 'Escape'}]]);
    await page.keyboard.press('Escape');
    await page.locator('#shortcuts').waitFor({state: 'detached'});
    await reports(page);
    await menu();
    await inMenu('Ctrl + Alt + Escape').click();
    await until(() => page.evaluate(() => window.sent.join() === '010500290000000000,010000000000000000'),
                'its keys are pressed and let go');
});

test('Keys that the browser keeps to itself are chosen; deleted, a shortcut is gone', async () => {
    page = await openLive(browser, daemon);
    await open();
    for (const code of ['MetaLeft', 'KeyL'])
        await page.selectOption('#shortcut-key', code);
    assert.equal(await chord(), 'Windows / Meta + L');
    await page.click('#shortcut-keep');
    await page.locator('#shortcut-list').getByText('Windows / Meta + L').waitFor();
    await page.reload();
    await playing(page);
    await menu();
    await inMenu('Windows / Meta + L').waitFor();
    await inMenu('Edit shortcuts…').click();
    await page.getByRole('button', {name: 'Delete: Windows / Meta + L'}).click();
    await page.locator('#shortcut-list').getByText('Windows / Meta + L').waitFor({state: 'detached'});
    assert.ok(!(await kept()).some(({keys}) => keys.some(({code}) => code === 'KeyL')));
});

test('Who is no admin uses shortcuts, and edits none', async () => {
    page = await openLive(browser, daemon);
    await page.evaluate(async ({username, password}) => {
        const {wireForm} = await import('/js/password.js');
        const post = (path, body) => fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'},
                                                  body: JSON.stringify(body)});
        await post('/api/hid/shortcut', {keys: [{code: 'F8', label: 'F8'}]});
        const made = await post('/api/auth/users', {username, password: await wireForm(password), role: 'user'});
        if ((await made.json()).code !== 0)
            throw new Error('no user was made');
    }, USER);
    await page.context().close();
    page = await openConsole(browser, daemon);
    await signIn(page, USER.username, USER.password);
    await playing(page);
    await menu();
    await inMenu('F8').waitFor();
    assert.equal(await inMenu('Edit shortcuts…').count(), 0);
});
