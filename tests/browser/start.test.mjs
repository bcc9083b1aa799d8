// SPDX-License-Identifier: LGPL-2.1-or-later
// What a person sees when a part of the console does not arrive.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon} from './daemon.mjs';
import {startBrowser} from './page.mjs';

let daemon;
let browser;
let page;
let broken;

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(() => page.close());

/// Opens the console while some of its files go wrong: fate(route) decides how.
async function openWithout(files, fate) {
    page = await browser.newPage();
    broken = true;
    await page.route(files, (route) => broken ? fate(route) : route.continue());
    await page.goto(daemon.url, {waitUntil: 'commit'});
}

async function reloadAndSignIn() {
    broken = false;
    await page.locator('#unstarted').getByRole('button', {name: 'Reload'}).click();
    await page.locator('#signin').waitFor({state: 'visible'});
    await page.locator('#unstarted').waitFor({state: 'hidden'});
}

for (const file of ['app.js', 'whep.js', 'ui/dom.js'])
    test(`A console without ${file} says so at once and can be loaded again`, async () => {
        await openWithout(`**/js/${file}`, (route) => route.abort('internetdisconnected'));
        await page.locator('#unstarted').waitFor({state: 'visible', timeout: 6000});
        assert.match(await page.locator('#unstarted').innerText(), /could not be loaded/);
        await reloadAndSignIn();
    });

test('A console that never stops loading says so after a while', async () => {
    await openWithout('**/js/store.js', () => {});
    await page.locator('#unstarted').waitFor({state: 'visible', timeout: 30_000});
    await reloadAndSignIn();
});

test('A console none of whose scripts arrives can be loaded again', async () => {
    await openWithout('**/js/**', (route) => route.abort());
    await page.locator('#unstarted').waitFor({state: 'visible', timeout: 30_000});
    await reloadAndSignIn();
});

test('A console that starts shows no trace of the notice', async () => {
    page = await browser.newPage();
    await page.addInitScript(() => {
        window.seen = 0;
        const look = () => {
            const notice = document.querySelector('#unstarted');
            window.seen += notice?.checkVisibility({visibilityProperty: true}) ? 1 : 0;
            requestAnimationFrame(look);
        };
        look();
    });
    await page.goto(daemon.url);
    await page.locator('#signin').waitFor({state: 'visible'});
    assert.equal(await page.evaluate(() => window.seen), 0);
});
