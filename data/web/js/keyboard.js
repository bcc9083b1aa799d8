// SPDX-License-Identifier: LGPL-2.1-or-later
// Keyboard: which keys are down, from the browser's events; each change sends the whole state.
//
// A browser loses key-up events (a window switch, the Meta key on a Mac, two Shift keys on
// Windows), so what the event's modifier flags deny is let go, and release() lets go of all.

import {CONSUMER_USAGES, MODIFIERS, USAGES} from './keys.js';
import {consumerReport, keyboardReport} from './reports.js';

/// How long a tapped chord is held; long enough for a slow firmware's polling.
const TAP_MS = 60;
/// Windows makes AltGr a left Ctrl and a right Alt that come this close together.
const ALTGR_MS = 10;

/// Modifier flags of an event and the keys each stands for.
const FLAGS = [
    ['Shift', ['ShiftLeft', 'ShiftRight']],
    ['Control', ['ControlLeft', 'ControlRight']],
    ['Meta', ['MetaLeft', 'MetaRight', 'OSLeft', 'OSRight']],
];

export class Keyboard {
    #held = new Map(); // code -> time stamp of its key-down, oldest first
    #consumer = []; // the consumer keys that are down, oldest first; the report holds one
    #send;
    #mac;

    /// send takes each report; mac when the browser runs on an Apple system.
    constructor(send, {mac = false} = {}) {
        this.#send = send;
        this.#mac = mac;
    }

    /// Whether the computer has a device for consumer keys; without it they are not sent, but for
    /// the volume keys, which a keyboard has, too. (Windows heeds only the consumer device's.)
    consumer = false;

    /// How many keys are down.
    get size() {
        return this.#held.size + this.#consumer.length;
    }

    /// Whether exactly these keys are down.
    holdsOnly(codes) {
        return this.#held.size === codes.length && codes.every((code) => this.#held.has(code));
    }

    /// Takes a keydown event; false when it is no key we know.
    down(event) {
        const {code} = event;
        if (this.consumer && CONSUMER_USAGES.has(code)) {
            this.#holdConsumer([...this.#consumer.filter((held) => held !== code), code]);
            return true;
        }
        if (!MODIFIERS.has(code) && !USAGES.has(code))
            return false;
        if (event.repeat && this.#held.has(code))
            return true; // the computer repeats keys by itself
        this.#dropLost(event);
        if (code === 'AltRight' && event.key === 'AltGraph')
            this.#dropFakeControl(event.timeStamp);
        if (this.#mac && code === 'CapsLock') {
            this.tap(['CapsLock']); // a Mac tells on and off, not down and up
            return true;
        }
        this.#held.set(code, event.timeStamp ?? 0);
        this.#report();
        return true;
    }

    /// Takes a keyup event.
    up(event) {
        const {code} = event;
        if (this.#consumer.includes(code))
            this.#holdConsumer(this.#consumer.filter((held) => held !== code));
        if (this.#mac && code === 'CapsLock') {
            this.tap(['CapsLock']);
        } else if (code === 'PrintScreen' && !this.#held.has(code)) {
            this.tap([code]); // Windows tells only the release
        } else if (this.#held.delete(code)) {
            if (this.#mac && code.startsWith('Meta'))
                this.#keepModifiersOnly(); // a Mac swallows key-ups while Meta is down
            this.#dropLost(event);
            this.#report();
        }
    }

    /// Presses the keys together and lets go of everything a moment later.
    async tap(codes) {
        for (const code of codes)
            this.#held.set(code, 0);
        this.#report();
        await new Promise((done) => setTimeout(done, TAP_MS));
        for (const code of codes)
            this.#held.delete(code);
        this.#report();
    }

    /// Lets go of every key.
    release() {
        this.#holdConsumer([]);
        if (this.#held.size === 0)
            return;
        this.#held.clear();
        this.#report();
    }

    #holdConsumer(codes) {
        const before = this.#consumer.at(-1);
        this.#consumer = codes;
        if (codes.at(-1) !== before)
            this.#send(consumerReport(CONSUMER_USAGES.get(codes.at(-1)) ?? 0));
    }

    #report() {
        const codes = [...this.#held.keys()];
        const modifiers = codes.reduce((bits, code) => bits | (MODIFIERS.get(code) ?? 0), 0);
        const usages = codes.filter((code) => USAGES.has(code)).map((code) => USAGES.get(code));
        this.#send(keyboardReport(modifiers, usages));
    }

    #dropLost(event) {
        if (!event.getModifierState)
            return;
        for (const [flag, codes] of FLAGS) {
            if (event.getModifierState(flag))
                continue;
            for (const code of codes) {
                if (code !== event.code)
                    this.#held.delete(code);
            }
        }
        if (!event.getModifierState('Alt') && !event.getModifierState('AltGraph')) {
            for (const code of ['AltLeft', 'AltRight']) {
                if (code !== event.code)
                    this.#held.delete(code);
            }
        }
    }

    #dropFakeControl(now) {
        const pressed = this.#held.get('ControlLeft');
        if (pressed !== undefined && now - pressed <= ALTGR_MS)
            this.#held.delete('ControlLeft');
    }

    #keepModifiersOnly() {
        for (const code of this.#held.keys()) {
            if (!MODIFIERS.has(code))
                this.#held.delete(code);
        }
    }
}
