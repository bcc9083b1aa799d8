// SPDX-License-Identifier: LGPL-2.1-or-later
// The console's languages: each says all that the page says, and nothing else; and which one is chosen.

import {test} from 'node:test';
import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {LANGUAGES, direction, known, suiting, t, use} from '../../data/web/js/i18n.js';
import {ROOT} from './daemon.mjs';
import {textsOf} from './texts.mjs';

const WEB = path.join(ROOT, 'data/web');
const read = (file) => readFileSync(path.join(WEB, file), 'utf8');
const english = textsOf('en');
const keys = Object.keys(english);

/// What the sources name: whole keys, and the beginnings of those whose end is only known at run time.
function named() {
    const page = read('index.html').matchAll(/data-(?:text|title|label)="([^"]+)"/g);
    const whole = new Set([...page].map(([, key]) => key));
    const begun = new Set();
    const rooms = new Set(keys.map((key) => key.split('.')[0]));
    for (const file of scripts()) {
        const source = read(file).replace(/^\s*\/\/.*$/gm, '');
        for (const [, key] of source.matchAll(/'([a-z][\w-]*(?:\.[\w-]+)*)'/g)) {
            if (english[key] || key.includes('.') && rooms.has(key.split('.')[0]))
                whole.add(key);
        }
        for (const [, key] of source.matchAll(/\bt\('([^']+)'/g))
            whole.add(key);
        for (const [, begin] of source.matchAll(/`([a-z]+\.)\$\{/g))
            begun.add(begin);
    }
    return {whole: [...whole], begun: [...begun]};
}

const scripts = () => ['js', 'js/ui'].flatMap((folder) => readdir(folder));
const readdir = (folder) => readdirSync(path.join(WEB, folder)).filter((file) => file.endsWith('.js'))
    .map((file) => path.join(folder, file));

test('Every key that the page names has a text', () => {
    assert.ok(named().whole.length > 100, 'keys are found at all');
    assert.deepEqual(named().whole.filter((key) => !(key in english)), []);
});

test('No text is left over that the page does not name', () => {
    const {whole, begun} = named();
    const used = (key) => whole.includes(key) || begun.some((begin) => key.startsWith(begin));
    assert.deepEqual(keys.filter((key) => !used(key)), []);
});

test('Every way that fails to give a picture says why in words', () => {
    const reasons = ['picture', 'whep', 'direct', 'mjpeg'].flatMap((name) => [...read(`js/${name}.js`)
        .matchAll(/'((?:webrtc|webcodecs|direct|mjpeg|ice|bad|codec|no|connection)-[a-z-]+)'/g)])
        .map(([, reason]) => reason);
    const told = keys.filter((key) => key.startsWith('reason.')).map((key) => key.slice(7));
    assert.deepEqual([...new Set(reasons)].sort(), told.sort());
});

for (const tag of Object.keys(LANGUAGES)) {
    const texts = textsOf(tag);

    test(`${tag} has a text for each key and none besides`, () => {
        assert.deepEqual(Object.keys(texts), keys, 'in the order of English, too');
    });

    test(`The texts of ${tag} have the values that English has`, () => {
        const values = (text) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g))].sort();
        for (const [key, text] of Object.entries(texts)) {
            assert.deepEqual(values(text), values(english[key]), key);
            for (const form of Object.values(typeof text === 'string' ? {} : text))
                assert.deepEqual(values(form), values(text), `${key}: each of its forms`);
            assert.doesNotMatch(JSON.stringify(text), /""|" | "|\\n|<|TODO/, key);
        }
    });

    test(`What ${tag} says of a number it says of each kind of number`, () => {
        const plural = new Intl.PluralRules(tag);
        const needed = new Set(Array.from({length: 1000}, (_, n) => plural.select(n)));
        for (const [key, text] of Object.entries(texts)) {
            assert.equal(typeof text, typeof english[key], key);
            if (typeof text === 'string')
                continue;
            const forms = Object.keys(text);
            assert.ok([...needed].every((form) => forms.includes(form)), `${key}: ${forms}`);
            assert.ok(forms.every((form) => plural.resolvedOptions().pluralCategories.includes(form)), key);
        }
    });
}

test('The first language asked for that there is is spoken, unless one was chosen', () => {
    assert.equal(suiting('', ['de-AT', 'en']), 'de');
    assert.equal(suiting('', ['nl', 'zh-CN', 'fr']), 'zh-Hans');
    assert.equal(suiting('', ['zh-TW', 'ja-JP']), 'ja', 'Taiwan writes another Chinese');
    assert.equal(suiting('ko', ['de']), 'ko');
    assert.equal(suiting('xx-', ['no tag']), 'en');
    assert.equal(suiting('', []), 'en');
});

test('Numbers, and the forms of words beside them, are those of the language', () => {
    use('de', textsOf('de'));
    assert.equal(t('unit.kbps', {value: 12345}), '12.345 kbit/s');
    assert.equal(direction(), 'ltr');
    use('fr', textsOf('fr'));
    assert.equal(t('paste.stopped', {count: 0, all: 2}), 'Arrêté après 0 partie sur 2.');
    use('en', textsOf('en'));
    assert.equal(t('paste.count', {count: 1}), '1 character');
    assert.equal(t('paste.count', {count: 2}), '2 characters');
    assert.equal(t('paste.count', {count: 20_000}), '20,000 characters');
});

test('A value is shown as it is, and a text that is not there by its key', () => {
    use('en', {greet: 'Hello {name}, {other}'});
    assert.equal(t('greet', {name: '{other}$&<b>'}), 'Hello {other}$&<b>, {other}');
    assert.equal(t('no.such'), 'no.such');
    assert.equal(known('toString'), false);
});
