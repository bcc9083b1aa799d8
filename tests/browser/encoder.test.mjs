// SPDX-License-Identifier: LGPL-2.1-or-later
// What a board's hardware encoder makes is what the browser shows: tests/fakes/mpp stands in for it.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import path from 'node:path';
import {BUILD, Daemon, until} from './daemon.mjs';
import {fact, openLive, startBrowser, WAYS} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

const FAKES = path.join(BUILD, 'tests/fakes');
const STANDIN = {
    GST_PLUGIN_PATH: `${path.join(FAKES, 'venc')}:${path.join(BUILD, 'plugins')}`,
    GST_REGISTRY: path.join(BUILD, 'registry-standin.bin'),
    VENC_MPP_LIBRARY: path.join(FAKES, 'mpp/librockchip_mpp.so.1'),
};

let daemon;
let browser;
let screen;
const pages = {};

before(async () => {
    [daemon, browser, screen] = await Promise.all(
        [Daemon.startIn(STANDIN), startBrowser(), ExpectedScreen.start()]);
});
after(async () => {
    await browser?.close();
    await screen?.stop();
    await daemon?.remove();
});
afterEach(() => {
    for (const page of Object.values(pages))
        assert.deepEqual(page.problems, []);
});

test('The hardware is taken for both codecs', () => {
    assert.match(daemon.log, /pipeline chosen.*codec=h264.*name=h264-mpp/);
    assert.match(daemon.log, /pipeline chosen.*codec=mjpeg.*name=mjpeg-mpp/);
});

for (const [way, init] of Object.entries(WAYS)) {
    test(`Its pictures come by ${way} and are the computer's screen`, async () => {
        const page = pages[way] = await openLive(browser, daemon, {init});
        assert.equal(await fact(page, 'transport'), way);
        const {mean} = await showsSoon(page, screen, REGION.whole);
        assert.ok(mean < 4, `mean difference ${mean}`);
    });
}
