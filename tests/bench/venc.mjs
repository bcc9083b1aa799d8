// SPDX-License-Identifier: LGPL-2.1-or-later
// What vench264enc adds to a hardware encoder's own time, per 1080p frame: a table, and
// build/results/venc.json.
//
// Options  --json, --smoke (shorter, with a wider bound)
//
// The encoder is the library that stands in for a board's; the same picture, a DMABUF, goes through a
// bare session and through the element, in turns in one process. The time that counts is the
// median of what the element took more than the session just before it.
import {execFileSync} from 'node:child_process';
import path from 'node:path';

import {BUILD} from '../browser/daemon.mjs';
import {median, report, row, SMOKE} from './support/report.mjs';

const out = execFileSync(path.join(BUILD, 'tests/tools/venc-overhead'), [SMOKE ? '100' : '600'], {
    env: {...process.env, VENC_MPP_LIBRARY: path.join(BUILD, 'tests/fakes/mpp/librockchip_mpp.so.1')},
    timeout: 120_000,
});
const lines = out.toString().trim().split('\n');
const copies = Number(lines.pop());
const frames = lines.map((line) => line.split(' ').map((us) => Number(us) / 1000))
    .slice(10); // until both have their memory
const added = median(frames.map(([bare, element]) => element - bare));
report('venc.json', [
    row('1080p frame: the element, p50', median(frames.map(([, element]) => element)), 'ms',
        SMOKE ? 2 : 1.25, median(frames.map(([bare]) => bare))),
    row('1080p frame: added by the element', added, 'ms', SMOKE ? 1 : 0.3),
    row('1080p frame: copies of the picture', copies / (lines.length), 'per frame', 0),
], {peer: 'session'});
