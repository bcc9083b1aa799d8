// SPDX-License-Identifier: LGPL-2.1-or-later
// What MJPEG costs and how old its pictures are, beside ustreamer in the same run: a table, and
// build/results/mjpeg.json. --json prints that in the table's place; --smoke is shorter, with
// twice the bounds.
//
// Both programs read the same emulated V4L2 device, one after the other, again and again; the
// medians count. CPU is that of a program's threads but for the emulation's own. The age of a
// picture is the time from its capture to its last byte read by a client. On a busy machine one of
// them may send fewer frames than the other: CPU per frame is fair then, too.
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

import {BUILD, freePort, GSTREAMER, ROOT, until} from '../browser/daemon.mjs';
import {cpuMeter, folder, owned} from './support/process.mjs';
import {median, report, row, SMOKE} from './support/report.mjs';

const ROUNDS = SMOKE ? 1 : 3;
const SECONDS = SMOKE ? 2 : 4;
const COUNTS = SMOKE ? [1, 10] : [1, 10, 50];
const SETTLE_MS = 1300; // the clients' own, and what they need to start

const device = path.join(folder, 'video0');

/** What is to be reached, as a share of what the peer needs, by number of clients. */
const CASES = {
    'MJPEG handed on': {
        fourcc: 'MJPG',
        format: ['--format', 'MJPEG', '--encoder', 'HW'],
        bounds: {cpu: {1: 1, 10: 1, 50: 0.25}, p50: {1: 1, 10: 1, 50: 1}, p95: {1: 1, 10: 1, 50: 0.25}},
    },
    'YUYV to JPEG': {
        fourcc: 'YUYV',
        format: ['--format', 'YUYV', '--encoder', 'CPU', '--quality', '80'],
        bounds: {cpu: {1: 0.6, 10: 0.6, 50: 0.6}, p50: {1: 0.25, 10: 0.25, 50: 0.25},
                 p95: {1: 1, 10: 1, 50: 1}},
    },
};
const MEASURES = {cpu: '% of a core', frame: 'ms', p50: 'ms', p95: 'ms', interval: 'ms'};
const TITLES = {cpu: 'CPU', frame: 'CPU per frame', p50: 'age, p50', p95: 'age, p95',
                interval: 'from frame to frame'};
const INTERVAL_BOUND = 1.1; // nobody gains by sending less

const PROGRAMS = {
    pantographd: (port) => {
        const config = path.join(folder, 'server.yaml');
        writeFileSync(config, `authentication: disable\nvideo:\n  device: ${device}\n` +
                              '  width: 1920\n  height: 1080\n  fps: 30\n  quality: 80\n');
        return [path.join(BUILD, 'daemon/pantographd'), '--host', '127.0.0.1', '--port', String(port),
                '--state', path.join(folder, 'state'), '--config', config,
                '--pipelines', path.join(ROOT, 'pipelines'), '--web-root', path.join(ROOT, 'data/web')];
    },
    ustreamer: (port, {format}) => ['ustreamer', '--device', device, '--resolution', '1920x1080',
                                    '--desired-fps', '30', ...format, '--host', '127.0.0.1',
                                    '--port', String(port)],
};
const PATHS = {pantographd: '/api/stream/mjpeg', ustreamer: '/stream'};

const answers = (port) => new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.end() && done(true));
    socket.on('error', () => done(false));
});

async function start(name, kind) {
    const port = await freePort();
    const [program, ...args] = PROGRAMS[name](port, kind);
    const env = {...process.env, ...GSTREAMER, LD_PRELOAD: path.join(BUILD, 'tests/tools/v4l2shim.so'),
                 V4L2SHIM_DEV: device, V4L2SHIM_STAMP: '1', V4L2SHIM_FORMATS: kind.fourcc,
                 V4L2SHIM_TIMINGS: '0', V4L2SHIM_EVENTS: '0',
                 V4L2SHIM_MJPG: path.join(folder, 'desktop.mjpg'),
                 V4L2SHIM_YUYV: path.join(folder, 'desktop.yuyv'),
                 DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/invalid'};
    const child = spawn(program, args, {env, stdio: ['ignore', 'ignore', 'pipe']});
    let said = '';
    child.stderr.on('data', (text) => { said = (said + text).slice(-2000); });
    child.on('error', (error) => { said += error.message; });
    owned(child);
    await until(() => {
        if (!child.pid || child.exitCode !== null)
            throw new Error(`${name} does not start:\n${said}`);
        return answers(port);
    }, `${name} listens`, 20_000);
    return {name, port, child};
}

async function stop({child}) {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
}

async function watch({name, port, child}, clients) {
    const viewers = owned(spawn(path.join(BUILD, 'tests/tools/mjpeg-clients'),
                                [port, PATHS[name], clients, SECONDS].map(String),
                                {stdio: ['ignore', 'pipe', 'inherit']}));
    let told = '';
    viewers.stdout.on('data', (text) => { told += text; });
    const ended = once(viewers, 'close');
    await sleep(SETTLE_MS);
    const meter = cpuMeter(child.pid);
    await sleep(SECONDS * 1000 - 500);
    const cpu = meter();
    const [code] = await ended;
    if (code !== 0)
        throw new Error(`${clients} clients of ${name} failed`);
    const found = JSON.parse(told);
    const interval = 1000 / found.least_fps;
    return {cpu, frame: cpu * 10 / found.mean_fps, p50: found.p50_ms, p95: found.p95_ms, interval};
}

const made = spawnSync('/usr/bin/python3', [path.join(ROOT, 'tests/bench/desktop.py'), folder],
                       {stdio: ['ignore', 'inherit', 'inherit']});
if (made.status !== 0)
    process.exit(1);

const found = {};
for (let round = 0; round < ROUNDS; ++round)
    for (const [title, kind] of Object.entries(CASES))
        for (const name of Object.keys(PROGRAMS)) {
            const program = await start(name, kind);
            for (const clients of COUNTS)
                (((found[title] ??= {})[clients] ??= {})[name] ??= [])
                    .push(await watch(program, clients));
            await stop(program);
        }

const rows = [];
for (const [title, byClients] of Object.entries(found))
    for (const [clients, of] of Object.entries(byClients))
        for (const [measure, unit] of Object.entries(MEASURES)) {
            const of_ = (name) => median(of[name].map((run) => run[measure]));
            const [value, peer] = [of_('pantographd'), of_('ustreamer')];
            const bounds = CASES[title].bounds[measure === 'frame' ? 'cpu' : measure];
            const bound = (bounds?.[clients] ?? INTERVAL_BOUND) * (SMOKE ? 2 : 1);
            rows.push(row(`${title}, ${clients} client${clients === '1' ? '' : 's'}: ${TITLES[measure]}`,
                          value, unit, bound, peer));
        }
report('mjpeg.json', rows, {peer: 'ustreamer', notes: [`1080p30, medians of ${ROUNDS}`]});
