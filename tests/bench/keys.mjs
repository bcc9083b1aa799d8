// SPDX-License-Identifier: LGPL-2.1-or-later
// Key to pixel in Chromium, and what the daemon needs with one viewer and with none: a table, and
// build/results/keys.json.
//
// Options  --json, --smoke (fewer, at 30 pictures per second, with five times the bounds)
//
// From sending the report over the data channel to the first presented picture of the virtual
// computer in which the cursor's cell has changed.
import {setTimeout as sleep} from 'node:timers/promises';

import {startBrowser} from '../browser/page.mjs';
import {connected, servePage} from './support/page.mjs';
import {cpuMeter, rssMegabytes} from './support/process.mjs';
import {quantile, report, row, SMOKE} from './support/report.mjs';

const RATES = SMOKE ? [30] : [30, 60];
const KEYS = SMOKE ? 10 : 40;
const SLACK = SMOKE ? 5 : 1;
const SETTLE_MS = 1500;
const LINGER_MS = 8000; // until encoder and capture have stopped
const IDLE_MS = 4000;

const browser = await startBrowser();
const rows = [];
for (const fps of RATES) {
    const daemon = await servePage({video: {fps}});
    const page = await connected(browser, daemon, [1280, 720]);
    await sleep(SETTLE_MS);
    const waited = await page.evaluate((count) => window.keyToPixel(count), KEYS);
    const rss = rssMegabytes(daemon.pid);
    await page.evaluate(() => window.disconnect());
    await page.close();
    await sleep(LINGER_MS);
    const cpu = cpuMeter(daemon.pid);
    await sleep(IDLE_MS);
    rows.push(row(`720p${fps}: key to pixel, p50`, quantile(waited, 0.5), 'ms', 40 * SLACK),
              row(`720p${fps}: resident with one viewer`, rss, 'MB', 80 * SLACK),
              row(`720p${fps}: CPU with no viewer`, cpu(), '% of a core', 2 * SLACK));
    await daemon.remove();
}
await browser.close();
report('keys.json', rows);
