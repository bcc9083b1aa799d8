// SPDX-License-Identifier: LGPL-2.1-or-later
// Signing in and out of the console, and how it ends sessions.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {fact, openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';

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
