// SPDX-License-Identifier: LGPL-2.1-or-later
// The book of computers that are woken over the network, and who may write in it.

import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';

const MAC = '02:00:00:00:00:07';
const USER = {username: 'ann', password: 'a good long one'};
let daemon;
let browser;
let page = null;

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

async function open() {
    await page.click('summary[title="Power and reset"]');
    await page.click('#wol-open');
    await page.locator('#wol').waitFor();
}

const rows = () => page.locator('#wol-list .row');
const listed = () => page.locator('#wol-list').innerText();
const says = (id, words) => until(async () => words.test(await page.locator(id).textContent()), `${words}`);
const book = () => readFile(path.join(daemon.state, 'cache/wol'), 'utf8');

/// What the daemon is sent by the page from now on, as method and body.
function sent() {
    const all = [];
    page.on('request', (request) => request.url().includes('/api/network/wol') && request.method() !== 'GET'
        && all.push([request.method(), request.postDataJSON()]));
    return all;
}

test('A computer is woken by its address, named, renamed and forgotten again', async () => {
    page = await openLive(browser, daemon);
    const asked = sent();
    await open();
    await until(async () => /^No computer yet/.test(await listed()), 'the book is empty at first');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'wol-mac');
    await page.fill('#wol-mac', '02-00-00-00-00-07');
    await page.keyboard.press('Enter');
    await until(async () => await rows().count() === 1, 'it is remembered');
    assert.match(await listed(), new RegExp(MAC));
    assert.match(await page.locator('#wol-said').textContent(), /^Sent to 02-00-00-00-00-07/);

    await page.click('#wol-list button[aria-label="Rename: 02:00:00:00:00:07"]');
    assert.equal(await page.inputValue('#wol-mac'), MAC);
    await page.keyboard.type('rack 7');
    await page.click('#wol-keep');
    await says('#wol-said', /^Saved: rack 7$/);
    assert.equal(await book(), `${MAC} rack 7\n`);

    await page.click('#wol-list button[aria-label="Wake: rack 7"]');
    await says('#wol-said', /^Sent to rack 7/);
    await page.click('#wol-list button[aria-label="Delete: rack 7"]');
    assert.match(await page.locator('#sure').innerText(), /rack 7 leaves the list/);
    assert.equal(await page.evaluate(() => document.activeElement.value), 'no', 'Enter deletes nothing');
    await page.keyboard.press('Enter');
    await page.locator('#sure').waitFor({state: 'detached'});
    assert.equal(await rows().count(), 1);
    await page.click('#wol-list button[aria-label="Delete: rack 7"]');
    await page.click('#sure button[value="yes"]');
    await says('#wol-said', /^Deleted: rack 7$/);
    await until(async () => await rows().count() === 0, 'it is gone');
    assert.equal((await book()).trim(), '');
    assert.deepEqual(asked, [
        ['POST', {mac: '02-00-00-00-00-07'}], ['POST', {mac: MAC, name: 'rack 7'}], ['POST', {mac: MAC}],
        ['DELETE', {mac: MAC}]]);
});

test('What is no address is not sent, and what the daemon refuses says why', async () => {
    page = await openLive(browser, daemon);
    const asked = sent();
    await open();
    await page.fill('#wol-mac', '02:00:00:00:00');
    await page.click('#wol-wake');
    assert.equal(await page.evaluate(() => document.querySelector('#wol-mac').validity.patternMismatch), true);
    assert.deepEqual(asked, []);
    await page.fill('#wol-mac', '01:00:00:00:00:07');
    await page.click('#wol-wake');
    await says('#wol .error', /^invalid MAC address: .+/);
    await page.fill('#wol-mac', MAC);
    await page.click('#wol-keep');
    await says('#wol .error', /^Give it a name first\.$/);
    assert.equal(asked.length, 1);
    await page.keyboard.press('Escape');
    await page.locator('#wol').waitFor({state: 'detached'});
    assert.equal(await page.evaluate(() => document.activeElement.title), 'Power and reset');
});

test('Who is no admin wakes, and neither names nor forgets', async () => {
    page = await openLive(browser, daemon);
    await page.evaluate(async ({username, password}) => {
        const {wireForm} = await import('/js/password.js');
        const post = async (where, body) => (await fetch(where, {
            method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).json();
        const {code} = await post('/api/auth/users', {username, password: await wireForm(password), role: 'user'});
        if (code !== 0)
            throw new Error('there is no such user');
        await post('/api/network/wol/mac/name', {mac: '02:00:00:00:00:08', name: 'rack 8'});
    }, USER);
    await page.context().close();
    page = await openConsole(browser, daemon);
    await signIn(page, USER.username, USER.password);
    await playing(page);
    await open();
    await until(async () => await rows().count() === 1, 'it is listed');
    const controls = await page.locator('#wol :is(button, input)').all();
    assert.deepEqual(await Promise.all(controls.map(async (part) => await part.textContent() || part.getAttribute('id'))),
                     ['Wake', 'wol-mac', 'Wake', 'Close']);
    await page.click('#wol-list button');
    await says('#wol-said', /^Sent to rack 8/);
});

test('A part of the page that does not arrive is told, and asked for again', async () => {
    page = await openLive(browser, daemon);
    await page.route('**/css/machine.css', (route) => route.abort());
    await page.click('summary[title="Power and reset"]');
    await page.click('#wol-open');
    await says('#notice', /^A part of this page did not arrive/);
    await page.unroute('**/css/machine.css');
    await open();
});
