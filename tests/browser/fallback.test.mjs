// SPDX-License-Identifier: LGPL-2.1-or-later
// The console where WebRTC does not work: the next best way, and the reasons in words.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {capture, fact, leave, openLive, startBrowser, type} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

let daemon;
let browser;
let screen;
let page = null;

before(async () => {
    [daemon, browser, screen] = await Promise.all(
        [Daemon.start(), startBrowser(), ExpectedScreen.start()]);
});
after(async () => {
    await browser?.close();
    await screen?.stop();
    await daemon?.remove();
});
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

const noWebrtc = () => { delete window.RTCPeerConnection; };
const nothingButHttp = () => {
    delete window.RTCPeerConnection;
    delete window.VideoDecoder;
};

test('Without WebRTC the picture comes over a WebSocket, which is said with its reason', async () => {
    page = await openLive(browser, daemon, {init: noWebrtc});
    assert.equal(await fact(page, 'transport'), 'direct');
    const notice = page.locator('#fallback');
    assert.equal(await notice.isVisible(), true);
    assert.match(await notice.textContent(), /WebSocket.*this browser has no WebRTC/);
    assert.equal(await page.locator('#state').textContent(), 'Live over WebSocket');
    await capture(page, 900, 600);
    await type(page, 'h264 in a socket');
    screen.type('h264 in a socket');
    await showsSoon(page, screen, REGION.text);
    await leave(page);
});

test('A picture over a WebSocket goes on in another size, and after one cannot be decoded', async () => {
    page = await openLive(browser, daemon, {init: () => {
        delete window.RTCPeerConnection;
        const decode = VideoDecoder.prototype.decode;
        VideoDecoder.prototype.decode = function (chunk) { // spoils one picture when it is told to
            const spoilt = window.spoil && chunk.type === 'delta';
            window.spoil = window.spoil && !spoilt;
            return decode.call(this, spoilt ? new EncodedVideoChunk(
                {type: 'key', timestamp: chunk.timestamp, data: new Uint8Array(64)}) : chunk);
        };
    }});
    assert.equal(await fact(page, 'transport'), 'direct');
    await page.evaluate(() => { window.spoil = true; });
    await capture(page, 900, 600);
    await type(page, 'on');
    screen.type('on');
    await until(async () => !await page.evaluate(() => window.spoil), 'a picture is spoilt');
    await showsSoon(page, screen, REGION.text);
    await leave(page);
    const set = (value) => page.evaluate((height) => fetch('/api/vm/screen', {
        method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({type: 'resolution', value: height}),
    }), value);
    await set(480);
    await until(async () => await page.evaluate(() => pantograph.canvas.height) === 480, '480 lines');
    await set(0);
    await until(async () => await page.evaluate(() => pantograph.canvas.height) === 720, '720 lines');
    assert.equal(await fact(page, 'transport'), 'direct');
});

test('With neither the picture comes as MJPEG, and both reasons are said', async () => {
    page = await openLive(browser, daemon, {init: nothingButHttp});
    assert.equal(await fact(page, 'transport'), 'mjpeg');
    assert.match(await page.locator('#fallback').textContent(),
                 /MJPEG.*this browser has no WebRTC; this browser decodes no video itself/);
    assert.equal(await page.locator('#state').textContent(), 'Live over MJPEG');
    await showsSoon(page, screen, REGION.text);
});

test('With MJPEG alone one types over the socket', async () => {
    page = await openLive(browser, daemon, {init: nothingButHttp});
    await capture(page, 900, 600);
    assert.equal(await page.evaluate(() => pantograph.input()), 'socket');
    await type(page, 'plain http is enough');
    screen.type('plain http is enough');
    await showsSoon(page, screen, REGION.text);
    await leave(page);
});

test('When WebSockets are blocked, too, MJPEG takes over', async () => {
    page = await openLive(browser, daemon, {init: () => {
        delete window.RTCPeerConnection;
        window.WebSocket = class extends WebSocket {
            constructor(url) { // a proxy that lets the status through, and no video
                super(String(url).includes('direct') ? String(url).replace('direct', 'nowhere') : url);
            }
        };
    }});
    await until(async () => await fact(page, 'transport') === 'mjpeg', 'MJPEG takes over', 20_000);
    assert.match(await page.locator('#fallback').textContent(), /the WebSocket broke/);
    page.problems = page.problems.filter((text) => !/nowhere/.test(text));
});

const over = async (way) =>
    until(async () => await fact(page, 'transport') === way, `${way} takes over`, 60_000);
const notice = () => page.locator('#fallback').textContent();

test('Where a browser will make no WebRTC connection, the WebSocket takes over, with its words', async () => {
    page = await openLive(browser, daemon, {init: () => {
        window.RTCPeerConnection = class { constructor() { throw new Error('blocked by policy'); } };
    }});
    await over('direct');
    assert.match(await notice(), /this browser has no WebRTC \(blocked by policy\)/);
});

test('A browser that never makes an offer is not waited for', async () => {
    page = await openLive(browser, daemon, {init: () => {
        RTCPeerConnection.prototype.createOffer = () => new Promise(() => {});
    }});
    await over('direct');
    assert.match(await notice(), /this browser has no WebRTC/);
});

test('Nor is one that never takes the answer', async () => {
    page = await openLive(browser, daemon, {init: () => {
        RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {});
    }});
    await over('direct');
    assert.match(await notice(), /did not accept the KVM’s WebRTC answer/);
});

test('What comes and is not decoded is told from what does not come', async () => {
    page = await openLive(browser, daemon, {init: () => {
        delete window.RTCPeerConnection;
        VideoDecoder.prototype.decode = () => {};
    }});
    await over('mjpeg');
    assert.match(await notice(), /decoded the KVM’s H.264 no further/);
});

/// No candidate either way: the offer and the answer lose theirs.
const blocked = () => {
    window.blocked = true;
    window.tried = 0;
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
        ++window.tried;
        const sdp = answer.sdp.replace(/^a=candidate:.*\r\n/gm, '')
            .replace(/^a=ice-pwd:.*$/gm, 'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa');
        return set.call(this, window.blocked ? {...answer, sdp} : answer);
    };
};

test('When no network path works, the WebSocket takes over and “Try WebRTC again” gets back', async () => {
    page = await openLive(browser, daemon, {init: blocked});
    await over('direct');
    assert.match(await notice(), /no network path/);
    await page.evaluate(() => { window.blocked = false; });
    await page.click('#try-webrtc');
    await over('webrtc');
    await page.locator('#fallback').waitFor({state: 'hidden'});
});

test('When there is a network path again, WebRTC takes over by itself, without a gap', async () => {
    page = await openLive(browser, daemon, {init: `(${blocked})(); (${() => {
        const wait = window.setTimeout; // minutes are seconds here
        window.setTimeout = (call, ms, ...more) => wait(call, ms >= 45_000 ? ms / 60 : ms, ...more);
    }})()`});
    await over('direct');
    await until(() => page.evaluate(() => window.tried > 2), 'it is tried beside the WebSocket', 60_000);
    assert.equal(await fact(page, 'transport'), 'direct', 'which still shows the picture');
    await page.evaluate(() => {
        window.gap = false;
        setInterval(() => { window.gap ||= pantograph.facts().video !== 'playing'; }, 5);
        window.blocked = false;
    });
    await over('webrtc');
    assert.equal(await page.evaluate(() => window.gap), false);
    await capture(page, 900, 600);
    await type(page, 'back again');
    screen.type('back again');
    await showsSoon(page, screen, REGION.text);
    await leave(page);
    const ways = () => page.evaluate(() => fetch('/api/stream/stats').then((answer) => answer.json())
        .then(({data}) => data.viewers.map(({way}) => way).join()));
    await until(async () => await ways() === 'webrtc', 'nothing else is left');
});
