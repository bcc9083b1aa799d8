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

/// Which modifier another stands for, by the name of the choice: a Mac's Command as Ctrl and the reverse,
/// or, as the keys lie on a PC's keyboard, Alt as Windows and the reverse.
const SWAPS = {
    plain: [],
    command: [['Meta', 'Control'], ['Control', 'Meta']],
    option: [['Meta', 'Alt'], ['Alt', 'Meta']],
};
export const MODIFIER_CHOICES = Object.keys(SWAPS);

const swapsOf = (choice) => new Map(SWAPS[choice].flatMap(
    ([from, to]) => ['Left', 'Right'].map((side) => [from + side, to + side])));

export class Keyboard {
    #held = new Map(); // code -> time stamp of its key-down, oldest first
    #pinned = new Set(); // those of them that hold() holds: no event of a keyboard lets them go
    #watchers = new Set();
    #swaps = new Map(); // code of this keyboard -> code for the computer
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

    /// The codes of the keys that are down, oldest first.
    get codes() {
        return [...this.#heldCodes(), ...this.#consumer];
    }

    /// Has this keyboard's modifiers stand for others, by one of MODIFIER_CHOICES. Keys of hold() and
    /// tap() are always those that they say.
    setModifiers(choice) {
        this.release();
        this.#swaps = swapsOf(choice);
    }

    /// Calls tell() whenever other keys are down than before, also by release().
    watch(tell) {
        this.#watchers.add(tell);
    }

    /// Whether a key can be held: the computer has it.
    has(code) {
        return this.#isConsumer(code) || MODIFIERS.has(code) || USAGES.has(code);
    }

    /// Holds a key that is on no keyboard here, until letGo() or release().
    hold(code) {
        if (this.#isConsumer(code)) {
            this.#holdConsumer([...this.#consumer.filter((held) => held !== code), code]);
        } else if (this.has(code)) {
            this.#pinned.add(code);
            this.#held.set(code, 0);
            this.#report();
        }
    }

    /// Lets go of a key that hold() holds.
    letGo(code) {
        if (this.#consumer.includes(code))
            this.#holdConsumer(this.#consumer.filter((held) => held !== code));
        if (this.#pinned.delete(code) && this.#held.delete(code))
            this.#report();
    }

    /// Takes a keydown event; false when it is no key we know.
    down(event) {
        const {code} = event;
        if (this.#isConsumer(code)) {
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
        } else if (this.#drop(code)) {
            if (this.#mac && code.startsWith('Meta'))
                this.#keepModifiersOnly(); // a Mac swallows key-ups while Meta is down
            this.#dropLost(event);
            this.#report();
        }
    }

    /// Presses the keys together and lets go of everything a moment later.
    async tap(codes) {
        for (const code of codes) {
            this.#pinned.add(code);
            this.#held.set(code, 0);
        }
        this.#report();
        await new Promise((done) => setTimeout(done, TAP_MS));
        for (const code of codes) {
            this.#pinned.delete(code);
            this.#held.delete(code);
        }
        this.#report();
    }

    /// Lets go of every key.
    release() {
        this.#holdConsumer([]);
        if (this.#held.size === 0)
            return;
        this.#pinned.clear();
        this.#held.clear();
        this.#report();
    }

    #isConsumer(code) {
        return this.consumer && CONSUMER_USAGES.has(code);
    }

    /// Lets go of a key of the keyboard; false when it is not down, or held otherwise.
    #drop(code) {
        return !this.#pinned.has(code) && this.#held.delete(code);
    }

    #holdConsumer(codes) {
        const before = this.#consumer;
        this.#consumer = codes;
        if (codes.at(-1) !== before.at(-1))
            this.#send(consumerReport(CONSUMER_USAGES.get(codes.at(-1)) ?? 0));
        if (codes.length !== before.length)
            this.#tell();
    }

    #tell() {
        for (const tell of this.#watchers)
            tell();
    }

    #heldCodes() {
        return [...this.#held.keys()].map(
            (code) => (this.#pinned.has(code) ? code : this.#swaps.get(code) ?? code));
    }

    #report() {
        const codes = this.#heldCodes();
        const modifiers = codes.reduce((bits, code) => bits | (MODIFIERS.get(code) ?? 0), 0);
        const usages = codes.filter((code) => USAGES.has(code)).map((code) => USAGES.get(code));
        this.#send(keyboardReport(modifiers, usages));
        this.#tell();
    }

    #dropLost(event) {
        if (!event.getModifierState)
            return;
        for (const [flag, codes] of FLAGS) {
            if (event.getModifierState(flag))
                continue;
            for (const code of codes) {
                if (code !== event.code)
                    this.#drop(code);
            }
        }
        if (!event.getModifierState('Alt') && !event.getModifierState('AltGraph')) {
            for (const code of ['AltLeft', 'AltRight']) {
                if (code !== event.code)
                    this.#drop(code);
            }
        }
    }

    #dropFakeControl(now) {
        const pressed = this.#held.get('ControlLeft');
        if (pressed !== undefined && now - pressed <= ALTGR_MS)
            this.#drop('ControlLeft');
    }

    #keepModifiersOnly() {
        for (const code of this.#held.keys()) {
            if (!MODIFIERS.has(code))
                this.#drop(code);
        }
    }
}
