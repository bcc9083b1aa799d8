// SPDX-License-Identifier: LGPL-2.1-or-later
// What a page tells the daemon of its own picture, and how the daemon's figures of all viewers read.

import {beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {Figures} from '../../data/web/js/figures.js';
import {use} from '../../data/web/js/i18n.js';
import {TELL_MS, Telling, quantiles} from '../../data/web/js/telling.js';
import {viewerTexts} from '../../data/web/js/words.js';
import {textsOf} from './texts.mjs';

use('en', textsOf('en'));

test('Quantiles are the nearest that there were, in µs', () => {
    const ages = Array.from({length: 100}, (_, i) => 100 - i);
    assert.deepEqual(quantiles('decode', ages), {
        decode_p50_us: 50000, decode_p95_us: 95000, decode_p99_us: 99000});
    assert.deepEqual(quantiles('present', [0.0125]), {
        present_p50_us: 13, present_p95_us: 13, present_p99_us: 13});
});

test('Of no ages there are no quantiles', () => {
    assert.deepEqual(quantiles('decode', []), {});
});

const CLOCK = {steady: 1000, offset: 0, rtt: 4};
/// Of a picture that was captured at 1000 by this page's clock.
const picture = (decoded, at) => ({at, decoded, steady: 2000});

test('Figures know when pictures were decoded and shown, and how many', async () => {
    const figures = new Figures({}, CLOCK);
    const session = {totals: {frames: 0, dropped: 0}, unread: []};
    assert.equal(figures.sums(session), null);
    session.totals = {frames: 3, dropped: 1};
    session.unread = [picture(1005, 1007), picture(1006, 1009), {at: 50, decoded: 40, steady: NaN}];
    await figures.read(session);
    assert.deepEqual(figures.sums(session), {decoded: 3, dropped: 1, presented: 3});
    assert.deepEqual(figures.takeAges(), {decode: [5, 6], present: [7, 9]});
    assert.deepEqual(figures.takeAges(), {decode: [], present: []});
});

test('Figures of another session begin anew', async () => {
    const figures = new Figures({}, CLOCK);
    await figures.read({totals: {frames: 3}, unread: [picture(1005, 1007)]});
    const other = {totals: {frames: 1}, unread: []};
    await figures.read(other);
    assert.deepEqual(figures.sums(other), {decoded: 1, dropped: 0, presented: 0});
    assert.deepEqual(figures.takeAges(), {decode: [], present: []});
});

let told;
let now;
beforeEach((t) => {
    told = [];
    now = 0;
    t.mock.method(performance, 'now', () => now);
    t.mock.method(globalThis, 'fetch', async (path, {body}) => {
        told.push([path, JSON.parse(body)]);
        return Response.json({code: 0, msg: 'success', data: null});
    });
});

/// Figures whose pictures are all decoded after 2 ms and shown after 3 ms.
function shows() {
    const figures = {presented: 0};
    figures.sums = (session) => session && {decoded: figures.presented, dropped: 0, presented: figures.presented};
    figures.takeAges = () => ({decode: [2], present: [3]});
    return figures;
}

test('A page tells of its viewer now and then, while pictures are shown', () => {
    const figures = shows();
    const telling = new Telling(figures);
    const session = {name: 'a viewer'};
    for (now = 0; now <= 60_000; now += 1000) {
        ++figures.presented;
        telling.tick(session);
    }
    assert.equal(told.length, 60_000 / TELL_MS);
    assert.deepEqual(told[0], ['/api/stream/stats', {
        viewer: 'a viewer', decoded: 3, dropped: 0, presented: 3,
        decode_p50_us: 2000, decode_p95_us: 2000, decode_p99_us: 2000,
        present_p50_us: 3000, present_p95_us: 3000, present_p99_us: 3000}]);
    for (; now <= 120_000; now += 1000)
        telling.tick(session);
    assert.ok(told.length <= 60_000 / TELL_MS + 1, 'nothing new is shown');
});

test('A page without a picture tells nothing', () => {
    const telling = new Telling(shows());
    for (now = 0; now <= 60_000; now += 1000)
        telling.tick(null);
    assert.deepEqual(told, []);
});

const age = (p50, p95, p99) => ({pictures: 9, p50, p95, p99});
const STATS = {
    capture: {age: age(0.1, 0.24, 0.5)},
    encoders: [{codec: 'h264', age: age(5, 6, 7)}, {codec: 'h264-low', age: age(3, 4, 5)},
               {codec: 'mjpeg', age: age(2, 3, 4)}],
    viewers: [],
};
const VIEWER = {id: 'one', way: 'webrtc', user: 'ann', tier: 'full', sent_kbps: 2345, frames: 9,
                dropped: {queue_full: 0, awaiting_key_frame: 0}, age: age(6, 7, 12.4),
                decode: {...age(9.96, 10, 11), dropped: 0}, present: age(14, 25, 131)};

test('Viewers read as what happened to their pictures, stage by stage', () => {
    const [one] = viewerTexts({...STATS, viewers: [VIEWER]}, 'one');
    assert.deepEqual(one, {
        title: 'ann, this window · WebRTC · 2.3 Mbit/s',
        stages: [['Captured', '0.1', '0.2', '0.5'], ['Encoded', '5.0', '6.0', '7.0'],
                 ['Sent', '6.0', '7.0', '12'], ['Decoded', '10', '10', '11'],
                 ['Shown', '14', '25', '131']],
        dropped: 'Nothing left out',
    });
});

test('What is not known of a viewer is a dash', () => {
    const unknown = {...VIEWER, user: '', sent_kbps: null, decode: null,
                     present: {pictures: 3, p50: null, p95: null, p99: null}};
    const [one] = viewerTexts({...STATS, encoders: [], viewers: [unknown]}, 'another');
    assert.equal(one.title, 'Somebody · WebRTC');
    assert.deepEqual(one.stages.map((stage) => stage.slice(1).join()),
                     ['0.1,0.2,0.5', '–,–,–', '6.0,7.0,12', '–,–,–', '–,–,–']);
});

test('Each viewer has the ages of the encoder that it gets', () => {
    const viewers = [{...VIEWER, tier: 'low'}, {...VIEWER, way: 'direct', tier: undefined},
                     {...VIEWER, way: 'mjpeg', tier: undefined}];
    assert.deepEqual(viewerTexts({...STATS, viewers}).map(({stages}) => stages[1][1]),
                     ['3.0', '5.0', '2.0']);
});

test('What was left out is said with its reason', () => {
    const dropped = {window_full: 3, socket_full: 0, awaiting_key_frame: 12};
    const viewers = [{...VIEWER, way: 'direct', dropped, decode: {...VIEWER.decode, dropped: 1}}];
    assert.equal(viewerTexts({...STATS, viewers})[0].dropped,
                 'Left out: 3 as others were not acknowledged, 12 until a key frame, 1 in the browser');
});
