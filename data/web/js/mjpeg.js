// SPDX-License-Identifier: LGPL-2.1-or-later
// MjpegSession: the picture as a stream of JPEGs over plain HTTP, drawn on a canvas.
//
// Not an <img>: Chromium shows a part only when the next one begins, and tells nobody how many came.
//
// Drops  pictures that arrive while another is being decoded; the newest is drawn
// Errors start() throws a Trouble or ApiError; afterwards onlost is called, once

import {request} from './api.js';
import {Trouble} from './whep.js';

const FRAME_MS = 5000;

/// Splits a multipart stream into its parts by their Content-Length.
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
            parts.push(bytes.subarray(part.begin, part.end));
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
        const begin = i + 4;
        return begin + length <= bytes.length ? {begin, end: begin + length} : null;
    }
    return null;
}

export class MjpegSession {
    #canvas;
    #abort = new AbortController();
    #shown;
    #decoding = false;
    #newest = null;

    /// Called when the stream ends after it worked.
    onlost = () => {};
    /// What has arrived and been drawn so far.
    totals = {frames: 0, bytes: 0};

    constructor(canvas) {
        this.#canvas = canvas;
    }

    /// Connects; returns when the first picture is on the screen.
    async start() {
        const response = await request('/api/stream/mjpeg', {signal: this.#abort.signal});
        if (response.status === 401)
            throw new Trouble('signed-out');
        if (!response.ok)
            throw new Trouble('webrtc-refused', `HTTP ${response.status}`);
        let late;
        await new Promise((resolve, reject) => {
            this.#shown = resolve;
            late = setTimeout(() => reject(new Trouble('no-frames')), FRAME_MS);
            this.#read(response.body.getReader(), reject);
        }).finally(() => clearTimeout(late));
    }

    /// Ends the stream.
    close() {
        this.onlost = () => {};
        this.#abort.abort();
    }

    async #read(reader, failed) {
        const parts = new Parts();
        try {
            for (;;) {
                const {done, value} = await reader.read();
                if (done)
                    break;
                this.totals.bytes += value.length;
                const whole = parts.push(value);
                if (whole.length)
                    this.#take(whole.at(-1));
            }
        } catch {
            this.#abort.abort();
        }
        failed(new Trouble('connection-lost'));
        this.onlost('connection-lost');
    }

    /// Draws a picture, or keeps it until the one being decoded is done.
    async #take(jpeg) {
        if (this.#decoding) {
            this.#newest = jpeg;
            return;
        }
        this.#decoding = true;
        for (this.#newest = jpeg; this.#newest;) {
            const blob = new Blob([this.#newest], {type: 'image/jpeg'});
            this.#newest = null;
            await createImageBitmap(blob).then((picture) => this.#draw(picture), () => {});
        }
        this.#decoding = false;
    }

    #draw(picture) {
        const canvas = this.#canvas;
        if (canvas.width !== picture.width || canvas.height !== picture.height) {
            canvas.width = picture.width;
            canvas.height = picture.height;
            canvas.dispatchEvent(new Event('resize'));
        }
        canvas.getContext('2d', {alpha: false}).drawImage(picture, 0, 0);
        picture.close();
        ++this.totals.frames;
        this.#shown();
    }
}
