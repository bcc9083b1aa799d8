// SPDX-License-Identifier: LGPL-2.1-or-later
// Backoff: how long to wait before the next try; doubles from the first to the longest, in ms, and
// spreads a little so that many consoles do not come back in the same instant.

export class Backoff {
    #first;
    #longest;
    #next;

    constructor(first = 250, longest = 5000) {
        this.#first = this.#next = first;
        this.#longest = longest;
    }

    /// The wait before the next try, in ms.
    next() {
        const wait = this.#next * (0.8 + 0.4 * Math.random());
        this.#next = Math.min(this.#longest, this.#next * 2);
        return wait;
    }

    /// It worked: the next failure waits briefly again.
    reset() {
        this.#next = this.#first;
    }
}
