// SPDX-License-Identifier: LGPL-2.1-or-later
// The doctor's findings on the page.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {openLive, startBrowser} from './page.mjs';

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

async function openDoctor(options) {
    page = await openLive(browser, daemon, options);
    await page.click('summary[title="Account"]');
    await page.click('#doctor-open');
    await page.locator('#doctor-links li').first().waitFor();
}

const asked = () => page.evaluate(() => fetch('/api/doctor').then((reply) => reply.json()).then(({data}) => data));
const found = () => page.locator('#doctor-links li').evaluateAll((all) => all.map((item) => [
    item.dataset.link, item.dataset.state, item.querySelector('.cure')?.textContent ?? '',
    item.querySelector('.what').textContent]));

test('Every link is listed, the worst first, with what to do about it', async () => {
    await openDoctor();
    const {links, verdict} = await asked();
    const shown = await found();
    assert.deepEqual(shown.map(([link]) => link).sort(), links.map(({link}) => link).sort());
    for (const {link, state, cure} of links)
        assert.deepEqual(shown.find(([name]) => name === link).slice(0, 3), [link, state, cure]);
    const order = shown.map(([, state]) => ['broken', 'warning', 'ok', 'absent'].indexOf(state));
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
    assert.equal(await page.getAttribute('#doctor-said', 'data-state'), verdict);
    assert.match(await page.locator('[data-link="hid"] .link').textContent(), /^Keyboard and mouse$/);
});

test('Checked again, it says what is so by then', async () => {
    await openDoctor();
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.click('#doctor-again');
    await until(() => page.isEnabled('#doctor-again'), 'it is checked');
    assert.equal(requests.filter((url) => url.endsWith('/api/doctor')).length, 1);
    assert.ok((await found()).length > 10);
});

test('A copy has each link with its cure', async () => {
    await openDoctor({permissions: ['clipboard-read', 'clipboard-write']});
    await page.click('#doctor-copy');
    await until(async () => await page.textContent('#doctor-said') === 'Copied', 'it says so');
    const text = await page.evaluate(() => navigator.clipboard.readText());
    for (const [link, state, cure, what] of await found()) {
        assert.ok(text.includes(`${state} ${link}: ${what}`), link);
        assert.ok(text.includes(cure), link);
    }
});
