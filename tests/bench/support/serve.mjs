// SPDX-License-Identifier: LGPL-2.1-or-later
// A pantographd to measure: it lets everyone in, and sees the virtual computer or an emulated
// capture device.
import {spawnSync} from 'node:child_process';
import {rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';

import {BUILD, Daemon, ROOT} from '../../browser/daemon.mjs';
import {folder} from './process.mjs';

const served = [];
process.on('exit', () => served.forEach((daemon) => { // those that a failure left
    daemon.stop('SIGKILL');
    rmSync(daemon.state, {recursive: true, force: true});
}));

/// Starts one. `settings` is an object of sections as in server.yaml; `env` adds to its environment.
export async function serve(settings = {}, env = {}, ...args) {
    const config = path.join(folder, `server${served.length}.yaml`);
    const sections = {logger: {level: 'warn', file: path.join(folder, 'log')}, ...settings};
    writeFileSync(config, 'authentication: disable\n' + Object.entries(sections).map(
        ([name, section]) => `${name}:\n` + Object.entries(section).map(
            ([key, value]) => `  ${key}: ${value}\n`).join('')).join(''));
    const daemon = await Daemon.startIn(env, '--config', config, ...args);
    served.push(daemon);
    return daemon;
}

/// Draws raw 1080p pictures of `content` (cursor, scroll or video), for capture().
export function draw(content) {
    const made = spawnSync('/usr/bin/python3', [path.join(ROOT, 'tests/bench/desktop.py'), folder, content],
                           {stdio: ['ignore', 'ignore', 'inherit']});
    if (made.status !== 0)
        throw new Error(`desktop.py cannot draw ${content}`);
}

/// Video settings and environment of an emulated 1080p capture device that shows what draw() drew,
/// with a wall-clock stamp if `stamped`; a `still` one shows one picture all the time.
export function capture(content, {fps = 30, still = false, stamped = false} = {}) {
    const device = path.join(folder, 'video0');
    return {
        video: {device, width: 1920, height: 1080, fps, bitrate_kbps: 4000},
        env: {LD_PRELOAD: path.join(BUILD, 'tests/tools/v4l2shim.so'), V4L2SHIM_DEV: device,
              V4L2SHIM_FPS: String(fps), V4L2SHIM_FORMATS: 'NV12', V4L2SHIM_TIMINGS: '0',
              V4L2SHIM_EVENTS: '0', V4L2SHIM_STATIC: still ? '1' : '0',
              V4L2SHIM_STAMP: stamped ? '1' : '0',
              V4L2SHIM_NV12: path.join(folder, `${content}.nv12`)},
    };
}
