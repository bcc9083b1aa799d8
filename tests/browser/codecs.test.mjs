// SPDX-License-Identifier: LGPL-2.1-or-later
// Which video is asked for first. Debian's Chromium decodes no H.265, so here it only says so: that a
// viewer who prefers it gets it is shown by tests/integration/h265_test.py.

import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {inOrder} from '../../data/web/js/codecs.js';
import {Daemon} from './daemon.mjs';
import {openLive, playing, startBrowser} from './page.mjs';

const H265 = `
name: h265-x265
kind: encoder
offers: {codec: h265, rank: 10}
launch: |
  videoconvert ! x265enc name=enc ! video/x-h265,stream-format=byte-stream,alignment=au
set: {video.bitrate_kbps: enc::bitrate}
`;
let folder;
let plain, both;
let browser;
let page;

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pantograph-codecs-'));
    const [settings, pipelines] = ['server.yaml', 'pipelines'].map((name) => path.join(folder, name));
    await mkdir(pipelines);
    await writeFile(path.join(pipelines, 'h265.yaml'), H265);
    await writeFile(settings, JSON.stringify({video: {pipelines_dir: pipelines}}));
    [plain, both, browser] = await Promise.all(
        [Daemon.start(), Daemon.start('--config', settings), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await plain?.remove();
    await both?.remove();
    await rm(folder, {recursive: true});
});
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

/// A browser that says it decodes H.265, and keeps what it was asked to put first.
function claiming() {
    const real = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    RTCRtpReceiver.getCapabilities = (kind) => {
        const {codecs, ...rest} = real(kind);
        const h265 = {mimeType: 'video/H265', clockRate: 90000};
        return {...rest, codecs: kind === 'video' ? [...codecs, h265] : codecs};
    };
    const set = RTCRtpTransceiver.prototype.setCodecPreferences;
    RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
        window.asked = codecs.map(({mimeType}) => mimeType);
        set.call(this, codecs.filter(({mimeType}) => mimeType !== 'video/H265'));
    };
}

async function openDialog() {
    await page.click('summary[title="Mouse and view"]');
    await page.click('#adjust');
    await page.locator('#adjust-box').waitFor({state: 'visible'});
}

const choice = () => page.locator('#adjust-box select[name="codec"]');
const told = () => page.waitForResponse((response) => response.url().endsWith('/api/stream/stats'));
const first = async () => [...new Set(await page.evaluate(() => window.asked))].slice(0, 2);

test('The codec that is preferred comes first, and H.264 before all others', () => {
    const of = (...names) => names.map((name) => ({mimeType: `video/${name}`}));
    const all = of('VP8', 'H264', 'AV1', 'H265');
    assert.deepEqual(inOrder(all, 'h264'), of('H264', 'VP8', 'AV1', 'H265'));
    assert.deepEqual(inOrder(all, 'h265'), of('H265', 'H264', 'VP8', 'AV1'));
    assert.deepEqual(inOrder(of('VP8'), 'h265'), of('VP8'));
});

test('H.265 is chosen where both sides know it, asked for first from then on, and stays so', async () => {
    page = await openLive(browser, both, {init: claiming});
    assert.deepEqual(await first(), ['video/H264', 'video/VP8']);
    await openDialog();
    await choice().selectOption('h265');
    await playing(page);
    assert.deepEqual(await first(), ['video/H265', 'video/H264']);
    await page.reload();
    await playing(page);
    assert.deepEqual(await first(), ['video/H265', 'video/H264']);
});

test('There is no choice where the KVM makes no H.265', async () => {
    page = await openLive(browser, plain, {init: claiming});
    const answered = told();
    await openDialog();
    await answered;
    assert.equal(await choice().isVisible(), false);
});

test('There is no choice where the browser decodes none', async () => {
    page = await openLive(browser, both);
    await openDialog();
    assert.equal(await choice().isVisible(), false);
});
