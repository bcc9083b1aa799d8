// SPDX-License-Identifier: LGPL-2.1-or-later
// Signing in and out of the console, and how it ends sessions.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {addUser, capture, fact, openConsole, openLive, playing, signIn, startBrowser, WAYS} from './page.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');

let daemon;
let browser;
let page = null;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
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

test('A stranger sees the sign-in form and nothing of the computer', async () => {
    page = await openConsole(browser, daemon);
    await page.locator('#signin').waitFor({state: 'visible'});
    assert.equal(await page.locator('#console').isVisible(), false);
    assert.equal((await daemon.get('/api/stream/snapshot')).status, 401);
});

test('A wrong password shows an error and the right one the screen', async () => {
    page = await openConsole(browser, daemon);
    await signIn(page, daemon.user, 'not the password');
    const error = page.locator('#signin-error');
    await until(async () => await error.textContent() === 'User name or password is wrong.',
                'the error is shown');
    assert.equal(await fact(page, 'session'), 'signed-out');
    await signIn(page, daemon.user, daemon.password);
    await playing(page);
    assert.equal(await page.locator('#welcome').isVisible(), false);
    assert.equal(await page.locator('#user').textContent(), daemon.user);
});

test('The session cookie is out of scripts’ reach and the password is kept nowhere', async () => {
    page = await openLive(browser, daemon);
    const kept = await page.evaluate(() => document.cookie + JSON.stringify(localStorage)
        + JSON.stringify(sessionStorage) + document.querySelector('#password').value);
    assert.ok(!kept.includes('nano-kvm-token') && !kept.includes(daemon.password), kept);
});

test('A page loaded again is still signed in', async () => {
    page = await openLive(browser, daemon);
    await page.reload();
    await playing(page);
});

test('Signing out ends the session', async () => {
    page = await openLive(browser, daemon);
    await page.click('summary[title="Account"]');
    await page.click('#signout');
    await page.locator('#signin').waitFor({state: 'visible'});
    await page.reload();
    await page.locator('#signin').waitFor({state: 'visible'});
});

test('A session that ends elsewhere leads back to the sign-in form', async () => {
    page = await openLive(browser, daemon);
    const [cookie] = await page.context().cookies();
    const out = await daemon.get('/api/auth/logout', {
        method: 'POST', headers: {Cookie: `${cookie.name}=${cookie.value}`}});
    assert.equal((await out.json()).code, 0);
    await page.locator('#signin').waitFor({state: 'visible', timeout: 15_000});
    assert.match(await page.locator('#signin-error').textContent(), /session has ended/);
});

/// Ends all sessions of the page's account, as signing out elsewhere does.
async function endSession() {
    const [cookie] = await page.context().cookies();
    const out = await daemon.get('/api/auth/logout', {
        method: 'POST', headers: {Cookie: `${cookie.name}=${cookie.value}`}});
    assert.equal((await out.json()).code, 0);
    await page.locator('#again #signin').waitFor({timeout: 15_000});
}

/// How many colours the middle of the last picture has.
const colours = () => page.evaluate(() => {
    const last = document.querySelector('#last');
    const {data} = last.getContext('2d').getImageData(0, 0, last.width, last.height);
    return new Set(new Uint32Array(data.buffer)).size;
});

for (const [way, init] of Object.entries(WAYS)) {
    test(`Signing in again by ${way} goes on where the session ended, under its last picture`, async () => {
        page = await openLive(browser, daemon, {init});
        await page.click('summary[title="Mouse and view"]');
        await page.check('input[name="mouse"][value="relative"]');
        await page.keyboard.press('Escape');
        await page.click('#chart-open');
        await page.click('#paste');
        await page.fill('#paste-text', 'half a text');
        await endSession();
        assert.ok(await colours() > 2, 'it is the computer’s screen');
        assert.equal(await page.locator('#console').isVisible(), true);
        for (let i = 0; i < 3; ++i)
            await page.keyboard.press('Escape');
        assert.equal(await page.locator('#again').isVisible(), true, 'Escape leads nowhere');
        assert.equal(await page.inputValue('#username'), daemon.user);
        await page.screenshot({path: path.join(PICTURES, `again-${way}.png`)});
        await signIn(page, daemon.user, daemon.password);
        await playing(page);
        assert.equal(await page.locator('#again').count(), 0);
        assert.equal(await page.locator('#last').count(), 0);
        assert.equal(await page.inputValue('#paste-text'), 'half a text');
        assert.equal(await fact(page, 'mouse'), 'relative');
        assert.equal(await page.locator('#chart').isVisible(), true);
    });
}

test('What is held is let go when the session ends', async () => {
    page = await openLive(browser, daemon);
    await capture(page);
    await page.keyboard.down('F9');
    await until(async () => (await fact(page, 'owner'))?.mine, 'the key went out');
    await endSession();
    assert.equal(await fact(page, 'captured'), false);
    await until(() => /owner lost what it held/.test(daemon.log), 'it is let go');
});

test('Another account finds nothing of the one before', async () => {
    page = await openLive(browser, daemon);
    await addUser(page, {username: 'cyd', password: 'a good long one', role: 'user'});
    await page.click('#paste');
    await page.fill('#paste-text', 'a text of the admin');
    await endSession();
    await Promise.all([page.waitForEvent('load'), signIn(page, 'cyd', 'a good long one')]);
    await playing(page);
    assert.equal(await fact(page, 'user'), 'cyd');
    assert.equal(await page.locator('#paste-box').isVisible(), false);
    assert.equal(await page.inputValue('#paste-text'), '');
    assert.equal(await page.locator('#media').isVisible(), false);
});

test('The console comes back by itself when the daemon starts again', async () => {
    page = await openLive(browser, daemon);
    await daemon.stop('SIGKILL');
    await until(async () => !await fact(page, 'socket'), 'the loss is noticed');
    assert.match(await page.locator('#state').textContent(), /Reconnecting/);
    await daemon.run();
    await until(async () => await fact(page, 'socket') && await fact(page, 'transport') === 'webrtc',
                'socket and picture are back', 20_000);
});

test('A new password replaces the old one', async () => {
    page = await openLive(browser, daemon);
    const changed = 'another one for the tests';
    await page.click('summary[title="Account"]');
    await page.click('#change-password');
    await page.fill('#password-now', 'not the password');
    await page.fill('#password-new', changed);
    await page.fill('#password-again', changed);
    await page.click('#password-box .primary');
    await until(async () => (await page.locator('#password-box .error').textContent()) !== '',
                'a wrong old password is refused');
    await page.fill('#password-now', daemon.password);
    await page.click('#password-box .primary');
    await page.locator('#signin').waitFor({state: 'visible'});
    daemon.password = changed;
    await signIn(page, daemon.user, changed);
    await playing(page);
});
