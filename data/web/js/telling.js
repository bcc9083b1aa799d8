// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells the daemon what only this page knows of its picture: how old pictures were when they were decoded
// and when they were shown. So it stands beside what the daemon knows itself, for all who ask it.

import {tell} from './api.js';

/// Between two times; and of a session that has just begun, from then on.
export const TELL_MS = 10_000;
const FIRST_MS = 2000;

/// Quantiles of ages in ms as the daemon takes them, in µs; nothing of no ages.
export function quantiles(name, ages) {
    const sorted = [...ages].sort((a, b) => a - b);
    const at = (percent) => Math.round(sorted[Math.floor((sorted.length - 1) * percent / 100)] * 1000);
    return Object.fromEntries(!sorted.length ? []
        : [50, 95, 99].map((percent) => [`${name}_p${percent}_us`, at(percent)]));
}

export class Telling {
    #figures;
    #last = {presented: 0};
    #told = performance.now();

    constructor(figures) {
        this.#figures = figures;
    }

    /// To be called about once a second; tells of the session that shows the picture, when it is time
    /// and there were pictures since.
    tick(session) {
        const now = performance.now();
        const sums = this.#figures.sums(session);
        const same = session === this.#last.session;
        if (!same) {
            this.#last = {session, presented: 0};
            this.#told = now + FIRST_MS - TELL_MS;
        }
        if (!sums || now - this.#told < TELL_MS || sums.presented === this.#last.presented)
            return;
        this.#told = now;
        this.#last = {session, presented: sums.presented};
        const {decode, present} = this.#figures.takeAges();
        const told = {viewer: session.name, ...sums,
                      ...quantiles('decode', decode), ...quantiles('present', present)};
        tell(told).catch(() => {}); // of a viewer that has just gone, say
    }
}
