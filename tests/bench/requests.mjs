// SPDX-License-Identifier: LGPL-2.1-or-later
// What one small JSON GET with a session costs, beside the least that libsoup can serve in the same
// run: a table, and build/results/requests.json.
//
// The two take turns, a connection for each request as the daemon closes every one. CPU time of the
// server's process counts beside requests per second: it is the same on a busy machine.
import {spawn} from 'node:child_process';
import {createCipheriv, createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import path from 'node:path';

import {BUILD, Daemon} from '../browser/daemon.mjs';

const ROUNDS = 5;
const REQUESTS = 2000;
const AT_A_TIME = 4;

function cpuMicroseconds(pid) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** One exchange on a connection of its own. */
function get({port, head}) {
    return new Promise((done, failed) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(head));
        let answer = '';
        socket.setTimeout(20_000, () => socket.destroy(new Error('no answer within 20 s')));
        socket.on('data', (bytes) => { answer += bytes; });
        socket.on('error', failed);
        socket.on('close', () => answer.startsWith('HTTP/1.1 200') ? done() : failed(new Error(answer)));
    });
}

async function round(server) {
    const cpu = cpuMicroseconds(server.pid);
    const start = performance.now();
    let left = REQUESTS;
    await Promise.all(Array.from({length: AT_A_TIME}, async () => {
        while (left-- > 0)
            await get(server);
    }));
    const seconds = (performance.now() - start) / 1000;
    return {rate: REQUESTS / seconds, cpu: (cpuMicroseconds(server.pid) - cpu) / REQUESTS};
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
const bare = spawn(path.join(BUILD, 'tests/tools/bare-soup'), {stdio: ['ignore', 'pipe', 'inherit']});
process.on('exit', () => bare.kill());
const [line] = await once(bare.stdout, 'data');
const token = await signIn(daemon);
const request = (cookie) =>
    `GET /api/vm/hardware HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${cookie}\r\n`;
const servers = {
    daemon: {port: daemon.port, pid: daemon.pid, head: request(`Cookie: nano-kvm-token=${token}\r\n`)},
    bare: {port: Number(String(line)), pid: bare.pid, head: request('')},
};
const found = {daemon: [], bare: []};
for (let i = 0; i < ROUNDS; ++i)
    for (const [name, server] of Object.entries(servers))
        found[name].push(await round(server));
await daemon.remove();
bare.kill();

const summary = {};
for (const [name, rounds] of Object.entries(found))
    summary[name] = {requestsPerSecond: Math.round(median(rounds.map((r) => r.rate))),
                     cpuMicroseconds: Math.round(median(rounds.map((r) => r.cpu)))};
summary.rateRatio = summary.daemon.requestsPerSecond / summary.bare.requestsPerSecond;
summary.cpuRatio = summary.daemon.cpuMicroseconds / summary.bare.cpuMicroseconds;
mkdirSync(path.join(BUILD, 'results'), {recursive: true});
writeFileSync(path.join(BUILD, 'results', 'requests.json'), JSON.stringify(summary, null, 1) + '\n');
for (const name of Object.keys(found))
    console.log(`${name.padEnd(8)} ${summary[name].requestsPerSecond} requests/s, ` +
                `${summary[name].cpuMicroseconds} us of CPU each`);
console.log(`ratio    ${summary.rateRatio.toFixed(2)} of the requests, ` +
            `${summary.cpuRatio.toFixed(2)} times the CPU`);
