// SPDX-License-Identifier: LGPL-2.1-or-later
// The console where WebRTC does not work: MJPEG, and the reason in words.

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

test('Without WebRTC the picture comes as MJPEG, which is said with its reason', async () => {
    page = await openLive(browser, daemon, {init: () => { delete window.RTCPeerConnection; }});
    assert.equal(await fact(page, 'transport'), 'mjpeg');
    const notice = page.locator('#fallback');
    assert.equal(await notice.isVisible(), true);
    assert.match(await notice.textContent(), /MJPEG.*this browser has no WebRTC/);
    assert.equal(await page.locator('#state').textContent(), 'Live over MJPEG');
    await showsSoon(page, screen, REGION.whole);
});

test('With MJPEG alone one types over the socket', async () => {
    page = await openLive(browser, daemon, {init: () => { delete window.RTCPeerConnection; }});
    await capture(page, 900, 600);
    assert.equal(await page.evaluate(() => pantograph.input()), 'socket');
    await type(page, 'plain http is enough');
    screen.type('plain http is enough');
    await showsSoon(page, screen, REGION.text);
    await leave(page);
});

test('When no network path works, MJPEG takes over and “Try WebRTC again” gets back', async () => {
    page = await openLive(browser, daemon, {init: () => {
        // No candidate either way: the offer and the answer lose theirs.
        window.blocked = true;
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
            const sdp = answer.sdp.replace(/^a=candidate:.*\r\n/gm, '')
                .replace(/^a=ice-pwd:.*$/gm, 'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa');
            return set.call(this, window.blocked ? {...answer, sdp} : answer);
        };
    }});
    await until(async () => await fact(page, 'transport') === 'mjpeg', 'MJPEG takes over', 40_000);
    assert.match(await page.locator('#fallback').textContent(), /no network path/);
    await page.evaluate(() => { window.blocked = false; });
    await page.click('#try-webrtc');
    await until(async () => await fact(page, 'transport') === 'webrtc', 'WebRTC is back');
    await page.locator('#fallback').waitFor({state: 'hidden'});
});
