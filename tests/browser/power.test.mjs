// SPDX-License-Identifier: LGPL-2.1-or-later
// Power and reset from the console, and what is shown when the computer is off.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {fact, openLive, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon, shows} from './screen.mjs';

let daemon;
let browser;
let page;
let screen;

before(async () => {
    [daemon, browser, screen] = await Promise.all(
        [Daemon.start(), startBrowser(), ExpectedScreen.start()]);
    page = await openLive(browser, daemon);
});
after(async () => {
    await browser?.close();
    await screen?.stop();
    await daemon?.remove();
});
afterEach(() => assert.deepEqual(page.problems, []));

async function choose(id) {
    await page.click('summary[title="Power and reset"]');
    await page.click(id);
    await page.locator('#confirm').waitFor({state: 'visible'});
}

const led = (on) => page.locator(`[data-led="pwr"]${on ? '[data-on]' : ':not([data-on])'}`).waitFor();

test('A dialog says what the press will do, and Cancel does nothing', async () => {
    await led(true);
    await choose('#power-short');
    assert.match(await page.locator('#confirm-text').textContent(), /computer is on.*shut down/);
    assert.equal(await page.evaluate(() => document.activeElement.value), 'no');
    await page.keyboard.press('Enter');
    await page.locator('#confirm').waitFor({state: 'hidden'});
    await showsSoon(page, screen, REGION.text);
});

test('Holding the power button cuts the power, and the console says that there is no signal',
     async () => {
         await choose('#power-long');
         assert.match(await page.locator('#confirm-text').textContent(), /not saved is lost/);
         await page.click('#confirm [value="yes"]');
         const held = () => page.locator('#confirm progress').evaluate(({value, max}) => value / max);
         await until(async () => await held() > 0.5, 'it shows how long the button is held yet');
         await page.locator('#confirm').waitFor({state: 'hidden'});
         await led(false);
         await until(async () => (await fact(page, 'signal'))?.state === 'no-signal', 'no signal');
         assert.match(await page.locator('#state').textContent(), /^No signal/);
         assert.equal(await page.locator('[data-figure="latency"]').textContent(), '–');
         assert.equal(await shows(page, await screen.picture(), REGION.text), false);
     });

test('What the press will do is said anew when the computer goes on meanwhile', async () => {
    await choose('#power-short');
    assert.match(await page.locator('#confirm-text').textContent(), /is off.*turns it on/);
    await page.evaluate(() => fetch('/api/vm/gpio', {
        method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({type: 'power', duration: 800})}));
    await until(async () => /is on.*shut down/.test(await page.locator('#confirm-text').textContent()), 'it is said');
    await page.click('#confirm [value="no"]');
    await choose('#power-long');
    await page.click('#confirm [value="yes"]');
    await led(false);
    await page.locator('#confirm').waitFor({state: 'hidden'});
});

test('A short press turns it on again, and the picture comes back', async () => {
    await choose('#power-short');
    assert.match(await page.locator('#confirm-text').textContent(), /is off.*turns it on/);
    await page.click('#confirm [value="yes"]');
    await led(true);
    await until(async () => (await fact(page, 'signal'))?.state === 'ok', 'a signal');
    await showsSoon(page, screen, REGION.text, 20_000);
    assert.equal(await page.locator('#state').textContent(), 'Live');
});

test('Reset starts the computer anew', async () => {
    const console = await screen.picture();
    await choose('#power-reset');
    await page.click('#confirm [value="yes"]');
    await until(async () => !await shows(page, console, REGION.text), 'the console goes away');
    await until(() => shows(page, console, REGION.text), 'and is there again', 20_000);
});
