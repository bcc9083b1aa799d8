// SPDX-License-Identifier: LGPL-2.1-or-later
// The panel of figures and its plot of the last two minutes.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Figures, NONE} from '../../data/web/js/figures.js';
import {History, SPAN_MS, pathOf, rangeOf} from '../../data/web/js/history.js';
import {use} from '../../data/web/js/i18n.js';
import {latencyText, lossText} from '../../data/web/js/words.js';
import {ROOT, until} from './daemon.mjs';
import {startMoving} from './moving.mjs';
import {openLive, playing, startBrowser, WAYS} from './page.mjs';
import {textsOf} from './texts.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
let daemon;
let browser;
let page = null;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([startMoving(), startBrowser()]);
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

test('Figures are kept for two minutes', () => {
    const history = new History();
    for (let second = 0; second <= 200; ++second)
        history.add({...NONE, fps: second}, second * 1000);
    const kept = history.of('fps');
    assert.deepEqual(kept[0], {at: 200_000 - SPAN_MS, value: 80});
    assert.deepEqual(kept.at(-1), {at: 200_000, value: 200});
    assert.deepEqual(rangeOf(kept, history.of('kbps')), {least: 80, most: 200});
    assert.equal(rangeOf(history.of('kbps')), null, 'of what is not known there is no range');
});

test('A line runs from left to right, to its highest value, and breaks where nothing is known', () => {
    const now = 120_000;
    const size = {now, most: 10, width: 120, height: 50};
    const line = (...points) => points.map(([second, value]) => ({at: second * 1000, value}));
    assert.equal(pathOf(line([0, 0], [2, 10], [3, 5]), size), 'M0.0 50.0L2.0 0.0L3.0 25.0');
    assert.equal(pathOf(line([1, 10], [2, null], [3, 10]), size), 'M1.0 0.0M3.0 0.0');
    assert.equal(pathOf(line([1, 10], [60, 10]), size), 'M1.0 0.0M60.0 0.0', 'a page that slept');
    assert.equal(pathOf(line([1, 0]), {...size, most: 0}), 'M1.0 50.0');
    assert.equal(pathOf([], size), '');
});

test('The share of packets that were lost is that of the last second', async () => {
    let report = {type: 'inbound-rtp', kind: 'video', framesDecoded: 0, packetsReceived: 100, packetsLost: 50};
    const session = {stats: async () => new Map([['a', report]])};
    const figures = new Figures({}, {rtt: null, offset: null});
    const share = async (packetsReceived, packetsLost) => {
        report = {...report, packetsReceived, packetsLost};
        return (await figures.read(session)).lossShare;
    };
    assert.equal(await share(100, 50), null, 'nothing is known at first');
    assert.equal(await share(190, 60), 0.1);
    assert.equal(await share(290, 60), 0);
    assert.equal(await share(300, 59), 0, 'a packet that was only late is counted back');
    assert.equal(await share(300, 59), null, 'of no packets none is lost');
});

test('Shares and times are written as the language writes them', () => {
    use('de', textsOf('de'));
    assert.equal(lossText({lossShare: 0.0123}), '1,2\u00a0%');
    assert.equal(latencyText(4.26), '4,3 ms');
    use('en', textsOf('en'));
    assert.equal(lossText({lossShare: 0.0123}), '1.2%');
    assert.equal(latencyText(42.4), '42 ms');
    assert.equal(latencyText(null), '–');
    assert.equal(lossText(NONE), '–');
});

const figure = async (name) => page.locator(`[data-chart="${name}"]`).textContent();
const points = (strip) => page.evaluate((i) => document.querySelectorAll('#chart-plot svg')[i]
    .querySelector('path').getAttribute('d')?.match(/[ML]/g)?.length ?? 0, strip);

for (const [way, init] of Object.entries(WAYS))
    test(`By ${way} the panel shows how the picture fares, and plots it`, async () => {
        page = await openLive(browser, daemon, {init});
        await page.focus('#chart-open');
        await page.keyboard.press('Enter');
        await page.locator('#chart').waitFor({state: 'visible'});
        await until(async () => await points(0) >= 5 && await points(1) >= 5 && await points(2) >= 3,
                    'there are lines', 20_000);
        assert.match(await figure('fps'), /^\d+ fps$/);
        assert.match(await figure('kbps'), /^[\d.,]+ [kM]bit\/s$/);
        assert.match(await figure('rtt'), /^\d+(\.\d)? ms$/);
        await until(async () => /^\d+(\.\d)? ms$/.test(await figure('p50'))
            && /^\d+(\.\d)? ms$/.test(await figure('p95')), 'latencies are known');
        assert.match(await figure('loss'), way === 'webrtc' ? /^\d+(\.\d)?%$/ : /^–$/);
        assert.match(await page.locator('#chart-plot svg').first().getAttribute('aria-label'),
                     /^Rate in the last two minutes: \d+ fps to \d+ fps$/);
        await page.screenshot({path: path.join(PICTURES, `chart-${way}.png`)});
    });

test('The panel tells how many pictures were left out, and why', async () => {
    page = await openLive(browser, daemon, {init: WAYS.mjpeg});
    await page.route('**/api/stream/stats', async (route) => {
        const answer = await route.fetch();
        const told = await answer.json();
        for (const viewer of told.data?.viewers ?? [])
            viewer.dropped.replaced = 1234;
        await route.fulfill({response: answer, json: told});
    });
    await page.click('#chart-open');
    await until(async () => /1,?234 for newer ones/.test(await page.locator('#chart-dropped').textContent()),
                'it is told');
});

test('The panel stays open, on the next page, too, until it is closed', async () => {
    page = await openLive(browser, daemon);
    const open = () => page.locator('#chart-open').getAttribute('aria-expanded');
    assert.equal(await open(), 'false');
    await page.click('#chart-open');
    await page.mouse.click(300, 300);
    assert.equal(await open(), 'true');
    assert.equal(await page.locator('#chart').isVisible(), true, 'a click elsewhere does not close it');
    await page.reload();
    await playing(page);
    await page.locator('#chart').waitFor({state: 'visible'});
    await page.focus('#chart-close');
    await page.keyboard.press('Escape');
    await page.locator('#chart').waitFor({state: 'hidden'});
    assert.equal(await page.evaluate(() => document.activeElement.id), 'chart-open');
    assert.equal(await open(), 'false');
});

test('A panel that is closed asks for nothing', async () => {
    page = await openLive(browser, daemon);
    await page.click('#chart-open');
    await page.waitForRequest('**/api/stream/stats');
    await page.click('#chart-open');
    await page.locator('#chart').waitFor({state: 'hidden'});
    const asked = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.waitForTimeout(4500);
    assert.ok(!asked.includes('GET /api/stream/stats'), String(asked));
});
