// SPDX-License-Identifier: LGPL-2.1-or-later
// The console's smaller modules: multipart, clock, store, words, paste.

import {test} from 'node:test';
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {ageOf} from '../../data/web/js/age.js';
import {Backoff} from '../../data/web/js/backoff.js';
import {ServerClock} from '../../data/web/js/clock.js';
import {codecOf} from '../../data/web/js/direct.js';
import {Figures, NONE} from '../../data/web/js/figures.js';
import {use} from '../../data/web/js/i18n.js';
import {iceServers} from '../../data/web/js/ice.js';
import {Parts} from '../../data/web/js/mjpeg.js';
import {Store} from '../../data/web/js/store.js';
import {leftOut, leftOutText, pieces} from '../../data/web/js/ui/paste.js';
import {fallbackText, figureTexts, stateLine} from '../../data/web/js/words.js';
import {textsOf} from './texts.mjs';

const english = textsOf('en');
use('en', english);

const part = (body) => Buffer.from(
    `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`);

test('A multipart stream gives its parts however it is cut', () => {
    const stream = Buffer.concat([part('one'), part('two\r\n\r\nlines'), part('3')]);
    for (let size = 1; size < stream.length; ++size) {
        const parts = new Parts();
        const got = [];
        for (let at = 0; at < stream.length; at += size)
            got.push(...parts.push(stream.subarray(at, at + size)));
        assert.deepEqual(got.map(({bytes}) => Buffer.from(bytes).toString()),
                         ['one', 'two\r\n\r\nlines', '3'], `cut every ${size} bytes`);
    }
});

test('A part tells when it was captured, if its head does', () => {
    const timed = part('x').toString().replace('Content-Length', 'X-Timestamp: 12.345678\r\nContent-Length');
    const [first, second] = new Parts().push(Buffer.concat([Buffer.from(timed), part('y')]));
    assert.equal(first.steady, 12345.678);
    assert.ok(Number.isNaN(second.steady));
});

test('A part without a length is refused', () => {
    assert.throws(() => new Parts().push(Buffer.from('--frame\r\nX: 1\r\n\r\nbody')),
                  {reason: 'bad-answer'});
});

test('The servers that an answer names are read from its Link fields', () => {
    const link = '<stun:[::1]:3478>; rel="ice-server", <https://x/>; rel="next", '
        + '<turn:t.example:1?transport=tcp>; rel=ice-server; username="a, \\"b\\"; <c>"; '
        + 'credential="p\u00c3\u00a4 \\\\"; credential-type="password", <javascript:1>; rel="ice-server"';
    assert.deepEqual(iceServers(link), [
        {urls: 'stun:[::1]:3478'},
        {urls: 'turn:t.example:1?transport=tcp', username: 'a, "b"; <c>', credential: 'pä \\'},
    ]);
    assert.deepEqual(iceServers(null), []);
});

/// A clock, and exchanges of a ping with a daemon whose clocks are ahead of ours by so many ms; its
/// answer to them took the longer way by `late` ms of the round trip.
function clockOf(t) {
    const daemon = {wall: 500, steady: -700};
    const clock = new ServerClock();
    let now = 1000;
    t.mock.method(performance, 'now', () => now);
    const exchange = (rtt, late = 0) => {
        const {ping} = JSON.parse(clock.ping());
        now += rtt;
        const then = ping + rtt / 2 - late;
        clock.take({pong: ping, wall: performance.timeOrigin + then + daemon.wall,
                    steady: then + daemon.steady});
    };
    const wait = (ms) => { now += ms; };
    const told = () => [clock.offset, clock.steady].map(Math.round);
    return {clock, daemon, exchange, wait, told};
}

test('The clock trusts the fastest of its pings', (t) => {
    const {clock, exchange, told} = clockOf(t);
    exchange(80, -30);
    exchange(2);
    exchange(60, 25);
    assert.deepEqual(told(), [500, -700]);
    assert.equal(clock.rtt, 60);
});

test('However long the pings take for minutes, the clock knows what it knew before', (t) => {
    const {exchange, wait, told} = clockOf(t);
    exchange(2);
    for (let second = 0; second < 300; ++second) {
        wait(1000);
        exchange(3000, 1490);
    }
    assert.deepEqual(told(), [500, -700]);
});

test('When a clock of the daemon’s is set, the next ping tells', (t) => {
    const {daemon, exchange, told} = clockOf(t);
    exchange(2);
    daemon.wall += 3600_000;
    exchange(40);
    assert.deepEqual(told(), [3600_500, -700]);
    daemon.steady = 0;
    exchange(60);
    assert.deepEqual(told(), [3600_500, 0]);
});

test('A picture is as old as its capture, and at least as what it has been shown for', () => {
    const clock = {steady: 1000, offset: 50};
    const wall = performance.timeOrigin + 50;
    assert.equal(ageOf({at: 480, steady: 1200}, clock, 500), 300);
    assert.equal(Math.round(ageOf({at: 480, wall: wall + 100}, clock, 500)), 400);
    assert.equal(ageOf({at: 300, steady: 1490}, clock, 500), 200);
    assert.equal(ageOf({at: 400, steady: 1200}, {steady: null, offset: null}, 500), 100);
    assert.equal(ageOf({at: 400, wall: NaN, steady: NaN}, clock, 500), 100);
    assert.equal(ageOf(null, clock, 500), null);
});

test('The latency of a picture that is drawn here is told from its capture on', async () => {
    const clock = {steady: 1000, offset: 0, rtt: 4};
    const session = {totals: {frames: 1, bytes: 0}, unread: []};
    const figures = new Figures({}, clock);
    await figures.read(session);
    session.unread = [{at: 2500, steady: 3480}, {at: 2600, steady: 1100}, {at: 2700, steady: 3680}];
    assert.equal((await figures.read(session)).glassMs, 20);
    assert.deepEqual(session.unread, []);
    assert.equal((await figures.read(session)).glassMs, null);
});

test('A message that is no pong is not the clock’s', () => {
    assert.equal(new ServerClock().take({type: 'power', data: '{}'}), false);
});

test('A store tells of changes only, and only those who listen', () => {
    const store = new Store({a: 1, b: {x: 1}});
    const told = [];
    store.on(['a'], ({a}) => told.push(`a${a}`));
    store.on(['b'], ({b}) => told.push(`b${b.x}`));
    store.set({a: 1, b: {x: 1}});
    store.set({a: 2});
    assert.deepEqual(told, ['a1', 'b1', 'a2']);
    assert.throws(() => { store.facts.a = 3; }, TypeError);
});

test('Waits double up to a bound and begin anew after success', () => {
    const backoff = new Backoff();
    const waits = Array.from({length: 10}, () => backoff.next());
    assert.ok(waits[0] <= 300 && waits[9] >= 4000 && Math.max(...waits) <= 6000, String(waits));
    backoff.reset();
    assert.ok(backoff.next() <= 300);
});

test('Second best is said with its reason', () => {
    const facts = {socket: true, video: 'playing', way: 'auto', transport: 'mjpeg',
                   troubles: [{reason: 'webrtc-missing', detail: ''},
                              {reason: 'direct-lost', detail: 'HTTP 503'}], signal: null};
    assert.equal(stateLine(facts).text, 'Live over MJPEG');
    assert.match(fallbackText(facts),
                 /MJPEG.*this browser has no WebRTC; the WebSocket broke \(HTTP 503\)\.$/);
    assert.equal(stateLine({...facts, transport: 'direct'}).text, 'Live over WebSocket');
    assert.match(fallbackText({...facts, transport: 'direct'}), /^The picture comes over a WebSocket/);
    assert.equal(fallbackText({...facts, transport: 'webrtc'}), '');
});

test('A computer that sends no picture is said so while frames still come', () => {
    const facts = {socket: true, video: 'playing', transport: 'webrtc', troubles: [],
                   signal: {state: 'no-signal'}};
    assert.equal(stateLine(facts).tone, 'warn');
    assert.match(stateLine(facts).text, /^No signal:/);
});

test('Every state of the signal has words of its own in the bar', () => {
    const readme = readFileSync(new URL('../../plugins/kvmsrc/README.md', import.meta.url), 'utf8');
    const states = readme.split('| state | meaning |')[1].split('\n\n')[0]
        .match(/(?<=^\| `)[a-z-]+/gm).filter((state) => state !== 'ok');
    assert.equal(states.length, 7);
    const told = Object.keys(english).filter((key) => key.startsWith('signal.')
        && !['signal.other', 'signal.off'].includes(key)); // the daemon's own
    assert.deepEqual(told.map((key) => key.slice(7)).sort(), states.sort());
});

test('A picture that has stopped is not called live', () => {
    const facts = {socket: true, video: 'playing', transport: 'webrtc', troubles: [],
                   signal: {state: 'ok'}, stale: true};
    assert.equal(stateLine(facts).tone, 'warn');
    assert.match(stateLine(facts).text, /no new one comes/);
    assert.match(stateLine({...facts, late: true}).text, /comes late/);
    assert.deepEqual(stateLine({...facts, stale: false}), {tone: 'good', text: 'Live'});
});

test('A latency put together from its parts is marked as such', () => {
    const parts = {...NONE, rttMs: 4, bufferMs: 6, decodeMs: 1};
    assert.equal(figureTexts(parts, null).latency, '≈ 9 ms');
    assert.equal(figureTexts({...parts, glassMs: 12.4}, null).latency, '12 ms');
    assert.equal(figureTexts(NONE, null).latency, '–');
});

test('There is no latency of a picture that the daemon draws itself', () => {
    const figures = {...NONE, glassMs: 273, rttMs: 4, bufferMs: 6, decodeMs: 1};
    assert.equal(figureTexts(figures, {state: 'ok'}).latency, '273 ms');
    assert.equal(figureTexts(figures, {state: 'no-signal'}).latency, '–');
});

test('The latency of a video’s picture counts to its display, or to its presentation where that is later', async () => {
    const video = {requestVideoFrameCallback(told) { this.told = told; }};
    const newest = {rtpTimestamp: 1, captureTimestamp: 0};
    const session = {totals: {frames: 0}, receiver: {getSynchronizationSources: () => [newest]}};
    const figures = new Figures(video, {offset: 0, rtt: null});
    const shownAfter = async (display, presentation) => {
        const captured = performance.timeOrigin + 1000;
        newest.captureTimestamp = captured + 2208988800_000; // since 1900, as RTP has it
        video.told(0, {rtpTimestamp: 1, expectedDisplayTime: 1000 + display,
                       presentationTime: 1000 + presentation});
        return (await figures.read(session)).glassMs;
    };
    await figures.read(session);
    assert.equal(Math.round(await shownAfter(12, 5)), 12);
    assert.equal(Math.round(await shownAfter(12, 14)), 14);
    assert.equal(await shownAfter(-7, -9), null, 'nothing is shown before it was captured');
});

test('A text to paste is cut between characters, with one kind of line end', () => {
    assert.deepEqual(pieces('a\r\nb\rc', 3), ['a\nb', '\nc']);
    assert.deepEqual(pieces('😀😀😀', 2), ['😀😀', '😀']);
});

test('What a layout cannot type is counted and named', () => {
    const out = leftOut('na\u00efve \u65e5\u672c \u00efx', 'naivex ');
    assert.deepEqual(out, {count: 4, kinds: ['\u00ef', '\u65e5', '\u672c']});
    assert.equal(leftOutText(out, 'English (US)'),
                 'English (US) has no keys for 4 characters, which are left out: \u00ef \u65e5 \u672c');
    assert.match(leftOutText(leftOut('\u200b', ''), 'German'), /1 character, .*: U\+200B$/);
    assert.match(leftOutText(leftOut('abcdefghijklmnop', ''), 'German'), /: a b c d e f g h i j k l …$/);
    assert.equal(leftOutText(leftOut('na', 'an'), 'German'), '');
});

test('A letter and its accent are one character to type', () => {
    assert.deepEqual(pieces('o\u0308', 1), ['\u00f6']);
    assert.deepEqual(leftOut('o\u0308', '\u00f6'), {count: 0, kinds: []});
});

test('The codec of an access unit is what its parameter set says', () => {
    const sps = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x8c];
    assert.equal(codecOf(Uint8Array.from([0, 0, 0, 1, 9, 0x10, ...sps])), 'avc1.42c01f');
    assert.equal(codecOf(Uint8Array.from([0, 0, 1, 0x41, 0x9a, 1, 2, 3])), null);
    assert.equal(codecOf(new Uint8Array(0)), null);
});
