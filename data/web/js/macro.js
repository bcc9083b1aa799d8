// SPDX-License-Identifier: LGPL-2.1-or-later
// Macros: keys by their places, going down and up, with the time between. A macro may hold what was typed, a
// password too, so it is nowhere but in this page's memory until a person saves it as a file.
//
// A step is {ms, code, down}; ms is the time since the step before.

import {CONSUMER_USAGES, MODIFIERS, USAGES} from './keys.js';

const TYPE = 'pantograph-macro';
const MOST_STEPS = 20_000;
const LONGEST_MS = 600_000;
const STEADY_MS = 30; // between two steps, where the recorded time does not count

/// Records which keys are down, at each change.
export class Recorder {
    #steps = [];
    #down = new Set();
    #whole = 0; // steps up to the last moment when no key was down
    #before = 0; // the same, a moment earlier
    #at = null;

    /// codes are all keys that are down now, at a time in ms.
    take(codes, now) {
        const ups = [...this.#down].filter((code) => !codes.includes(code)).map((code) => ({code, down: false}));
        const downs = codes.filter((code) => !this.#down.has(code)).map((code) => ({code, down: true}));
        for (const step of [...ups, ...downs]) {
            if (this.#steps.length >= MOST_STEPS)
                return;
            this.#steps.push({ms: Math.round(now - (this.#at ?? now)), ...step});
            this.#at = now;
        }
        this.#down = new Set(codes);
        if (!codes.length && this.#steps.length > this.#whole)
            [this.#before, this.#whole] = [this.#whole, this.#steps.length];
    }

    /// The screen was left: the chord that did it is no part of what was typed.
    left() {
        const last = this.#steps.slice(this.#before, this.#whole);
        const kinds = new Set(last.map(({code}) => code.replace(/(Left|Right)$/, '')));
        if (kinds.size === 3 && ['Control', 'Alt', 'Shift'].every((kind) => kinds.has(kind))) {
            this.#steps.length = this.#whole = this.#before;
            this.#at = null;
        }
    }

    /// All steps until no key was down; what is still held is left out.
    get steps() {
        return this.#steps.slice(0, this.#whole);
    }
}

/// How long steps last, in ms.
export const duration = (steps, steady = false) => steps.reduce(
    (sum, {ms}, i) => sum + (steady ? (i ? STEADY_MS : 0) : ms), 0);

/// Plays steps on a keyboard; steady leaves the recorded times out, told(share) hears how far it is, signal
/// stops it. Answers whether it came to its end. Keys that it holds are let go in any case.
export async function play(steps, keyboard, {steady = false, told = () => {}, signal, wait = sleep}) {
    const held = new Set();
    try {
        for (const [i, {ms, code, down}] of steps.entries()) {
            if (i)
                await wait(steady ? STEADY_MS : ms, signal);
            if (signal.aborted)
                return false;
            if (down)
                keyboard.hold(code);
            else
                keyboard.letGo(code);
            held[down ? 'add' : 'delete'](code);
            told((i + 1) / steps.length);
        }
        return true;
    } finally {
        for (const code of held)
            keyboard.letGo(code);
    }
}

const sleep = (ms, signal) => new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
        clearTimeout(timer);
        done();
    }, {once: true});
});

/// A macro as the text of a file, and a file's text as a macro: {name, steps}; null when it is none.
export const toText = ({name, steps}) => `${JSON.stringify({type: TYPE, version: 1, name, steps}, null, 1)}\n`;

export function fromText(text) {
    try {
        const {type, version, name, steps} = JSON.parse(text);
        const good = type === TYPE && version === 1 && typeof name === 'string' && Array.isArray(steps)
            && steps.length > 0 && steps.length <= MOST_STEPS && steps.every(isStep);
        return good ? {name: name.slice(0, 64), steps: steps.map(({ms, code, down}) => ({ms, code, down}))} : null;
    } catch {
        return null;
    }
}

const isStep = (step) => step && typeof step.down === 'boolean' && Number.isFinite(step.ms)
    && step.ms >= 0 && step.ms <= LONGEST_MS
    && (MODIFIERS.has(step.code) || USAGES.has(step.code) || CONSUMER_USAGES.has(step.code));
