// SPDX-License-Identifier: LGPL-2.1-or-later
// A WebRTC viewer that decodes nothing, in a process of its own: webrtc-peer.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';

import {BUILD, GSTREAMER} from '../../browser/daemon.mjs';
import {owned} from './process.mjs';

const PATIENCE_MS = 30_000;

export class Viewer {
    #daemon;
    #child;
    #waiting = new Map();
    #location = null;
    /// Age of each picture since this was emptied, in ms; with --ages.
    ages = [];
    /// What all packets go by, if set before it asks to watch.
    relay = null;

    /// A viewer with its offer made, that has not asked yet. Options are webrtc-peer's.
    static async ready(daemon, ...options) {
        const viewer = new Viewer();
        viewer.#daemon = daemon;
        viewer.#child = owned(spawn(path.join(BUILD, 'tests/tools/webrtc-peer'), options,
                                    {env: {...process.env, ...GSTREAMER},
                                     stdio: ['pipe', 'pipe', 'inherit']}));
        viewer.#child.stdin.on('error', () => {}); // it has ended: said() tells
        createInterface(viewer.#child.stdout).on('line', (line) => viewer.#hear(line));
        viewer.offer = Buffer.from(await viewer.said('offer'), 'base64').toString();
        return viewer;
    }

    /// A viewer that has its first picture.
    static async watching(daemon, ...options) {
        const viewer = await Viewer.ready(daemon, ...options);
        await viewer.join();
        return viewer;
    }

    #hear(line) {
        const [word, rest] = line.split(' ', 2);
        if (word === 'age')
            this.ages.push(Number(rest) / 1000);
        this.#waiting.get(word)?.(rest);
        this.#waiting.delete(word);
    }

    /// What it says next with that word.
    said(word) {
        return new Promise((done, failed) => {
            const fail = (why) => failed(new Error(`the viewer said no "${word}": ${why}`));
            const timer = setTimeout(() => fail(`not within ${PATIENCE_MS} ms`), PATIENCE_MS);
            const ended = (status) => fail(`it ended with ${status}`);
            this.#child.once('exit', ended);
            this.#waiting.set(word, (rest) => {
                clearTimeout(timer);
                this.#child.off('exit', ended);
                done(rest);
            });
        });
    }

    /// The offer; with a relay nobody is told of another way.
    #asked() {
        return this.relay ? this.offer.replace(/^a=candidate:.*\r\n/gm, '') : this.offer;
    }

    /// Asks to watch; returns when the first whole picture (with --ages, else packet) is here.
    async join() {
        const seen = this.said(this.#child.spawnargs.includes('--ages') ? 'age' : 'frame');
        const answer = await this.#daemon.get(
            '/whep', {method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: this.#asked()});
        if (answer.status !== 201)
            throw new Error(`/whep answers ${answer.status}: ${await answer.text()}`);
        this.#location = answer.headers.get('Location');
        const text = await answer.text();
        this.#child.stdin.write(
            Buffer.from(await this.relay?.between(text) ?? text).toString('base64') + '\n');
        await seen;
    }

    /// Sends bytes over the data channel; with --bytes.
    send(bytes) {
        this.#child.stdin.write(bytes.toString('base64') + '\n');
    }

    /// Says goodbye, and ends.
    async leave() {
        await this.#daemon.get(this.#location, {method: 'DELETE'});
        const ended = once(this.#child, 'exit');
        this.#child.kill('SIGKILL');
        await ended;
        this.relay?.close();
    }
}
