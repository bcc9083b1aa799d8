// SPDX-License-Identifier: LGPL-2.1-or-later
// Glass to glass in Chromium, in 1080p with 30 and with 60 pictures per second of about 4 Mbit/s at
// most: a cursor that moves, text that scrolls, and moving pictures; and the same with lost packets.
// A table, and build/results/latency.json.
//
// Options  --json, --smoke (shorter, at 30 pictures per second; ratios only, with five times the
//          bounds)
//
// An emulated capture device stamps the wall clock into each picture; the page reads it when the
// picture is presented. Beside that stands the sum of what cannot be less: from the capture to the
// encoder's output as the daemon measures it, the browser's decoding as it measures it, and half the
// interval of its display. All packets go by a relay, which then loses some, both ways.
import {setTimeout as sleep} from 'node:timers/promises';

import {startBrowser} from '../browser/page.mjs';
import {connected, servePage} from './support/page.mjs';
import {Relay} from '../browser/relay.mjs';
import {quantile, report, row, SMOKE} from './support/report.mjs';
import {capture, draw} from './support/serve.mjs';

const RATES = SMOKE ? [30] : [30, 60];
const CONTENTS = SMOKE ? ['scroll'] : ['cursor', 'scroll', 'video'];
const LOSSES = SMOKE ? [0, 0.03] : [0, 0.01, 0.03];
const SECONDS = SMOKE ? 3 : 10;
const SLACK = SMOKE ? 5 : 1;
const SETTLE_MS = 3000; // the encoder's rate control, and the browser's delay
const DISPLAY_HZ = 60;  // Chromium's without a display
const SAME = 1.1;       // a ratio that is no change

/** How old pictures are when they leave the encoder: the median of the last 512, in ms. */
async function encoded(daemon) {
    const {data} = await (await daemon.get('/api/stream/stats')).json();
    return data.encoders.find(({codec}) => codec === 'h264').age.p50;
}

async function measure(page, daemon) {
    await sleep(SETTLE_MS);
    const before = await page.evaluate(() => window.stats());
    const ages = await page.evaluate((s) => window.glassToGlass(s), SECONDS);
    const after = await page.evaluate(() => window.stats());
    const since = (name) => after[name] - before[name];
    const decode = since('totalDecodeTime') * 1000 / since('framesDecoded');
    return {
        p50: quantile(ages, 0.5), p95: quantile(ages, 0.95), interval: SECONDS * 1000 / ages.length,
        encode: await encoded(daemon), decode, kbps: since('bytesReceived') * 8 / SECONDS / 1000,
        sum: await encoded(daemon) + decode + 1000 / DISPLAY_HZ / 2,
    };
}

const browser = await startBrowser();
const rows = [], notes = [];
for (const content of CONTENTS) {
    draw(content);
    for (const fps of RATES) {
        const {video, env} = capture(content, {fps, stamped: true});
        const daemon = await servePage({video}, env);
        const relay = new Relay();
        const page = await connected(browser, daemon, [1920, 1080], relay);
        const name = `${content}, 1080p${fps}`;
        let whole = null;
        for (const loss of LOSSES) {
            relay.loss = loss;
            const found = await measure(page, daemon);
            notes.push(`${name}, ${loss * 100} % lost: encoded after ${found.encode.toFixed(1)} ms, decoded in ` +
                       `${found.decode.toFixed(1)}, ${found.kbps.toFixed(0)} kbit/s`);
            if (loss === 0) {
                whole = found;
                if (!SMOKE) {
                    rows.push(row(`${name}: p50`, found.p50, 'ms', 12));
                    rows.push(row(`${name}: p95`, found.p95, 'ms', 25));
                }
                rows.push(row(`${name}: p50 beside the sum of the stages`, found.p50, 'ms', 1.3 * SLACK, found.sum));
                continue;
            }
            const lossy = `${name}, ${loss * 100} % lost`;
            rows.push(row(`${lossy}: p95`, found.p95, 'ms', 1.5 * SLACK, whole.p95));
            rows.push(row(`${lossy}: picture to picture`, found.interval, 'ms', SAME * SLACK, whole.interval));
        }
        await page.close();
        await daemon.remove();
        relay.close();
    }
}
await browser.close();
report('latency.json', rows, {notes});
