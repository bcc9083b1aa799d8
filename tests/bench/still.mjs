// SPDX-License-Identifier: LGPL-2.1-or-later
// What one WebRTC viewer of a screen that stands still costs, beside the same screen moving, in
// 1080p at 30 pictures per second: a table, and build/results/still.json.
//
// Options  --json, --smoke (shorter, with twice the bounds)
//
// Both are measured on the virtual computer, whose screen moves by a stamp in its corner, and on an
// emulated capture device, whose pictures have to be looked at to be known as the same. CPU is that
// of the daemon's threads but for the emulation's own. The rate counts all that goes over the network.
import {setTimeout as sleep} from 'node:timers/promises';

import {until} from '../browser/daemon.mjs';
import {cpuMeter, networkMeter} from './support/process.mjs';
import {median, report, row, SMOKE} from './support/report.mjs';
import {capture, draw, serve} from './support/serve.mjs';
import {Viewer} from './support/viewer.mjs';

const ROUNDS = SMOKE ? 1 : 3;
const SECONDS = SMOKE ? 4 : 10;
const SLACK = SMOKE ? 2 : 1;
const MOVING_MS = 2000; // until the encoder's rate has settled
const REST_MS = 30_000;

const SCREENS = {
    'virtual computer': (still) =>
        ({video: {width: 1920, height: 1080, fps: 30, bitrate_kbps: 4000, stamp: !still}}),
    'capture device': (still) => capture('cursor', {still}),
};

/** Waits until there is no more than about two pictures a second. */
async function atRest(viewer) {
    await until(async () => {
        viewer.ages = [];
        await sleep(3000);
        return viewer.ages.length <= 6;
    }, 'rest', REST_MS);
}

/** CPU in percent of a core, kbit/s, and pictures per second. */
async function measure(screen, still) {
    const {video, env} = SCREENS[screen](still);
    const daemon = await serve({video}, env);
    const viewer = await Viewer.watching(daemon, '--ages');
    await (still ? atRest(viewer) : sleep(MOVING_MS));
    viewer.ages = [];
    const [cpu, network] = [cpuMeter(daemon.pid), networkMeter()];
    await sleep(SECONDS * 1000);
    const found = {cpu: cpu(), kbps: network(), rate: viewer.ages.length / SECONDS};
    await viewer.leave();
    await daemon.remove();
    if (!still && found.rate < 15)
        throw new Error(`${screen}: the moving screen had ${found.rate} pictures per second`);
    return found;
}

draw('cursor');
const rows = [], notes = [];
for (const screen of Object.keys(SCREENS)) {
    const rounds = [];
    for (let i = 0; i < ROUNDS; ++i)
        rounds.push({moving: await measure(screen, false), still: await measure(screen, true)});
    const of = (what, measure) => median(rounds.map((round) => round[what][measure]));
    rows.push(row(`${screen}: CPU`, of('still', 'cpu'), '% of a core', 0.15 * SLACK, of('moving', 'cpu')));
    rows.push(row(`${screen}: rate`, of('still', 'kbps'), 'kbit/s', 20 * SLACK));
    notes.push(`${screen}: ${of('still', 'rate').toFixed(1)} pictures per second, moving ` +
               `${of('moving', 'rate').toFixed(1)} with ${of('moving', 'kbps').toFixed(0)} kbit/s`);
}
report('still.json', rows, {here: 'still', peer: 'moving', notes: [`medians of ${ROUNDS}`, ...notes]});
