// SPDX-License-Identifier: LGPL-2.1-or-later
// What is kept of the screen: a picture, a recording, the last minute after the fact; and who may.

import {mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {clockTime, megabytes, use} from '../../data/web/js/i18n.js';
import {ROOT, until} from './daemon.mjs';
import {startMoving} from './moving.mjs';
import {fact, openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';
import {textsOf} from './texts.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
const USER = {username: 'ann', password: 'a good long one'};
let daemon;
let browser;
let page = null;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([startMoving(), startBrowser()]);
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

const open = () => page.click('#recorder > summary');

/// What a link of the menu gives.
async function downloaded(link) {
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    return readFile(await download.path());
}

const isMp4 = (bytes) => bytes.subarray(4, 8).toString() === 'ftyp' && bytes.length > 10_000;
const files = () => page.locator('#recordings a');

test('The picture on the screen is saved as it is', async () => {
    page = await openLive(browser, daemon);
    await open();
    const jpeg = await downloaded(page.locator('#recorder a[download="screen.jpg"]'));
    assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
});

test('A recording is begun, told of, ended and fetched', async () => {
    page = await openLive(browser, daemon);
    await open();
    await until(async () => await page.locator('#recordings').textContent() === 'None yet', 'there is none');
    await page.click('#record');
    await page.locator('#recorder[data-on]').waitFor();
    assert.equal(await page.locator('#recorder > summary').getAttribute('aria-label'),
                 'The screen is being recorded');
    await open();
    await until(async () => /^Recording for 0:0[2-9]$/.test(await page.locator('#record-state').textContent()),
                'its time runs');
    assert.equal(await page.locator('#record').textContent(), 'Stop recording');
    assert.equal(await files().count(), 0, 'what is being written is not to be had yet');
    await page.screenshot({path: path.join(PICTURES, 'recording.png')});
    await page.click('#record');
    await until(async () => /^Saved: .*\.mp4$/.test(await page.locator('#toast').textContent()), 'it is told');
    assert.equal(await page.locator('#recorder[data-on]').count(), 0);
    await open();
    await until(async () => await files().count() === 1, 'it is listed');
    assert.ok(isMp4(await downloaded(files().first())));
});

test('The last minute is kept when that is asked for, and saved after the fact', async () => {
    page = await openLive(browser, daemon);
    await open();
    const before = await files().count();
    assert.equal(await page.locator('#record-save').isDisabled(), true);
    assert.equal(await page.locator('#record-save').textContent(), 'Save the last minute');
    await page.check('#record-keep');
    await until(async () => /^Save the last 0:0[2-9]$/.test(await page.locator('#record-save').textContent()),
                'something is kept');
    await page.click('#record-save');
    await until(async () => /^Saved: /.test(await page.locator('#toast').textContent()), 'it is told');
    await open();
    await until(async () => await files().count() > before, 'it is listed');
    assert.ok(isMp4(await downloaded(files().first())));
    await open();
    await page.uncheck('#record-keep');
    await until(() => page.locator('#record-save').isDisabled(), 'nothing is kept any more');
});

test('A recording is deleted only after it was asked for again', async () => {
    page = await openLive(browser, daemon);
    await open();
    const count = await until(() => files().count(), 'there are some');
    const remove = page.locator('#recordings button').first();
    const name = (await remove.getAttribute('aria-label')).replace('Delete: ', '');
    await remove.click();
    assert.ok((await page.locator('#sure-text').textContent()).startsWith(`${name} is deleted from the KVM`));
    await page.keyboard.press('Enter');
    await page.locator('#sure').waitFor({state: 'detached'});
    await open();
    assert.equal(await files().count(), count, 'Cancel has the focus');
    await page.locator('#recordings button').first().click();
    await page.click('#sure [value="yes"]');
    await until(async () => await page.locator('#toast').textContent() === `Deleted: ${name}`, 'it is told');
    await open();
    await until(async () => await files().count() === count - 1, 'it is gone');
    assert.equal(await page.locator('#recordings button', {hasText: name}).count(), 0);
});

test('What cannot be recorded says why', async () => {
    page = await openLive(browser, daemon);
    await page.route('**/api/stream/recording/start', (route) => route.fulfill({
        json: {code: -3, msg: 'record failed', reason: 'the disk is full', data: null}}));
    await open();
    await page.click('#record');
    await until(async () => /the disk is full/.test(await page.locator('#notice').textContent()), 'it is said');
    assert.equal((await fact(page, 'recording')).on, false);
});

test('Who may not record is shown the picture to save, and nothing else', async () => {
    page = await openLive(browser, daemon);
    await page.evaluate(async ({username, password}) => {
        const {wireForm} = await import('/js/password.js');
        const answer = await fetch('/api/auth/users', {
            method: 'POST', headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({username, password: await wireForm(password), role: 'user'})});
        if ((await answer.json()).code !== 0)
            throw new Error('there is no such user');
    }, USER);
    await page.context().close();
    page = await openConsole(browser, daemon);
    const refused = [];
    page.on('response', (answer) => answer.status() === 403 && refused.push(answer.url()));
    await signIn(page, USER.username, USER.password);
    await playing(page);
    await open();
    const shown = await page.locator('#recorder .sheet :is(a, button, input)').filter({visible: true}).all();
    assert.deepEqual(await Promise.all(shown.map((part) => part.textContent())), ['Save the picture']);
    assert.deepEqual(refused, [], 'nor is anything asked for that he may not have');
});

test('Times and sizes are written as the language writes them', () => {
    use('de', textsOf('de'));
    assert.equal(clockTime(3725.9), '62:05');
    assert.match(megabytes(12_345_678), /^12,3\sMB$/);
    use('en', textsOf('en'));
    assert.match(megabytes(12_345_678), /^12\.3\sMB$/);
});
