// SPDX-License-Identifier: LGPL-2.1-or-later
// What the console costs to load: few bytes the first time, next to none the second.

import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon} from './daemon.mjs';
import {openLive, playing, startBrowser} from './page.mjs';

const MOST_BYTES = 150_000; // with the heads of all answers
let daemon;
let browser;
let page;

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
    page = await openLive(browser, daemon);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});

/// [{path, bytes, size, status}] of the page's own files, since it was loaded.
const files = () => page.evaluate(() => [
    ...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource'),
].map((e) => ({
    path: new URL(e.name).pathname, bytes: e.transferSize, size: e.decodedBodySize,
    status: e.responseStatus,
})).filter(({path}) => path === '/' || /\.(js|css|json|svg|png|webmanifest)$/.test(path)));

const total = (all, key) => all.reduce((sum, file) => sum + file[key], 0);

test('a console with its picture has loaded less than 150 KB', async (t) => {
    const all = await files();
    const paint = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0].startTime);
    t.diagnostic(`${all.length} files, ${total(all, 'bytes')} bytes for ${total(all, 'size')}; ` +
        `first paint after ${paint.toFixed(0)} ms`);
    assert.ok(all.length > 40, 'they are counted');
    assert.ok(total(all, 'bytes') < MOST_BYTES, `${total(all, 'bytes')} bytes`);
    assert.ok(total(all, 'bytes') < total(all, 'size'), 'they come compressed');
});

test('a console that is loaded again asks whether files have changed, and gets none', async (t) => {
    const first = total(await files(), 'bytes');
    await page.reload();
    await playing(page);
    const again = await files();
    t.diagnostic(`${total(again, 'bytes')} bytes in place of ${first}`);
    assert.ok(total(again, 'bytes') < first / 2, `${total(again, 'bytes')} bytes`);
});
