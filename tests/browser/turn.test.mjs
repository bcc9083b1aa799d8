// SPDX-License-Identifier: LGPL-2.1-or-later
// The console where WebRTC gets through by the configured TURN server only.

import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {Daemon, ROOT} from './daemon.mjs';
import {fact, openLive, startBrowser} from './page.mjs';

let folder;
let server;
let daemon;
let browser;
const said = [];

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pantograph-turn-'));
    server = spawn('/usr/bin/python3', [path.join(ROOT, 'tests/integration/turn.py'), '10.99.0.1', 'u', 'c'],
                   {stdio: ['ignore', 'pipe', 'inherit']});
    const lines = createInterface({input: server.stdout});
    const port = await new Promise((first) => lines.once('line', first));
    lines.on('line', (line) => said.push(line));
    const settings = path.join(folder, 'server.yaml');
    await writeFile(settings, `turn: {turnAddr: "10.99.0.1:${port}", turnUser: u, turnCred: c}\n`);
    [daemon, browser] = await Promise.all([Daemon.start('--config', settings), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
    server?.kill();
    await rm(folder, {recursive: true, force: true});
});

test('The picture comes by the TURN server where there is no other way', async () => {
    const page = await openLive(browser, daemon, {init: () => {
        window.RTCPeerConnection = class extends RTCPeerConnection {
            constructor(settings) {
                super({...settings, iceTransportPolicy: 'relay'});
                window.peer = this;
            }
        };
    }});
    assert.equal(await fact(page, 'transport'), 'webrtc');
    const kind = await page.evaluate(async () => {
        const reports = [...(await window.peer.getStats()).values()];
        const pair = reports.find(({type, nominated}) => type === 'candidate-pair' && nominated);
        return reports.find(({id}) => id === pair.localCandidateId).candidateType;
    });
    assert.equal(kind, 'relay');
    assert.ok(said.includes('allocation') && !said.includes('denied'), String(said));
    assert.deepEqual(page.problems, []);
});
