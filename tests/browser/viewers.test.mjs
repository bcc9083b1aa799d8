// SPDX-License-Identifier: LGPL-2.1-or-later
// The console tells who watches, by whichever way, and how old their pictures are at each stage, up to the
// one that is shown.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {until} from './daemon.mjs';
import {startMoving} from './moving.mjs';
import {openLive, startBrowser, WAYS} from './page.mjs';

const TOLD_MS = 60_000; // a page tells each 10 s

let daemon;
let browser;
const pages = {};

before(async () => {
    [daemon, browser] = await Promise.all([startMoving(), startBrowser()]);
    for (const [way, init] of Object.entries(WAYS))
        pages[way] = await openLive(browser, daemon, {init});
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(() => {
    for (const page of Object.values(pages))
        assert.deepEqual(page.problems, []);
});

const viewers = (page) => page.evaluate(
    async () => (await (await fetch('/api/stream/stats')).json()).data.viewers);

for (const way of Object.keys(WAYS)) {
    test(`What the page alone knows of its picture by ${way} is told with the rest`, async () => {
        const told = (v) => v.way === way && v.present?.p50 && v.present.pictures > 10;
        const one = await until(async () => (await viewers(pages[way])).find(told), 'it is told', TOLD_MS);
        const {age, decode, present} = one;
        for (const {p50, p95, p99} of [age, decode, present])
            assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99 && p99 < 60_000, JSON.stringify(one));
        assert.ok(decode.p50 <= present.p50, 'a picture is decoded before it is shown');
        assert.ok(decode.pictures > 10 && decode.dropped >= 0, JSON.stringify(one));
    });
}

test('The menu shows every viewer, which of them is this window, and its figures', async () => {
    const page = pages.direct;
    await page.click('#viewers summary');
    const captions = page.locator('#viewers caption');
    await until(async () => await captions.count() === 3, 'three viewers', TOLD_MS);
    const titles = await captions.allTextContents();
    assert.deepEqual(titles.map((title) => title.split(' · ').slice(0, 2).join()).sort(),
                     ['admin, this window,WebSocket', 'admin,MJPEG', 'admin,WebRTC']);
    await until(async () => {
        const cells = await page.locator('#viewers td').allTextContents();
        return cells.length === 3 * 5 * 3 && cells.every((text) => /^\d+(\.\d)?$/.test(text));
    }, 'three viewers, five stages, three figures, all known', TOLD_MS);
});

test('Who goes is gone from the menu while it is open', async () => {
    await pages.mjpeg.context().close();
    delete pages.mjpeg;
    const captions = pages.direct.locator('#viewers caption');
    await until(async () => await captions.count() === 2, 'two viewers', TOLD_MS);
    assert.ok(!(await captions.allTextContents()).some((title) => title.includes('MJPEG')));
});

test('A closed menu asks for nothing', async () => {
    const page = pages.direct;
    await page.keyboard.press('Escape');
    const asked = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.waitForTimeout(5000);
    assert.ok(!asked.includes('GET /api/stream/stats'), String(asked));
});
