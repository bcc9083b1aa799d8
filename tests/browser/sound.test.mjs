// SPDX-License-Identifier: LGPL-2.1-or-later
// The computer's sound in the console: there when the daemon has one, muted until it is wanted.

import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {tmpdir} from 'node:os';
import {Daemon, until} from './daemon.mjs';
import {fact, openLive, startBrowser} from './page.mjs';

const SETTINGS = 'audio:\n  device: virtual\n';

let silent;
let ringing;
let browser;
let page;

/// Keeps every connection the page makes, so that its figures can be read.
const keepPeers = () => {
    const Original = globalThis.RTCPeerConnection;
    globalThis.peers = [];
    globalThis.RTCPeerConnection = class extends Original {
        constructor(...args) {
            super(...args);
            globalThis.peers.push(this);
        }
    };
};

before(async () => {
    const settings = path.join(tmpdir(), `pantograph-sound-${process.pid}.yaml`);
    await writeFile(settings, `${SETTINGS}\nvideo: {stamp: true}\n`);
    [silent, ringing, browser] = await Promise.all(
        [Daemon.start(), Daemon.start('--config', settings), startBrowser()]);
    page = await openLive(browser, ringing, {init: keepPeers});
});
after(async () => {
    await browser?.close();
    await Promise.all([silent?.remove(), ringing?.remove()]);
});

/// What the newest connection has got of a kind of media.
const received = (kind) => page.evaluate(async (wanted) => {
    const stats = await globalThis.peers.at(-1).getStats();
    return [...stats.values()].find((s) => s.type === 'inbound-rtp' && s.kind === wanted) ?? {};
}, kind);

const energy = async () => (await received('audio')).totalAudioEnergy ?? 0;

test('A computer without sound has no button for it', async () => {
    const other = await openLive(browser, silent);
    assert.equal(await other.locator('#sound').isVisible(), false);
    assert.equal(await fact(other, 'audible'), false);
    assert.deepEqual(other.problems, []);
    await other.context().close();
});

test('Sound is muted at first, and nothing is captured', async () => {
    assert.equal(await page.locator('#sound').isVisible(), true);
    assert.equal(await page.getAttribute('#sound', 'aria-pressed'), 'false');
    assert.equal(await page.evaluate(() => document.getElementById('speaker').muted), true);
    await until(async () => (await fact(page, 'sound'))?.state === 'idle', 'nobody listens');
});

test('The button lets the computer be heard', async () => {
    await page.click('#sound');
    assert.equal(await page.getAttribute('#sound', 'aria-pressed'), 'true');
    await until(() => page.evaluate(() => {
        const speaker = document.getElementById('speaker');
        return !speaker.muted && !speaker.paused && speaker.currentTime > 0;
    }), 'it plays');
    const before = await energy();
    await until(async () => await energy() > before + 0.001, 'the bell has energy');
    assert.equal((await fact(page, 'sound')).state, 'ok');
});

test('The picture does not wait for the sound', async () => {
    const delay = (a, b) => (b.jitterBufferDelay - a.jitterBufferDelay)
        / (b.jitterBufferEmittedCount - a.jitterBufferEmittedCount) * 1000;
    const [video, audio] = [await received('video'), await received('audio')];
    await until(async () => (await received('video')).jitterBufferEmittedCount
                > video.jitterBufferEmittedCount + 30, 'thirty more pictures');
    const now = [await received('video'), await received('audio')];
    const [picture, sound] = [delay(video, now[0]), delay(audio, now[1])];
    console.log(`figure: sound.jitter-buffer video ${picture.toFixed(1)} ms, audio `
                + `${sound.toFixed(1)} ms`);
    assert.ok(picture < sound, `the picture waits ${picture} ms, the sound ${sound} ms`);
});

test('The button mutes it again, and then nothing is captured', async () => {
    await page.click('#sound');
    assert.equal(await page.evaluate(() => document.getElementById('speaker').muted), true);
    await until(async () => (await fact(page, 'sound')).state === 'idle', 'the capture ends');
    assert.deepEqual(page.problems, []);
});
