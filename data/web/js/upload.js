// SPDX-License-Identifier: LGPL-2.1-or-later
// Upload: sends a disc image in parts, and after every interruption goes on where the daemon has got to.
//
// Errors  run() throws what the daemon refuses with, an ApiError; an interruption is none

import * as api from './api.js';
import {Backoff} from './backoff.js';

const PART_BYTES = 8 << 20;
const MOST_TRIES = 8;
const BUSY = -6; // the part before is still being stored, after its connection broke

export class Upload {
    #file;
    #told;
    #sum;
    #abort = new AbortController();
    #id = '';

    /// told({sent, rate}) hears how many bytes are on the daemon's disk, and how many come there in a
    /// second; null: none, while it is interrupted. sum: the SHA-256 that it must have, "" for any.
    constructor(file, told, sum = '') {
        this.#file = file;
        this.#sum = sum;
        this.#told = told;
    }

    /// Sends all of it; false when it was cancelled.
    async run() {
        const backoff = new Backoff();
        let sent = 0;
        for (;;) {
            try {
                await this.#send((now, rate) => {
                    backoff.reset();
                    sent = now;
                    this.#told({sent, rate});
                });
                return true;
            } catch (error) {
                if (this.#abort.signal.aborted)
                    return false;
                if (error.kind !== 'unreachable' && error.code !== BUSY)
                    throw error;
            }
            this.#told({sent, rate: null});
            await new Promise((done) => setTimeout(done, backoff.next()));
            if (this.#abort.signal.aborted)
                return false;
        }
    }

    /// Gives it up, here and at the daemon; what cannot be given up there goes by itself, a day later.
    async cancel() {
        this.#abort.abort();
        const backoff = new Backoff();
        for (let tries = 0; this.#id && tries < MOST_TRIES; ++tries) {
            const error = await api.dropUpload(this.#id).then(() => null, (why) => why);
            if (error?.code !== BUSY)
                return;
            await new Promise((done) => setTimeout(done, backoff.next()));
        }
    }

    async #send(told) {
        const {signal} = this.#abort;
        const {name, size} = this.#file;
        let {id, offset, done} = await api.beginUpload(name, size, this.#sum, signal);
        this.#id = id;
        while (!done) {
            const begun = performance.now();
            const before = offset;
            const part = this.#file.slice(offset, offset + PART_BYTES);
            ({offset, done} = await api.sendPart(id, offset, part, signal));
            told(offset, (offset - before) * 1000 / Math.max(performance.now() - begun, 1));
        }
    }
}
