// SPDX-License-Identifier: LGPL-2.1-or-later
// What more WebRTC viewers cost, beside one of them in the same run, in 1080p at 30 pictures per
// second with about 4 Mbit/s each: a table, and build/results/viewers.json.
//
// Options  --json, --smoke (fewer viewers, with five times the bounds)
//
// The viewers take the packets and decode nothing. The age of a picture is the time from its capture
// to its last packet at the first viewer. One viewer and many take turns; the medians count. CPU is
// that of the daemon's threads but for the emulated capture device's own.
import {setTimeout as sleep} from 'node:timers/promises';

import {cpuMeter, networkMeter} from './support/process.mjs';
import {median, quantile, report, row, SMOKE} from './support/report.mjs';
import {capture, draw, serve} from './support/serve.mjs';
import {Viewer} from './support/viewer.mjs';

const ROUNDS = SMOKE ? 1 : 3;
const SECONDS = SMOKE ? 3 : 8;
const MANY = SMOKE ? 5 : 20;
const SLACK = SMOKE ? 5 : 1;
const SETTLE_MS = 2000;
const LEAST_KBPS = 3000; // of 4000: else it is no measurement at that rate
const SAME = 1.1;        // a ratio that is no change

draw('video');
const {video, env} = capture('video');
const daemon = await serve({video}, env);
const first = await Viewer.watching(daemon, '--ages');

async function measure(viewers) {
    await sleep(SETTLE_MS);
    first.ages = [];
    const [cpu, network] = [cpuMeter(daemon.pid), networkMeter()];
    await sleep(SECONDS * 1000);
    return {cpu: cpu(), kbps: network() / viewers, rate: first.ages.length / SECONDS,
            p50: quantile(first.ages, 0.5), p95: quantile(first.ages, 0.95)};
}

const rounds = [];
for (let i = 0; i < ROUNDS; ++i) {
    const one = await measure(1);
    const more = [];
    while (more.length < MANY - 1)
        more.push(await Viewer.watching(daemon));
    rounds.push({one, many: await measure(MANY)});
    await Promise.all(more.map((viewer) => viewer.leave()));
}
await first.leave();
await daemon.remove();

const of = (who, what) => median(rounds.map((round) => round[who][what]));
const more = median(rounds.map(({one, many}) => (many.cpu - one.cpu) / (MANY - 1)));
for (const who of ['one', 'many'])
    if (of(who, 'kbps') < LEAST_KBPS)
        throw new Error(`a viewer got no more than ${of(who, 'kbps').toFixed(0)} kbit/s`);
report('viewers.json', [
    row('CPU for each more', more, '% of a core', 1 * SLACK),
    row(`the first one's age, p50`, of('many', 'p50'), 'ms', SAME * SLACK, of('one', 'p50')),
    row(`the first one's age, p95`, of('many', 'p95'), 'ms', SAME * SLACK, of('one', 'p95')),
    row(`from picture to picture`, 1000 / of('many', 'rate'), 'ms', SAME * SLACK, 1000 / of('one', 'rate')),
], {here: `${MANY} viewers`, peer: 'one', notes: [
    `medians of ${ROUNDS}`, `CPU ${of('one', 'cpu').toFixed(1)} % of a core with one, ` +
    `${of('many', 'cpu').toFixed(1)} % with ${MANY}`,
    `each gets ${of('many', 'kbps').toFixed(0)} kbit/s with all headers`]});
