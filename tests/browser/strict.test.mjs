// SPDX-License-Identifier: LGPL-2.1-or-later
// The console loads nothing of others, makes nothing of text, and can be installed.

import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {capture, fact, leave, openConsole, openLive, playing, signIn, startBrowser, type, WAYS} from './page.mjs';

const WEB = path.join(ROOT, 'data/web');
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

/// Keeps every address that the page asks for in page.asked, those of its WebSockets, too; and what
/// its policy refused in sessionStorage, where it outlasts the page.
async function watched(init) {
    const made = await openConsole(browser, daemon, {init});
    made.asked = [];
    made.on('request', (request) => made.asked.push(request.url()));
    made.on('websocket', (socket) => made.asked.push(socket.url()));
    await made.addInitScript(() => {
        sessionStorage.refused ??= '';
        addEventListener('securitypolicyviolation', ({effectiveDirective, sample}) => {
            sessionStorage.refused += `${effectiveDirective} ${sample}\n`;
        });
    });
    await made.reload();
    return made;
}

const choose = async (id) => {
    await page.locator('details.menu', {has: page.locator(id)}).locator('summary').click();
    await page.click(id);
};

for (const [way, init] of Object.entries(WAYS))
    test(`A whole session by ${way} asks nobody else and breaks no policy`, async () => {
        page = await watched(init);
        await signIn(page, daemon.user, 'wrong');
        await until(() => page.locator('#signin-error').textContent(), 'the error is shown');
        await signIn(page, daemon.user, daemon.password);
        await playing(page);
        assert.equal(await fact(page, 'transport'), way);
        await capture(page);
        await type(page, 'hello');
        await leave(page);
        for (const summary of await page.locator('summary').all()) {
            await summary.click();
            await page.keyboard.press('Escape');
        }
        await page.click('#ctrl-alt-del');
        await until(() => fact(page, 'captured'), 'typing goes on');
        await leave(page);
        await choose('input[value="actual"]');
        await page.keyboard.press('Escape');
        await page.click('summary[title="Account"]');
        await page.selectOption('details[open] select.language', 'fr');
        await until(() => page.evaluate(() => document.documentElement.lang === 'fr'), 'it is French');
        await page.selectOption('details[open] select.language', 'en');
        await page.keyboard.press('Escape');
        await choose('#power-short');
        await page.click('#confirm [value="no"]');
        await page.click('#paste');
        await page.fill('#paste-text', '<img src=x onerror=alert(1)>');
        await page.click('#paste-box [type="submit"]');
        await page.locator('#paste-box').waitFor({state: 'hidden'});
        await page.click('#fullscreen');
        await page.evaluate(() => document.exitFullscreen());
        await until(async () => (await fact(page, 'figures')).fps !== null, 'figures are known');
        await choose('#reset-hid');
        await choose('#signout');
        await page.locator('#signin').waitFor({state: 'visible'});
        assert.ok(page.asked.length > 30, String(page.asked.length));
        const {host} = new URL(daemon.url);
        assert.deepEqual(page.asked.filter((url) => !url.startsWith('data:') && !url.startsWith('blob:')
                                                    && new URL(url).host !== host), []);
        assert.equal(await page.evaluate(() => sessionStorage.refused), '');
    });

test('Of a text no element and no script can be made', async () => {
    page = await watched();
    await page.locator('#signin').waitFor({state: 'visible'});
    await assert.rejects(page.evaluate(() => { document.body.innerHTML = '<b>bold</b>'; }), /TrustedHTML/);
    await assert.rejects(page.evaluate(() => { document.createElement('script').src = '/x.js'; }),
                         /TrustedScriptURL/);
    await assert.rejects(page.evaluate(() => trustedTypes.createPolicy('mine', {})), /disallowed/);
    assert.match(await page.evaluate(() => sessionStorage.refused),
                 /require-trusted-types-for Element innerHTML.*trusted-types mine/s, 'and it is seen');
    page.problems.length = 0;
});

test('No script of the console tries to', () => {
    const sinks = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\(|new Function|createContextualFragment|setHTMLUnsafe|setTimeout\(['"`]/;
    for (const folder of ['js', 'js/ui']) {
        for (const file of readdirSync(path.join(WEB, folder)).filter((name) => name.endsWith('.js')))
            assert.doesNotMatch(readFileSync(path.join(WEB, folder, file), 'utf8'), sinks, file);
    }
    assert.doesNotMatch(readFileSync(path.join(WEB, 'index.html'), 'utf8'),
                        /\son[a-z]+=|style=|<style|<script>|javascript:/);
});

test('The browser offers to install it', async () => {
    page = await openConsole(browser, daemon);
    const browserKnows = await page.context().newCDPSession(page);
    const {installabilityErrors} = await browserKnows.send('Page.getInstallabilityErrors');
    const errors = installabilityErrors.map(({errorId}) => errorId);
    assert.deepEqual(errors.filter((id) => id !== 'in-incognito'), [], 'each test has a window of its own');
    const {errors: faults, data} = await browserKnows.send('Page.getAppManifest');
    assert.deepEqual(faults, []);
    for (const {src, sizes, type: mime} of JSON.parse(data).icons) {
        const icon = await daemon.get(`/${src}`);
        assert.equal(icon.headers.get('Content-Type'), mime, src);
        const bytes = Buffer.from(await icon.arrayBuffer());
        assert.ok(bytes.length < 20_000, `${src} is small`);
        if (mime === 'image/png')
            assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
    }
});

test('Without a network the console says that it is offline, and goes on once there is one', async () => {
    page = await openLive(browser, daemon);
    await page.context().setOffline(true);
    await daemon.stop('SIGKILL');
    const state = page.locator('#state');
    await until(async () => await state.textContent() === 'This device is offline', 'it is said');
    assert.match(await page.locator('#waiting').textContent(), /goes on as soon as the network is back/);
    await daemon.run();
    await page.context().setOffline(false);
    await until(async () => await state.textContent() === 'Live', 'the picture is back', 20_000);
});

test('While the daemon is away the console says so and keeps its place', async () => {
    page = await openLive(browser, daemon);
    await daemon.stop('SIGKILL');
    const state = page.locator('#state');
    await until(async () => await state.textContent() === 'Reconnecting to the KVM…', 'it is said');
    assert.match(await page.locator('#waiting').textContent(), /Trying again/);
    await daemon.run();
    await until(async () => await state.textContent() === 'Live', 'the picture is back', 20_000);
});
