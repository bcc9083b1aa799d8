// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the keys of the on-screen keyboard lie, at each width.

import {test} from 'node:test';
import assert from 'node:assert/strict';
import {CONSUMER_USAGES, MODIFIERS, USAGES} from '../../data/web/js/keys.js';
import {blocks, neighbour, PARTS, place} from '../../data/web/js/plan.js';

const AMERICAN = ['KeyA', 'Backslash', 'IntlBackslash'];
const EUROPEAN = ['KeyA', 'IntlHash', 'IntlBackslash'];

/// The keys of every view of a board: one for wide boards, one for each part else.
const views = (form, codes, consumer = false) => (form === 'wide' ? [PARTS[0]] : PARTS).map(
    (part) => place(blocks({codes, consumer, form, part}), form !== 'wide'));

for (const form of ['wide', 'middle', 'narrow']) {
    test(`No two keys of a ${form} board lie over one another, and all lie within it`, () => {
        for (const codes of [AMERICAN, EUROPEAN]) {
            for (const {keys, width, height} of views(form, codes, true)) {
                for (const [i, a] of keys.entries()) {
                    assert.ok(a.x >= 0 && a.x + a.width <= width && a.y + a.height <= height, a.code);
                    assert.equal((a.x * 4) % 1, 0, `${a.code} lies on the grid`);
                    for (const b of keys.slice(i + 1)) {
                        assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y
                                  || b.y + b.height <= a.y, `${a.code} and ${b.code}`);
                    }
                }
            }
        }
    });

    test(`A ${form} board has each key of a full keyboard, once in a view`, () => {
        for (const [codes, own] of [[AMERICAN, 'Backslash'], [EUROPEAN, 'IntlHash']]) {
            const all = views(form, codes).map(({keys}) => keys.map(({code}) => code));
            const missing = [...MODIFIERS.keys(), ...USAGES.keys()].filter((code) => !all.flat().includes(code))
                .filter((code) => USAGES.get(code) <= 0x65 || MODIFIERS.has(code));
            const left = ['OSLeft', 'OSRight', own === 'IntlHash' ? 'Backslash' : 'IntlHash',
                          ...(own === 'Backslash' ? ['IntlBackslash'] : [])];
            assert.deepEqual(missing.sort(), left.sort());
            for (const view of all)
                assert.equal(new Set(view).size, view.length);
        }
    });
}

test('Consumer keys are there where the computer has them, else the volume keys alone', () => {
    const media = (consumer) => place(blocks({codes: [], consumer, form: 'middle', part: 'media'})).keys
        .map(({code}) => code);
    assert.deepEqual(media(false), ['AudioVolumeMute', 'AudioVolumeDown', 'AudioVolumeUp']);
    assert.ok(media(true).length === 12 && media(true).every((code) => CONSUMER_USAGES.has(code)));
});

test('No row of a narrow board has more than twelve keys', () => {
    for (const {width} of views('narrow', EUROPEAN))
        assert.ok(width <= 12);
});

test('Arrows lead from a key to the one beside it', () => {
    const {keys} = views('wide', AMERICAN)[0];
    const from = (code, way) => neighbour(keys, keys.find((key) => key.code === code), way).code;
    assert.equal(from('KeyG', [1, 0]), 'KeyH');
    assert.equal(from('KeyG', [-1, 0]), 'KeyF');
    assert.equal(from('KeyG', [0, -1]), 'KeyT');
    assert.equal(from('Space', [0, -1]), 'KeyB');
    assert.equal(from('Backspace', [1, 0]), 'Insert');
    assert.equal(from('ArrowUp', [0, -1]), 'End');
    assert.equal(from('Escape', [-1, 0]), 'Escape');
});
