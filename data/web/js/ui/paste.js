// SPDX-License-Identifier: LGPL-2.1-or-later
// The paste box: types a text on the computer's keyboard, piece by piece, so that it can show how
// far it is and be stopped, and be as long as anybody likes. What the chosen layout cannot type is
// named before anything is typed.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {byId, onClick, recall, remember} from './dom.js';
import {layoutOptions} from './layouts.js';

const PIECE = 48; // characters; at hid.stroke_ms, 10 ms unless set, about half a second
const BUSY_TRIES = 8;
const BUSY_MS = 300;

const NAMED = 12; // characters that are left out, at most

/// The text's characters as a keyboard has them: one kind of line end, an accent with its letter.
const charactersOf = (text) => [...text.replace(/\r\n?/g, '\n').normalize('NFC')];

/// What of the text a layout that types these characters cannot: how many, and each kind once.
export function leftOut(text, typeable) {
    const can = new Set(typeable);
    const all = charactersOf(text).filter((character) => !can.has(character));
    return {count: all.length, kinds: [...new Set(all)]};
}

/// A character for people: itself, or its number where there is nothing to see.
const named = (character) => (/[\p{C}\p{M}\p{Z}]/u.test(character)
    ? `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}` : character);

/// The sentence about what is left out; "" when nothing is.
export function leftOutText({count, kinds}, layoutName) {
    if (!count)
        return '';
    const shown = kinds.slice(0, NAMED).map(named).join(' ') + (kinds.length > NAMED ? ' …' : '');
    return t('paste.left-out', {layout: layoutName, count, kinds: shown});
}

/// The text in pieces of whole characters.
export function pieces(text, size = PIECE) {
    const characters = charactersOf(text);
    const out = [];
    for (let at = 0; at < characters.length; at += size)
        out.push(characters.slice(at, at + size).join(''));
    return out;
}

/// Wires the box; before() is called when typing begins, to let go of what is held.
export function mindPaste(before) {
    const box = byId('paste-box');
    const text = byId('paste-text');
    const layout = byId('paste-layout');
    const count = byId('paste-count');
    const without = byId('paste-left-out');
    const progress = box.querySelector('progress');
    const error = box.querySelector('.error');
    const [close, go] = box.querySelectorAll('.buttons button');
    let running = null; // the typing under way: {stopped}
    let layouts = null; // what each can type; null until the daemon has told

    const say = () => {
        const characters = charactersOf(text.value).length;
        count.textContent = t('paste.count', {count: characters});
        const chosen = layouts?.find(({id}) => id === layout.value);
        const missing = chosen ? leftOut(text.value, chosen.characters) : {count: 0};
        without.textContent = leftOutText(missing, layout.selectedOptions[0]?.textContent);
        go.textContent = t(missing.count ? 'paste.go-rest' : 'paste.go');
        go.disabled = Boolean(running) || !chosen || missing.count > 0 && missing.count === characters;
    };
    const busy = (on) => {
        progress.hidden = !on;
        text.disabled = layout.disabled = on;
        close.textContent = t(on ? 'paste.stop' : 'close');
        say();
    };
    const learn = async () => {
        try {
            layouts ??= await api.layouts();
            layout.replaceChildren(...layoutOptions(layouts));
            layout.value = recall('layout', layouts.map(({id}) => id));
        } catch (failure) {
            error.textContent = failure.message;
        }
        say();
    };
    const stop = () => {
        if (running)
            running.stopped = true;
    };

    onClick('paste', () => {
        error.textContent = '';
        box.showModal();
        learn();
    });
    text.addEventListener('input', say);
    layout.addEventListener('change', say);
    close.addEventListener('click', () => (running ? stop() : box.close()));
    box.addEventListener('close', () => {
        stop();
        text.value = ''; // nothing typed stays behind
    });
    box.querySelector('form').addEventListener('submit', async (event) => {
        event.preventDefault();
        remember('layout', layout.value);
        error.textContent = '';
        running = {stopped: false};
        const typing = running;
        before();
        busy(true);
        const problem = await typeAll(pieces(text.value), layout.value, typing,
                                      (share) => { progress.value = share; });
        running = null;
        busy(false);
        error.textContent = problem;
        if (!problem && !typing.stopped)
            box.close();
    });
}

/// Types piece after piece; returns what went wrong, or "".
async function typeAll(all, layout, typing, told) {
    told(0);
    for (const [i, piece] of all.entries()) {
        if (typing.stopped)
            return t('paste.stopped', {count: i, all: all.length});
        try {
            await typePatiently(piece, layout);
        } catch (failure) {
            return failure.message;
        }
        told((i + 1) / all.length);
    }
    return '';
}

/// Types a piece; what has just come from a keyboard or mouse, our own too, keeps the input a while.
async function typePatiently(piece, layout) {
    for (let tries = BUSY_TRIES; ; --tries) {
        try {
            return await api.type(piece, layout);
        } catch (failure) {
            if (!tries || !/busy/.test(failure.message))
                throw failure;
        }
        await new Promise((done) => setTimeout(done, BUSY_MS));
    }
}
