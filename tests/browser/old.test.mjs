// SPDX-License-Identifier: LGPL-2.1-or-later
// The console says of an old picture that it is old, and leaves a way by which none comes any more.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {setTimeout as sleep} from 'node:timers/promises';
import {Daemon, until} from './daemon.mjs';
import {TcpRelay} from './line.mjs';
import {startMoving} from './moving.mjs';
import {fact, openConsole, openLive, playing, signIn, startBrowser, WAYS} from './page.mjs';
import {Relay} from './relay.mjs';

const OLD_MS = 2000; // the console says so from 1 s on, and looks four times a second
const NARROW_KBPS = 300;
const LONG_MS = 60_000;

let browser;
let still;  // a daemon with the virtual computer
let moving; // one whose screen moves all the time

before(async () => {
    [still, moving, browser] = await Promise.all([Daemon.start(), startMoving(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await Promise.all([still?.remove(), moving?.remove()]);
});

let page = null;
let relay = null;
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    relay?.close();
    page = relay = null;
});

/// The console by one way, with all that comes by TCP on its way through a relay.
async function throughRelay(daemon, way, init = WAYS[way]) {
    relay = await TcpRelay.to(daemon);
    page = await openLive(browser, {url: relay.url, user: daemon.user, password: daemon.password}, {init});
    assert.equal(await fact(page, 'transport'), way);
}

const frames = () => page.evaluate(() => pantograph.stats().fps > 0);
const notice = () => page.locator('#fallback').textContent();

/// Waits for a way; what the notice then says of those before it.
async function leftFor(way) {
    await until(async () => await fact(page, 'transport') === way, `${way} takes over`, LONG_MS);
    return notice();
}

test('Pictures that come late over a narrow network are called old, and live when there is room', async () => {
    // The page's decoder gets times of capture by this machine's steady clock, which we have, too.
    await throughRelay(moving, 'direct', () => {
        delete window.RTCPeerConnection;
        window.VideoDecoder = class extends VideoDecoder {
            constructor({output, error}) {
                super({error, output: (frame) => {
                    window.captured = frame.timestamp / 1000;
                    output(frame);
                }});
            }
        };
    });
    const ageAndStale = async () => {
        const asked = Number(process.hrtime.bigint()) / 1e6;
        const {captured, stale} = await page.evaluate(
            () => ({captured: window.captured, stale: pantograph.facts().stale}));
        return {age: asked - captured, stale};
    };
    relay.kbps = NARROW_KBPS;
    await until(async () => (await ageAndStale()).age > OLD_MS, 'pictures are old', LONG_MS);
    const old = [];
    await until(async () => {
        const {age, stale} = await ageAndStale();
        if (age > OLD_MS)
            old.push(stale);
        return old.length >= 20;
    }, 'many looks at old pictures', LONG_MS);
    const told = old.filter((stale) => stale).length;
    assert.ok(told >= 15, `of ${old.length} looks at an old picture ${told} say so`);
    assert.match(await page.locator('#state').textContent(), /old/);
    relay.kbps = 0;
    await until(async () => !await fact(page, 'stale'), 'it is live again', LONG_MS);
});

/// A console for each way, at once.
const eachWay = () => Promise.all(Object.values(WAYS).map((init) => openLive(browser, still, {init})));
const close = (pages) => Promise.all(pages.map((one) => one.context().close()));

test('A still screen is neither old nor left, whatever the way', async () => {
    const pages = await eachWay();
    const old = pages.map(() => 0);
    for (let look = 0; look < 40; ++look) {
        const stale = await Promise.all(pages.map((one) => fact(one, 'stale')));
        stale.forEach((is, i) => { old[i] += is; });
        await sleep(200);
    }
    assert.ok(old.every((count) => count < 20), `of 40 looks so many call it old: ${old}`);
    assert.deepEqual(await Promise.all(pages.map((one) => fact(one, 'transport'))), Object.keys(WAYS));
    await close(pages);
});

test('The picture of a daemon that halts is called old, and live when it goes on', async () => {
    const pages = await eachWay();
    const all = (check) => Promise.all(pages.map(check)).then((is) => is.every(Boolean));
    process.kill(still.pid, 'SIGSTOP');
    try {
        await until(() => all((one) => fact(one, 'stale')), 'all are called old', LONG_MS);
    } finally {
        process.kill(still.pid, 'SIGCONT');
    }
    await until(() => all(async (one) => !await fact(one, 'stale') && await fact(one, 'video') === 'playing'),
                'all are live again', LONG_MS);
    await close(pages);
});

test('A WebSocket that falls silent is left for MJPEG, with the reason', async () => {
    await throughRelay(still, 'direct');
    assert.equal(relay.swallow('/api/stream/h264/direct'), 1);
    assert.match(await leftFor('mjpeg'), /nothing came over the WebSocket any more/);
    await until(frames, 'pictures', LONG_MS);
});

test('MJPEG that falls silent is asked for anew', async () => {
    await throughRelay(still, 'mjpeg');
    await page.evaluate(() => {
        window.reasons = new Set();
        setInterval(() => pantograph.facts().troubles.forEach(({reason}) => window.reasons.add(reason)), 20);
    });
    const stream = '/api/stream/mjpeg?';
    assert.equal(relay.swallow(stream), 1);
    await until(() => page.evaluate(() => window.reasons.has('mjpeg-silent')), 'it is left', LONG_MS);
    await until(async () => await fact(page, 'video') === 'playing' && await frames(), 'pictures', LONG_MS);
    assert.equal(relay.swallow(stream), 2, 'the old connection and the new one');
});

test('MJPEG of which a still picture is sent once only is not left', async () => {
    const detect = (enabled) => page.evaluate((on) => fetch('/api/stream/mjpeg/detect', {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({enabled: on}),
    }).then((answer) => answer.json()), enabled);
    page = await openLive(browser, still, {init: WAYS.mjpeg});
    await detect(true);
    try {
        await page.evaluate(() => {
            window.left = false;
            setInterval(() => { window.left ||= pantograph.facts().video !== 'playing'; }, 50);
        });
        await until(() => fact(page, 'stale'), 'none comes', LONG_MS);
        await sleep(9000);
        assert.equal(await page.evaluate(() => window.left), false);
    } finally {
        await detect(false);
    }
});

test('A line of status that falls silent is made anew', async () => {
    await throughRelay(still, 'mjpeg');
    assert.equal(relay.swallow('/api/ws'), 1);
    await until(async () => !await fact(page, 'socket'), 'it is left', LONG_MS);
    await until(() => fact(page, 'socket'), 'it is there again', LONG_MS);
});

test('A decoder that stops while it plays is left for MJPEG, with the reason', async () => {
    page = await openLive(browser, still, {init: () => {
        delete window.RTCPeerConnection;
        const decode = VideoDecoder.prototype.decode;
        VideoDecoder.prototype.decode = function (chunk) {
            if (!window.hangs)
                decode.call(this, chunk);
        };
    }});
    assert.equal(await fact(page, 'transport'), 'direct');
    await page.evaluate(() => { window.hangs = true; });
    assert.match(await leftFor('mjpeg'), /this browser decoded the KVM’s H\.264 no further/);
});

test('WebRTC that lives but brings no picture is left for the WebSocket, with the reason', async () => {
    relay = new Relay();
    page = await openConsole(browser, still, {init: () => {
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = async function ({type: kind, sdp}) {
            return set.call(this, {type: kind, sdp: await globalThis.relayed(sdp)});
        };
    }});
    await page.exposeFunction('relayed', (answer) => relay.between(answer));
    await signIn(page, still.user, still.password);
    await playing(page);
    assert.equal(await fact(page, 'transport'), 'webrtc');
    relay.media = false;
    assert.match(await leftFor('direct'), /WebRTC/);
});
