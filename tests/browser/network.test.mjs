// SPDX-License-Identifier: LGPL-2.1-or-later
// The console on a bad network: packets are lost, there is little room for them, nobody answers.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {startMoving} from './moving.mjs';
import {capture, fact, leave, openConsole, openLive, playing, signIn, startBrowser, type} from './page.mjs';
import {Relay} from './relay.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

const JOINS = 8;
const LOSS = 0.03;
const NARROW_KBPS = 500;

let browser;
let screen;
let still;  // a daemon with the virtual computer
let moving; // one whose screen moves all the time

before(async () => {
    [still, moving, browser, screen] = await Promise.all(
        [Daemon.start(), startMoving({low_kbps: 1000}), startBrowser(), ExpectedScreen.start()]);
});
after(async () => {
    await browser?.close();
    await screen?.stop();
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

/// Runs in the page: it finds the daemon where the relay says.
const byRelay = () => {
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = async function ({type: kind, sdp}) {
        return set.call(this, {type: kind, sdp: await globalThis.relayed(sdp)});
    };
};

/// The console, signed in, with all that WebRTC sends on its way through a relay.
async function throughRelay(daemon) {
    relay = new Relay();
    page = await openConsole(browser, daemon, {init: byRelay});
    await page.exposeFunction('relayed', (answer) => relay.between(answer));
    await signIn(page, daemon.user, daemon.password);
    await playing(page);
    assert.equal(await fact(page, 'transport'), 'webrtc');
}

const figure = (name) => page.evaluate((key) => pantograph.stats()[key], name);
const frames = (on) => on.evaluate(() => pantograph.video.getVideoPlaybackQuality().totalVideoFrames);

/// Each viewer's tier, as the daemon has it, in the order in which they came.
const tiers = (on) => on.evaluate(async () =>
    (await (await fetch('/api/stream/stats')).json()).data.viewers.map(({tier}) => tier));

test('With 3 % of packets lost what one types is on the screen, and nothing else', async () => {
    await throughRelay(still);
    relay.loss = LOSS;
    const words = ['lost ', 'packets ', 'are ', 'sent ', 'again ', 'until ', 'it ', 'is ', 'right\n'];
    await capture(page);
    for (let round = 0; round < 3; ++round) {
        for (const word of words) {
            await type(page, word);
            screen.type(word);
        }
        await showsSoon(page, screen, REGION.text);
    }
    await leave(page);
    assert.ok(relay.lost > 10, `${relay.lost} packets were lost`);
    assert.equal(await fact(page, 'transport'), 'webrtc');
});

test(`${JOINS} times in a row a picture comes whole where 3 % of packets are lost`, async () => {
    await throughRelay(still);
    relay.loss = LOSS;
    for (let join = 1; join < JOINS; ++join) {
        relay.close();
        await page.reload();
        await playing(page);
        await showsSoon(page, screen, REGION.text);
    }
    assert.equal(await fact(page, 'transport'), 'webrtc');
    assert.ok(relay.lost > JOINS, `${relay.lost} packets were lost`);
});

test('On a narrow network one gets a smaller stream, who is beside one does not, and it comes back', async () => {
    const beside = await openLive(browser, moving);
    await throughRelay(moving);
    assert.deepEqual(await tiers(page), ['full', 'full']);
    relay.kbps = NARROW_KBPS;
    await until(async () => (await tiers(page))[1] === 'low', 'the smaller stream', 30_000);
    const [before, besideBefore] = [await frames(page), await frames(beside)];
    await until(async () => await frames(page) >= before + 20, 'it moves', 20_000);
    assert.ok(await frames(beside) - besideBefore > 2 * (await frames(page) - before),
              'the one beside it gets every picture');
    assert.equal((await tiers(page))[0], 'full');
    assert.equal(await fact(page, 'transport'), 'webrtc');
    relay.kbps = 0;
    await until(async () => (await tiers(page))[1] === 'full', 'the full stream', 120_000);
    await until(async () => await figure('fps') > 20, 'every picture', 20_000);
    await beside.context().close();
});

test('When the network is gone the console says so, and has the picture when it is back', async () => {
    await throughRelay(still);
    relay.loss = 1;
    await until(async () => await fact(page, 'video') !== 'playing' || await fact(page, 'transport') !== 'webrtc',
                'it is noticed', 60_000);
    relay.loss = 0;
    await until(async () => await fact(page, 'video') === 'playing', 'the picture', 60_000);
    await showsSoon(page, screen, REGION.text);
});
