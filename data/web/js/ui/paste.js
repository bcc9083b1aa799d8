// SPDX-License-Identifier: LGPL-2.1-or-later
// The paste box: types a text on the computer's keyboard, piece by piece, so that it can show how
// far it is and be stopped.

import * as api from '../api.js';
import {byId, onClick, recall, remember} from './dom.js';

const PIECE = 48; // characters; the daemon takes about 30 ms for each
const BUSY_TRIES = 8;
const BUSY_MS = 300;

/// The text in pieces of whole characters, with line ends as the keyboard has them.
export function pieces(text, size = PIECE) {
    const characters = [...text.replace(/\r\n?/g, '\n')];
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
    const progress = box.querySelector('progress');
    const error = box.querySelector('.error');
    const [close, go] = box.querySelectorAll('.buttons button');
    let running = null; // the typing under way: {stopped}

    const say = () => {
        const characters = [...text.value].length;
        count.textContent = `${characters} character${characters === 1 ? '' : 's'}`;
    };
    const busy = (on) => {
        progress.hidden = !on;
        go.disabled = text.disabled = layout.disabled = on;
        close.textContent = on ? 'Stop' : 'Close';
    };
    const stop = () => {
        if (running)
            running.stopped = true;
    };

    onClick('paste', () => {
        layout.value = recall('layout', ['', 'de']);
        error.textContent = '';
        say();
        box.showModal();
    });
    text.addEventListener('input', say);
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
            return `Stopped after ${i} of ${all.length} parts.`;
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
