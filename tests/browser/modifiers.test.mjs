// SPDX-License-Identifier: LGPL-2.1-or-later
// Modifiers that stand for others, keys of a composition, and keys that a browser keeps in full screen.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {capture, openLive, startBrowser} from './page.mjs';
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

/// Waits until the computer holds what this report says.
async function holds(report) {
    const screen = await ExpectedScreen.start();
    screen.tell(report);
    const png = await screen.picture();
    await screen.stop();
    await until(() => shows(page, png, REGION.held), `${report} is held`);
}

const said = () => page.locator('#toast').textContent();

test('A Mac’s Command is Ctrl on the computer when that is chosen, also for the next page', async () => {
    page = await openLive(browser, daemon);
    await page.click('summary[title="Mouse and view"]');
    await page.check('input[name="modifiers"][value="command"]');
    await page.keyboard.press('Escape');
    await capture(page);
    await page.keyboard.down('MetaLeft');
    await holds('0100000000000000');
    await page.keyboard.up('MetaLeft');
    await holds('0000000000000000');
    await page.reload();
    await until(() => page.evaluate(() => window.pantograph?.facts().video === 'playing'), 'it plays again');
    await capture(page);
    await page.keyboard.down('ControlLeft');
    await holds('0800000000000000');
    await page.keyboard.up('ControlLeft');
});

test('A composition neither swallows a key nor types one twice', async () => {
    page = await openLive(browser, daemon);
    await capture(page, 640, 300);
    await page.evaluate(async () => {
        const stage = document.querySelector('#stage');
        const send = (type, event) => stage.dispatchEvent(event ?? new CompositionEvent(type, {bubbles: true}));
        const key = (type, code, name) => send(type, new KeyboardEvent(
            type, {code, key: name, isComposing: true, keyCode: 229, bubbles: true, cancelable: true}));
        send('compositionstart');
        for (const code of ['KeyN', 'KeyI']) {
            key('keydown', code, 'Process');
            await new Promise((done) => setTimeout(done, 60)); // as a finger rests on a key
            key('keyup', code, code.at(-1).toLowerCase());
        }
        send('compositionend');
    });
    const screen = await ExpectedScreen.start();
    screen.type('ni');
    await showsSoon(page, screen, {...REGION.text, height: 150});
    await screen.stop();
});

test('Full screen takes the keys that the browser keeps to itself', async () => {
    page = await openLive(browser, daemon, {init: () => {
        window.locked = [];
        Object.defineProperty(navigator, 'keyboard', {value: {
            lock: async () => { window.locked.push('lock'); }, unlock: () => window.locked.push('unlock'),
        }});
    }});
    await page.click('#fullscreen');
    await until(() => page.evaluate(() => window.locked.includes('lock')), 'they are taken');
    assert.doesNotMatch(await said(), /keeps/);
    await page.evaluate(() => document.exitFullscreen());
    await until(() => page.evaluate(() => window.locked.includes('unlock')), 'they are given back');
});

test('Where a browser does not let go of them it is said, and the on-screen keyboard has them', async () => {
    page = await openLive(browser, daemon, {init: () => Object.defineProperty(navigator, 'keyboard', {value: undefined})});
    assert.equal(await page.locator('#board-full').isVisible(), false, 'the toolbar has one');
    await page.click('#fullscreen');
    await until(async () => /^This browser keeps Escape/.test(await said()), 'it is said');
    await page.click('#board-full');
    await page.locator('#board [data-code="MetaLeft"]').click();
    await holds('0800000000000000');
    await page.click('#board header .tool');
    await holds('0000000000000000');
    await page.evaluate(() => document.exitFullscreen());
});
