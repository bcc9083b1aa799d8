// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a WebRTC viewer waits for its first picture, and what is left of 500 that came and went:
// a table, and build/results/joins.json.
//
// Options  --json, --smoke (fewer, with twice the bounds)
//
// The time is from sending the offer to the last packet of the first picture. Cold: the daemon has
// just started, and nobody has watched before; warm: another viewer watches already. Descriptors,
// threads and memory are compared once capture and encoder have stopped, after a few that came and
// went and after all.
import {setTimeout as sleep} from 'node:timers/promises';

import {until} from '../browser/daemon.mjs';
import {descriptors, rssMegabytes, threads} from './support/process.mjs';
import {quantile, report, row, SMOKE} from './support/report.mjs';
import {serve} from './support/serve.mjs';
import {Viewer} from './support/viewer.mjs';

const COLD = SMOKE ? 3 : 20;
const WARM = SMOKE ? 5 : 40;
const WARM_UP = SMOKE ? 10 : 30;
const LEAVES = SMOKE ? 20 : 500;
const AT_A_TIME = 4;
const SLACK = SMOKE ? 2 : 1;
const QUIET_MS = 15_000; // until nothing lingers

const screen = {video: {width: 1920, height: 1080, fps: 30, bitrate_kbps: 4000, stamp: true}};

/** Milliseconds until a new viewer of it has its first picture. */
async function join(daemon) {
    const viewer = await Viewer.ready(daemon, '--ages');
    const start = performance.now();
    await viewer.join();
    const ms = performance.now() - start;
    await viewer.leave();
    return ms;
}

async function comeAndGo(daemon, count) {
    await Promise.all(Array.from({length: AT_A_TIME}, async () => {
        while (count-- > 0)
            await join(daemon);
    }));
}

const COUNTS = {descriptors, threads, 'resident memory': rssMegabytes};

/** What it uses once it does not change any more. */
async function atRest({pid}) {
    const counted = () => [descriptors(pid), threads(pid)].join();
    let last = '';
    await until(async () => {
        const same = last === (last = counted());
        await sleep(3500);
        return same && last === counted();
    }, 'rest', QUIET_MS * 4);
    return Object.fromEntries(Object.entries(COUNTS).map(([name, count]) => [name, count(pid)]));
}

const cold = [], warm = [];
for (let i = 0; i < COLD; ++i) {
    const daemon = await serve(screen);
    cold.push(await join(daemon));
    await daemon.remove();
}

const daemon = await serve(screen);
const watching = await Viewer.watching(daemon);
for (let i = 0; i < WARM; ++i)
    warm.push(await join(daemon));
await watching.leave();

await comeAndGo(daemon, WARM_UP);
const before = await atRest(daemon);
await comeAndGo(daemon, LEAVES);
const after = await atRest(daemon);
await daemon.remove();

const waited = (name, of, bound) => row(`${name}: to the first picture, p95`, quantile(of, 0.95), 'ms', bound);
const left = `after ${LEAVES} joins and leaves`;
report('joins.json', [
    // No peer tells how busy the machine is: a short run, which may fail a build, tells and does not judge.
    ...SMOKE ? [] : [waited('cold', cold, 800), waited('warm', warm, 400)],
    row(`descriptors ${left}`, after.descriptors, '', 1, before.descriptors),
    row(`threads ${left}`, after.threads, '', 1, before.threads),
    row(`more memory ${left}`, after['resident memory'] - before['resident memory'], 'MB', 2 * SLACK),
], {peer: 'before', notes: [
    `p50 ${quantile(cold, 0.5).toFixed(0)} ms of ${COLD} cold, ${quantile(warm, 0.5).toFixed(0)} ms of ${WARM} warm`,
    `${before['resident memory'].toFixed(1)} MB resident before, ${after['resident memory'].toFixed(1)} after`]});
