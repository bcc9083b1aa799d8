// SPDX-License-Identifier: LGPL-2.1-or-later
// What one WebRTC viewer on a line of 500 kbit/s costs four good ones, beside the four alone in the
// same run, in 1080p at 30 pictures per second with about 4 Mbit/s each: a table, and
// build/results/throttle.json.
//
// Options  --json, --smoke (shorter, with three times the bound)
//
// The viewers take the packets and decode nothing. The age of a picture is the time from its capture
// to its last packet. The line is a relay that queues 200 ms of packets and loses what comes then.
import {setTimeout as sleep} from 'node:timers/promises';

import {Relay} from '../browser/relay.mjs';
import {median, quantile, report, row, SMOKE} from './support/report.mjs';
import {capture, draw, serve} from './support/serve.mjs';
import {Viewer} from './support/viewer.mjs';

const ROUNDS = SMOKE ? 1 : 5;
const SECONDS = SMOKE ? 3 : 10;
const SLACK = SMOKE ? 3 : 1;
const LINE_KBPS = 500;
const FRAME_MS = 1000 / 30;
const SETTLE_MS = SMOKE ? 3000 : 4000; // until the slow one has what its line can take
const SAME = 1.1;       // a ratio that is no change

draw('video');
const {video, env} = capture('video');
const daemon = await serve({video}, env);
const four = [];
while (four.length < 4)
    four.push(await Viewer.watching(daemon, '--ages'));

async function measure() {
    await sleep(SETTLE_MS);
    four.forEach((viewer) => { viewer.ages = []; });
    await sleep(SECONDS * 1000);
    const ages = four.map((viewer) => viewer.ages);
    return {p50: quantile(ages.flat(), 0.5), p95: quantile(ages.flat(), 0.95),
            rate: Math.min(...ages.map((some) => some.length)) / SECONDS};
}

const rounds = [];
for (let i = 0; i < ROUNDS; ++i) {
    const alone = await measure();
    const slow = await Viewer.ready(daemon, '--ages');
    slow.relay = new Relay();
    await slow.join();
    slow.relay.kbps = LINE_KBPS;
    const beside = await measure();
    slow.ages = [];
    await sleep(SECONDS * 1000);
    rounds.push({alone, beside, slow: {p50: quantile(slow.ages, 0.5), rate: slow.ages.length / SECONDS}});
    await slow.leave();
}
await Promise.all(four.map((viewer) => viewer.leave()));
await daemon.remove();

const of = (who, what) => median(rounds.map((round) => round[who][what]));
const later = median(rounds.map(({alone, beside}) => beside.p95 - alone.p95));
report('throttle.json', [
    row(`the four's age, p95: more than alone`, later, 'ms', FRAME_MS * SLACK),
    row('from picture to picture', 1000 / of('beside', 'rate'), 'ms', SAME * SLACK, 1000 / of('alone', 'rate')),
], {here: 'beside', peer: 'alone', notes: [
    `medians of ${ROUNDS}`,
    `the four's age: p50 ${of('alone', 'p50').toFixed(1)} and p95 ${of('alone', 'p95').toFixed(1)} ms alone, ` +
    `${of('beside', 'p50').toFixed(1)} and ${of('beside', 'p95').toFixed(1)} ms beside the slow one`,
    `the slow one gets ${of('slow', 'rate').toFixed(1)} pictures per second, ` +
    `${of('slow', 'p50').toFixed(0)} ms old (p50)`]});
