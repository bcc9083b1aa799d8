// SPDX-License-Identifier: LGPL-2.1-or-later
// The console in other languages than English, and written from right to left.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {misplaced} from './layout.mjs';
import {capture, openConsole, openLive, startBrowser, WAYS} from './page.mjs';
import {textsOf} from './texts.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
const german = textsOf('de');
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
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

const lang = () => page.evaluate(() => document.documentElement.lang);

test('Who reads German finds the console in German, whatever it says', async () => {
    page = await openLive(browser, daemon, {locale: 'de-AT', init: WAYS.direct});
    assert.equal(await lang(), 'de');
    assert.equal(await page.locator('#state').textContent(), 'Live über WebSocket');
    assert.match(await page.locator('#fallback').textContent(), /ohne Ton: dieser Browser hat kein WebRTC\./);
    await capture(page);
    await until(async () => /^Sie tippen auf dem Computer. Zurück: Strg \+ Alt \+ Umschalt\.$/.test(
        await page.locator('#grip').textContent()), 'the lower bar says who types');
    await page.click(`summary[title="${german['power.open']}"]`);
    await page.click('#power-long');
    assert.equal(await page.locator('#confirm-text').textContent(), german['power.long.on']);
    await page.screenshot({path: path.join(PICTURES, 'power-german.png')});
    await page.click('#confirm [value="no"]');
    await page.click('#paste');
    await page.fill('#paste-text', 'naïve');
    await until(async () => await page.locator('#paste-left-out').textContent()
        === 'Englisch (USA) hat keine Taste für 1 Zeichen, das ausgelassen wird: ï', 'it says what is left out');
});

test('Nothing of the page is said in no language', async () => {
    page = await openLive(browser, daemon, {locale: 'de-DE'});
    const english = textsOf('en');
    const foreign = new Set(Object.keys(english).filter((key) => english[key] !== german[key])
        .map((key) => english[key]));
    const said = await page.evaluate(() => [...document.querySelectorAll('body *')].flatMap((element) => [
        element.title, element.ariaLabel, element.getAttribute('alt'),
        ...[...element.childNodes].filter(({nodeType}) => nodeType === Node.TEXT_NODE)
            .map(({data}) => data.trim())]).filter(Boolean));
    assert.ok(said.length > 100, String(said.length));
    assert.deepEqual(said.filter((text) => foreign.has(text) || text in english), []);
});

test('No word is seen before it is in the person’s language', async () => {
    const context = await browser.newContext({locale: 'de-DE'});
    page = await context.newPage();
    await page.addInitScript(() => {
        window.seen = new Set();
        const look = () => {
            for (const element of document.querySelectorAll('#welcome :is(p, label, button)'))
                window.seen.add(element.checkVisibility() ? element.textContent : '');
            requestAnimationFrame(look);
        };
        look();
    });
    await page.route('**/lang/*.json', async (route) => {
        await new Promise((done) => setTimeout(done, 300));
        await route.continue();
    });
    const fetched = [];
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await page.goto(daemon.url);
    await page.locator('#signin').waitFor({state: 'visible'});
    assert.deepEqual(fetched.filter((name) => name.startsWith('/lang/')).sort(),
                     ['/lang/de.json', '/lang/en.json'], 'no other language is fetched');
    assert.deepEqual((await page.evaluate(() => [...window.seen])).filter(Boolean).sort(), [
        german['signin.go'], german['signin.intro'], german['signin.password'], german['signin.user'],
    ].sort());
});

test('Another language is spoken at once, and again by the next page, while the picture stays', async () => {
    page = await openLive(browser, daemon);
    assert.equal(await lang(), 'en');
    const id = await page.evaluate(() => pantograph.video.srcObject.id);
    await page.click('summary[title="Account"]');
    await page.selectOption('details[open] select.language', 'ja');
    await until(async () => await lang() === 'ja', 'the page is Japanese');
    const japanese = textsOf('ja');
    assert.equal(await page.locator('#state').textContent(), japanese['state.webrtc']);
    assert.equal(await page.locator('#fullscreen span').textContent(), japanese['view.full-screen']);
    assert.equal(await page.locator('[data-led="pwr"]').textContent(), japanese['light.pwr']);
    assert.equal(await page.evaluate(() => pantograph.video.srcObject.id), id);
    await page.reload();
    await until(async () => await lang() === 'ja', 'the page is still Japanese');
});

test('A language that does not arrive is stood in for by English', async () => {
    const context = await browser.newContext({locale: 'fr-FR'});
    page = await context.newPage();
    await page.route('**/lang/fr.json', (route) => route.abort());
    await page.goto(daemon.url);
    await page.locator('#signin').waitFor({state: 'visible'});
    assert.equal(await lang(), 'en');
    assert.equal(await page.locator('#signin button').textContent(), 'Sign in');
});

test('A console that gets no language at all says so', async () => {
    page = await browser.newPage();
    await page.route('**/lang/*', (route) => route.abort());
    await page.goto(daemon.url);
    await page.locator('#unstarted').waitFor({state: 'visible', timeout: 6000});
});

test('What overlaps, leaves the window or is cut off is found', async () => {
    page = await openConsole(browser, daemon);
    await page.locator('#signin').waitFor({state: 'visible'});
    const found = async (selector, style) => {
        const styled = (value) => page.evaluate(([part, css]) => {
            document.querySelector(part).style.cssText = css;
        }, [selector, value]);
        await styled(style);
        const all = await misplaced(page, '#signin');
        await styled('');
        return all.join('\n');
    };
    assert.equal(await found('#signin', ''), '');
    assert.match(await found('#password', 'margin-top: -30px'), /Password.*#password.* overlap/);
    assert.match(await found('#username', 'position: relative; left: 900px'), /#username.* leaves the window/);
    assert.match(await found('#signin h1', 'overflow: hidden; width: 9px'), /Pantograph.* is cut off/);
});

for (const viewport of [{width: 1280, height: 800}, {width: 360, height: 740}]) {
    for (const [what, locale, dir] of [['From right to left', 'en-US', 'rtl'], ['In French', 'fr', 'ltr'],
                                       ['In Chinese', 'zh-CN', 'ltr']]) {
        test(`${what} at ${viewport.width} pixels nothing overlaps or leaves the window`, async () => {
            page = await openConsole(browser, daemon, {viewport, locale});
            await page.locator('#signin').waitFor({state: 'visible'});
            await page.evaluate((value) => { document.documentElement.dir = value; }, dir);
            assert.deepEqual(await misplaced(page, '#signin'), []);
            await page.context().close();
            page = await openLive(browser, daemon, {viewport, locale});
            await page.evaluate((value) => { document.documentElement.dir = value; }, dir);
            await page.screenshot({path: path.join(PICTURES, `console-${locale}-${dir}-${viewport.width}.png`)});
            assert.deepEqual(await misplaced(page, '#console'), []);
            for (const summary of await page.locator('summary').all()) {
                await summary.click();
                assert.deepEqual(await misplaced(page, 'details[open] .sheet'), []);
                await page.keyboard.press('Escape');
            }
            await page.click('#chart-open');
            assert.deepEqual(await misplaced(page, '#chart'), []);
            await placed('#power-long', '#confirm');
            await placed('#change-password', '#password-box');
            await page.click('#paste');
            assert.deepEqual(await misplaced(page, '#paste-box'), []);
        });
    }
}

/// The box that a menu's choice opens has all its parts in their places.
async function placed(choice, box) {
    await page.locator('details.menu', {has: page.locator(choice)}).locator('summary').click();
    await page.click(choice);
    assert.deepEqual(await misplaced(page, box), []);
    await page.keyboard.press('Escape');
}
