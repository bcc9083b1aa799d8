// SPDX-License-Identifier: LGPL-2.1-or-later
// MjpegSession: the picture as a stream of JPEGs over plain HTTP, drawn on a canvas.
//
// Not an <img>: Chromium shows a part only when the next one begins, and tells nobody how many came.
//
// Drops  pictures that arrive while another is being decoded; the newest is drawn
// Errors start() throws a Trouble or ApiError; afterwards onlost is called, once

import {QUIET_MS} from './age.js';
import {request} from './api.js';
import {randomText} from './random.js';
import {Trouble} from './whep.js';

const FRAME_MS = 5000;

/// Splits a multipart stream into its parts by their Content-Length: {bytes, steady}, as age.js has it.
export class Parts {
    #bytes = new Uint8Array(0);

    /// Adds what came in and returns the parts it completed.
    push(chunk) {
        const bytes = new Uint8Array(this.#bytes.length + chunk.length);
        bytes.set(this.#bytes);
        bytes.set(chunk, this.#bytes.length);
        const parts = [];
        let at = 0;
        for (let part; (part = next(bytes, at)); at = part.end)
            parts.push({bytes: bytes.subarray(part.begin, part.end), steady: part.steady});
        this.#bytes = bytes.slice(at);
        return parts;
    }
}

/// Where the next whole part's body lies at or after a position; null when it is not all there.
function next(bytes, from) {
    for (let i = from; i + 3 < bytes.length; ++i) {
        if (bytes[i] !== 13 || bytes[i + 1] !== 10 || bytes[i + 2] !== 13 || bytes[i + 3] !== 10)
            continue;
        const header = new TextDecoder().decode(bytes.subarray(from, i));
        const length = Number(header.match(/content-length:\s*(\d+)/i)?.[1]);
        if (!length)
            throw new Trouble('bad-answer');
        const steady = Number(header.match(/x-timestamp:\s*([\d.]+)/i)?.[1]) * 1000;
        const begin = i + 4;
        return begin + length <= bytes.length ? {begin, end: begin + length, steady} : null;
    }
    return null;
}

export class MjpegSession {
    #canvas;
    #abort = new AbortController();
    #begun;
    #failed = () => {};
    #unheard = 0; // ms since anything came,
    #undrawn = 0; // and in which there were pictures to draw and none was
    #due = false; // there is one
    #decoding = false;
    #newest = null;

    /// What the daemon knows it by.
    name = randomText();
    /// Called with a reason when the stream ends after it worked.
    onlost = () => {};
    /// What has arrived and been drawn so far.
    totals = {frames: 0, bytes: 0, dropped: 0};
    /// The picture that is on the screen (see age.js), and those of them that nobody has read yet.
    shown = null;
    unread = [];

    constructor(canvas) {
        this.#canvas = canvas;
    }

    /// Connects; returns when the first picture is on the screen.
    async start() {
        let late;
        await new Promise((resolve, reject) => {
            this.#begun = resolve;
            this.#failed = reject;
            late = setTimeout(() => reject(new Trouble(
                this.#due ? 'mjpeg-stuck' : 'mjpeg-no-frames')), FRAME_MS);
            this.#connect().catch(reject);
        }).finally(() => clearTimeout(late));
    }

    async #connect() {
        const response = await request(`/api/stream/mjpeg?time=capture&viewer=${this.name}`,
                                       {signal: this.#abort.signal});
        if (response.status === 401)
            throw new Trouble('signed-out');
        if (!response.ok)
            throw new Trouble('mjpeg-refused', `HTTP ${response.status}`);
        this.#read(response.body.getReader());
    }

    /// So much time has passed in which this page was awake. The reason to leave when nothing has
    /// come, or what came has not been drawn, for long; else "".
    tick(ms) {
        this.#unheard += ms;
        this.#undrawn += this.#due ? ms : 0;
        const stuck = this.#undrawn >= QUIET_MS;
        if (!this.shown || !stuck && this.#unheard < QUIET_MS)
            return '';
        this.#unheard = this.#undrawn = 0;
        return stuck ? 'mjpeg-stuck' : 'mjpeg-silent';
    }

    /// Ends the stream.
    close() {
        this.onlost = () => {};
        this.#abort.abort();
    }

    async #read(reader) {
        const parts = new Parts();
        try {
            for (;;) {
                const {done, value} = await reader.read();
                if (done)
                    break;
                this.#unheard = 0;
                this.totals.bytes += value.length;
                const whole = parts.push(value);
                this.totals.dropped += Math.max(whole.length - 1, 0);
                if (whole.length)
                    this.#take(whole.at(-1));
            }
        } catch {
            // It broke, which is its end, too.
        }
        this.#abort.abort();
        this.#failed(new Trouble('mjpeg-lost'));
        this.onlost('mjpeg-lost');
    }

    /// Draws a picture, or keeps it until the one being decoded is done.
    async #take(part) {
        this.#due = true;
        if (this.#decoding) {
            this.totals.dropped += this.#newest ? 1 : 0;
            this.#newest = part;
            return;
        }
        this.#decoding = true;
        for (this.#newest = part; this.#newest;) {
            const {bytes, steady} = this.#newest;
            this.#newest = null;
            await createImageBitmap(new Blob([bytes], {type: 'image/jpeg'}))
                .then((picture) => this.#draw(picture, steady), () => { ++this.totals.dropped; });
        }
        this.#decoding = false;
    }

    #draw(picture, steady) {
        const decoded = performance.now();
        const canvas = this.#canvas;
        if (canvas.width !== picture.width || canvas.height !== picture.height) {
            canvas.width = picture.width;
            canvas.height = picture.height;
            canvas.dispatchEvent(new Event('resize'));
        }
        canvas.getContext('2d', {alpha: false}).drawImage(picture, 0, 0);
        picture.close();
        ++this.totals.frames;
        this.#due = false;
        this.#undrawn = 0;
        this.shown = {at: performance.now(), decoded, steady};
        this.unread.push(this.shown);
        this.#begun();
    }
}
