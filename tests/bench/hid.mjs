// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a pointer report takes from a socket to the gadget's node, beside the echo of a bare
// libsoup WebSocket in the same run: a table, and build/results/hid.json.
//
// Options  --json, --smoke (fewer reports, with twenty times the bounds)
//
// Each report is another position. It goes over /api/ws, and over a WebRTC data channel (from a
// process of its own, which gets it by a pipe); the node is a pipe that this process reads. All take
// turns, so that each has the same noise of the machine.
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {constants, openSync} from 'node:fs';
import {Socket} from 'node:net';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

import WebSocket from 'ws';

import {BUILD} from '../browser/daemon.mjs';
import {folder, owned} from './support/process.mjs';
import {quantile, report, row, SMOKE} from './support/report.mjs';
import {serve} from './support/serve.mjs';
import {Viewer} from './support/viewer.mjs';

const ROUNDS = SMOKE ? 5 : 20;
const REPORTS = SMOKE ? 40 : 100; // of each way in each round
const PACE_MS = 3;
const SLACK = SMOKE ? 20 : 1;
const PATIENCE_MS = 5000;

/** Reads what comes to a node. */
function node(name) {
    const file = path.join(folder, name);
    if (spawnSync('mkfifo', [file]).status !== 0)
        throw new Error(`cannot make ${file}`);
    const socket = new Socket({fd: openSync(file, constants.O_RDWR | constants.O_NONBLOCK)});
    return {file, socket};
}

async function opened(url) {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return socket;
}

/** Settles with the time at which `wanted` is the last that came. */
class Arrivals {
    #wanted = null;
    #done = null;

    came(bytes) {
        const now = performance.now();
        if (this.#wanted && bytes.subarray(-this.#wanted.length).equals(this.#wanted))
            this.#done(now);
    }

    of(wanted) {
        return new Promise((done, failed) => {
            const timer = setTimeout(() => failed(new Error('a report did not arrive')), PATIENCE_MS);
            this.#wanted = wanted;
            this.#done = (now) => {
                clearTimeout(timer);
                this.#wanted = null;
                done(now);
            };
        });
    }
}

const nodes = Object.fromEntries(['keyboard', 'relative', 'absolute'].map((name) => [name, node(name)]));
const hid = Object.fromEntries(Object.entries(nodes).map(([name, {file}]) => [name, file]));
const daemon = await serve({hid});
const bare = owned(spawn(path.join(BUILD, 'tests/tools/bare-soup'), {stdio: ['ignore', 'pipe', 'inherit']}));
const [port] = await once(bare.stdout, 'data');

const atNode = new Arrivals(), atEcho = new Arrivals();
nodes.absolute.socket.on('data', (bytes) => atNode.came(bytes));
const echo = await opened(`ws://127.0.0.1:${Number(String(port))}/echo`);
echo.on('message', (bytes) => atEcho.came(bytes));
const socket = await opened(`ws://127.0.0.1:${daemon.port}/api/ws`);
const viewer = await Viewer.ready(daemon, '--bytes');
await Promise.all([viewer.said('told'), viewer.join()]); // its data channel is open

const WAYS = {
    'echo': {arrivals: atEcho, send: (message) => echo.send(message)},
    '/api/ws': {arrivals: atNode, send: (message) => socket.send(message)},
    'data channel': {arrivals: atNode, send: (message) => viewer.send(message)},
};

let sent = 0;

/** The pointer where it has not been before; and so are the first bytes of an echo. */
function position() {
    const message = Buffer.from([2, 0, 0, 0, 0, 0, 0]);
    message.writeUInt16LE(++sent % 0x7fff, 2);
    message.writeUInt16LE(sent * 7 % 0x7fff, 4);
    return message;
}

async function one({arrivals, send}) {
    const message = position();
    const arrived = arrivals.of(message.subarray(1));
    const start = performance.now();
    send(message);
    return await arrived - start;
}

// Whose newest line it is has the input: each way introduces itself when its turn comes.
const client = Buffer.from(JSON.stringify({client: 'both-of-one-window'}));

const found = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
for (let i = 0; i < ROUNDS; ++i)
    for (const [name, way] of Object.entries(WAYS)) {
        way.send(client);
        await one(way); // not counted
        for (let n = 0; n < REPORTS; ++n) {
            await sleep(PACE_MS);
            found[name].push(await one(way));
        }
    }
[echo, socket].forEach((s) => s.terminate());
await viewer.leave();
await daemon.remove();

const at = (name, q) => quantile(found[name], q);
const rows = [];
for (const way of ['/api/ws', 'data channel'])
    rows.push(row(`${way} to the node, p99, over the echo's`, at(way, 0.99) - at('echo', 0.99), 'ms', 1 * SLACK));
report('hid.json', rows, {notes: Object.keys(WAYS).map(
    (way) => `${way}: p50 ${at(way, 0.5).toFixed(3)}, p95 ${at(way, 0.95).toFixed(3)}, ` +
             `p99 ${at(way, 0.99).toFixed(3)} ms of ${found[way].length}`)});
