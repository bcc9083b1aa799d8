// SPDX-License-Identifier: LGPL-2.1-or-later
// DirectSession: the picture as H.264 over a WebSocket, decoded here and drawn on a canvas: where no
// packet of WebRTC gets through, a plain connection does.
//
// The daemon has at most WINDOW pictures on their way, and sends the next when one was decoded; one
// that falls behind goes on with the next key frame. So nothing queues up, here or there.
// Times of pictures are those of their capture, by the daemon's CLOCK_MONOTONIC in µs.
//
// Errors  start() throws a Trouble whose reason the languages have words for (reason.*); afterwards
//         onlost gets such a reason, once

import {QUIET_MS} from './age.js';
import {randomText} from './random.js';
import {Trouble} from './whep.js';

const WINDOW = 8;
const FRAME_MS = 5000;
const HEAD_BYTES = 9; // 1: key frame or not; 8: µs
const KEY_FRAME = 1;
const ACKNOWLEDGE = 2;
const RESYNC = 3;
const SPS = 7;

/// "avc1.42c01f": what the access unit's parameter set says of it; null when it has none.
export function codecOf(unit) {
    for (let i = 0; i + 6 < unit.length; ++i) {
        if (unit[i] || unit[i + 1] || unit[i + 2] !== 1 || (unit[i + 3] & 31) !== SPS)
            continue;
        const hex = (byte) => byte.toString(16).padStart(2, '0');
        return `avc1.${hex(unit[i + 4])}${hex(unit[i + 5])}${hex(unit[i + 6])}`;
    }
    return null;
}

export class DirectSession {
    #canvas;
    #socket = null;
    #decoder = null;
    #codec = '';
    #atKeyFrame = false;
    #sent = new Map(); // when each picture in the decoder got there
    #unheard = 0; // ms since a picture came,
    #undrawn = 0; // and since one was drawn
    #begun = () => {};
    #failed = () => {};

    /// What the daemon knows it by.
    name = randomText();
    /// Called with a reason when the stream breaks after it worked.
    onlost = () => {};
    /// What has arrived and been drawn so far; times in s.
    totals = {frames: 0, bytes: 0, decodeTime: 0, dropped: 0, width: 0, height: 0};
    /// The picture that is on the screen (see age.js), and those of them that nobody has read yet.
    shown = null;
    unread = [];

    constructor(canvas) {
        this.#canvas = canvas;
    }

    /// Whether this browser can do it; only secure pages can.
    static get possible() {
        return Boolean(globalThis.VideoDecoder);
    }

    /// Connects; returns when the first picture is on the screen.
    async start() {
        const url = new URL(`/api/stream/h264/direct?flow=${WINDOW}&time=capture`, location.href);
        url.searchParams.set('viewer', this.name);
        url.protocol = url.protocol.replace('http', 'ws');
        let late;
        await new Promise((resolve, reject) => {
            this.#begun = resolve;
            this.#failed = reject;
            late = setTimeout(() => reject(new Trouble(
                this.totals.bytes ? 'direct-stuck' : 'direct-no-frames')), FRAME_MS);
            this.#socket = new WebSocket(url);
            this.#socket.binaryType = 'arraybuffer';
            this.#socket.onmessage = ({data}) => this.#take(new Uint8Array(data));
            this.#socket.onclose = ({code}) =>
                this.#end(code === 4401 ? 'signed-out' : 'direct-lost');
        }).finally(() => clearTimeout(late));
    }

    /// Ends the stream.
    close() {
        this.onlost = () => {};
        this.#end('direct-lost');
    }

    /// So much time has passed in which this page was awake. The reason to leave when no picture has
    /// been drawn for long, else "".
    tick(ms) {
        this.#unheard += ms;
        this.#undrawn += ms;
        if (!this.shown || this.#undrawn < QUIET_MS)
            return '';
        this.#undrawn = 0;
        return this.#sent.size || this.#unheard < QUIET_MS ? 'direct-stuck' : 'direct-silent';
    }

    #end(reason) {
        const socket = this.#socket;
        this.#socket = null;
        if (!socket)
            return;
        socket.onmessage = socket.onclose = null;
        socket.close();
        if (this.#decoder && this.#decoder.state !== 'closed')
            this.#decoder.close();
        this.#failed(new Trouble(reason));
        this.onlost(reason);
    }

    #take(message) {
        if (message.length <= HEAD_BYTES)
            return;
        this.#unheard = 0;
        this.totals.bytes += message.length;
        const key = message[0] === KEY_FRAME;
        const timestamp = Number(new DataView(message.buffer).getBigUint64(1, true));
        const unit = message.subarray(HEAD_BYTES);
        if (key && !this.#prepare(unit))
            return;
        if (!key && !this.#atKeyFrame)
            return;
        this.#sent.set(timestamp, performance.now());
        this.#decoder.decode(new EncodedVideoChunk(
            {type: key ? 'key' : 'delta', timestamp, data: unit}));
    }

    /// Has a decoder for what begins with this key frame; false when it cannot be decoded here.
    #prepare(unit) {
        const codec = codecOf(unit);
        if (!codec) {
            this.#resync();
            return false;
        }
        if (!this.#decoder || this.#decoder.state === 'closed') {
            this.#codec = '';
            this.#decoder = new VideoDecoder({
                output: (frame) => this.#draw(frame),
                error: () => this.#resync(),
            });
        }
        if (codec !== this.#codec) {
            try {
                this.#decoder.configure({codec, optimizeForLatency: true});
            } catch {
                this.#end('direct-codec');
                return false;
            }
            this.#codec = codec;
            VideoDecoder.isConfigSupported({codec}).then(
                ({supported}) => supported || this.#end('direct-codec'), () => {});
        }
        this.#atKeyFrame = true;
        return true;
    }

    /// What is on its way is of no use any more: asks for a key frame, once.
    #resync() {
        this.totals.dropped += this.#sent.size;
        this.#sent.clear();
        if (this.#atKeyFrame || !this.totals.frames)
            this.#socket?.send(new Uint8Array([RESYNC]));
        this.#atKeyFrame = false;
    }

    #draw(frame) {
        const decoded = performance.now();
        const {timestamp, displayWidth: width, displayHeight: height} = frame;
        const canvas = this.#canvas;
        if (canvas.width !== width || canvas.height !== height) {
            Object.assign(canvas, {width, height});
            canvas.dispatchEvent(new Event('resize'));
        }
        canvas.getContext('2d', {alpha: false}).drawImage(frame, 0, 0);
        frame.close();
        const since = this.#sent.get(timestamp);
        if (since !== undefined)
            this.totals.decodeTime += (decoded - since) / 1000;
        this.#sent.delete(timestamp);
        this.#undrawn = 0;
        this.shown = {at: performance.now(), decoded, steady: timestamp / 1000};
        this.unread.push(this.shown);
        ++this.totals.frames;
        Object.assign(this.totals, {width, height});
        this.#acknowledge(timestamp);
        this.#begun();
    }

    #acknowledge(timestamp) {
        const message = new DataView(new ArrayBuffer(HEAD_BYTES));
        message.setUint8(0, ACKNOWLEDGE);
        message.setBigUint64(1, BigInt(timestamp), true);
        if (this.#socket?.readyState === WebSocket.OPEN)
            this.#socket.send(message);
    }
}
