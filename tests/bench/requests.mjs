// SPDX-License-Identifier: LGPL-2.1-or-later
// What one small JSON GET with a session costs, beside the least that libsoup can serve in the same
// run.
//
// The two take turns, with a connection for each request and with connections that are kept. CPU
// time of the server's process counts beside requests per second: it is the same on a busy machine.
// Both have the first CPU, and this client the last: who sleeps on another is dear to wake up, and
// where the scheduler puts the three would else decide.
import {execFileSync, spawn} from 'node:child_process';
import {createCipheriv, createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {connect} from 'node:net';
import {cpus} from 'node:os';
import path from 'node:path';

import {BUILD, Daemon} from '../browser/daemon.mjs';
import {cpuMeter, owned} from './support/process.mjs';
import {median, report, row} from './support/report.mjs';

const ROUNDS = 11;
const REQUESTS = 2000;
const AT_A_TIME = 4;

/** One exchange on a connection of its own. */
function get({port, head}) {
    return new Promise((done, failed) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(`${head}Connection: close\r\n\r\n`));
        let answer = '';
        socket.setTimeout(20_000, () => socket.destroy(new Error('no answer within 20 s')));
        socket.on('data', (bytes) => { answer += bytes; });
        socket.on('error', failed);
        socket.on('close', () => answer.startsWith('HTTP/1.1 200') ? done() : failed(new Error(answer)));
    });
}

/** So many exchanges, one after the other, on one connection. */
function getOften({port, head}, count) {
    return new Promise((done, failed) => {
        const request = `${head}\r\n`;
        const socket = connect(port, '127.0.0.1', () => socket.write(request));
        let answer = '';
        socket.setNoDelay();
        socket.setTimeout(20_000, () => socket.destroy(new Error('no answer within 20 s')));
        socket.on('data', (bytes) => {
            answer += bytes;
            if (!answer.endsWith('"PCIE"}}'))
                return;
            answer = '';
            if (--count > 0)
                return socket.write(request);
            socket.end();
            done();
        });
        socket.on('error', failed);
        socket.on('close', () => failed(new Error(`closed after ${answer}`)));
    });
}

const KINDS = {
    single: (server) => {
        let left = REQUESTS;
        return Promise.all(Array.from({length: AT_A_TIME}, async () => {
            while (left-- > 0)
                await get(server);
        }));
    },
    kept: (server) => Promise.all(
        Array.from({length: AT_A_TIME}, () => getOften(server, REQUESTS / AT_A_TIME))),
};

async function round(server, kind) {
    const cpuPercent = cpuMeter(server.pid);
    const start = performance.now();
    await KINDS[kind](server);
    const seconds = (performance.now() - start) / 1000;
    return {rate: REQUESTS / seconds, cpu: cpuPercent() * 1e4 * seconds / REQUESTS};
}

/** As the NanoKVM's page scrambles a password. */
function scrambled(password) {
    const salt = randomBytes(8);
    const md5 = (...parts) => createHash('md5').update(Buffer.concat(parts)).digest();
    const secret = Buffer.concat([Buffer.from('nanokvm-sipeed-2024'), salt]);
    const first = md5(secret), second = md5(first, secret), third = md5(second, secret);
    const cipher = createCipheriv('aes-256-cbc', Buffer.concat([first, second]), third);
    return Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(password), cipher.final()])
        .toString('base64');
}

async function signIn(to) {
    const body = JSON.stringify({username: to.user, password: scrambled(to.password)});
    const headers = {'Content-Type': 'application/json'};
    const answer = await to.get('/api/auth/login', {method: 'POST', headers, body});
    return (await answer.json()).data.token;
}

const daemon = await Daemon.start();
const bare = owned(spawn(path.join(BUILD, 'tests/tools/bare-soup'), {stdio: ['ignore', 'pipe', 'inherit']}));
const [line] = await once(bare.stdout, 'data');
const token = await signIn(daemon);
// Both get the same bytes and answer alike; only the daemon reads the cookie, and logs.
const head = `GET /api/vm/hardware HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token=${token}\r\n`;
const servers = {
    daemon: {port: daemon.port, pid: daemon.pid, head},
    bare: {port: Number(String(line)), pid: bare.pid, head},
};
const put = (pid, cpu) => execFileSync('taskset', ['-acp', String(cpu), String(pid)]);
put(daemon.pid, 0);
put(bare.pid, 0);
put(process.pid, cpus().length - 1);
const found = {};
for (let i = 0; i < ROUNDS; ++i)
    for (const kind of Object.keys(KINDS))
        for (const [name, server] of Object.entries(servers))
            ((found[kind] ??= {})[name] ??= []).push(await round(server, kind));
await daemon.remove();
bare.kill();

const WITHIN = 1.176; // 85 % of its requests per second
const NAMES = {single: 'a connection each', kept: 'kept connections'};
const rows = Object.entries(found).flatMap(([kind, {daemon: here, bare: peer}]) => {
    const of = (rounds, measure) => median(rounds.map((round) => round[measure]));
    return [
        row(`${NAMES[kind]}: time`, 1e6 / of(here, 'rate'), 'us', WITHIN, 1e6 / of(peer, 'rate')),
        row(`${NAMES[kind]}: CPU`, of(here, 'cpu'), 'us', WITHIN, of(peer, 'cpu')),
    ];
});
report('requests.json', rows, {
    here: 'pantographd', peer: 'libsoup',
    notes: [`medians of ${ROUNDS}, ${REQUESTS} requests each, ${AT_A_TIME} at a time`],
});
