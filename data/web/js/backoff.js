// SPDX-License-Identifier: LGPL-2.1-or-later
// Backoff: how long to wait before the next try; doubles from 0.25 s to 5 s, and spreads a little so
// that many consoles do not come back in the same instant.

const FIRST_MS = 250;
const LONGEST_MS = 5000;

export class Backoff {
    #next = FIRST_MS;

    /// The wait before the next try, in ms.
    next() {
        const wait = this.#next * (0.8 + 0.4 * Math.random());
        this.#next = Math.min(LONGEST_MS, this.#next * 2);
        return wait;
    }

    /// It worked: the next failure waits briefly again.
    reset() {
        this.#next = FIRST_MS;
    }
}
