// SPDX-License-Identifier: LGPL-2.1-or-later
// Figures: what the picture does right now, counted once a second.
//
// Units  fps per second; kbps kilobits per second; all latencies in ms; null is not known
//
//   fps, kbps             pictures decoded, bits received
//   rttMs                 ping over the line that input takes
//   decodeMs, bufferMs    a picture's mean time in the decoder and in the jitter buffer
//   glassMs               median from capture to display, where the capture time is known
//   dropped, lost         pictures not shown, packets lost since the connection began

import {NTP_TO_UNIX_MS, latencyOf} from './age.js';

export const NONE = Object.freeze({
    fps: null, kbps: null, rttMs: null, decodeMs: null, bufferMs: null, glassMs: null,
    dropped: null, lost: null, width: 0, height: 0,
});

export class Figures {
    #video;
    #clock;
    #last = null; // the sums of a second ago and the session they belong to
    #glass = [];  // capture to presentation, of the last second's pictures

    /// video is watched for capture times; clock is the ServerClock.
    constructor(video, clock) {
        this.#video = video;
        this.#clock = clock;
        if ('requestVideoFrameCallback' in video)
            video.requestVideoFrameCallback((now, frame) => this.#presented(now, frame));
    }

    /// The figures of the time since the last call; call it about once a second.
    async read(session) {
        const sums = session?.totals ? {...session.totals} : await received(session);
        const last = this.#last?.session === session ? this.#last : null;
        const now = performance.now();
        this.#last = {session, sums, now};
        for (const shown of session?.unread?.splice(0) ?? [])
            this.#count(latencyOf(shown, this.#clock));
        const glassMs = median(this.#glass.splice(0));
        if (!sums || !last?.sums)
            return {...NONE, rttMs: this.#clock.rtt};
        const since = (key) => (sums[key] ?? 0) - (last.sums[key] ?? 0);
        const seconds = (now - last.now) / 1000;
        const mean = (total, count) => (since(count) > 0 ? since(total) / since(count) * 1000 : null);
        return {
            fps: since('frames') / seconds,
            kbps: since('bytes') * 8 / 1000 / seconds,
            rttMs: this.#clock.rtt,
            decodeMs: mean('decodeTime', 'frames'),
            bufferMs: mean('bufferTime', 'buffered'),
            glassMs,
            dropped: sums.dropped ?? null,
            lost: sums.lost ?? null,
            width: sums.width ?? 0,
            height: sums.height ?? 0,
        };
    }

    /// Nothing is shown before it is captured: then one of the clocks is off.
    #count(ms) {
        if (ms !== null && ms >= 0)
            this.#glass.push(ms);
    }

    /// Takes a frame that is about to be shown. The capture time came with its packets, on the
    /// daemon's wall clock; a frame whose packets are no longer the newest is left out.
    #presented(now, frame) {
        const newest = this.#last?.session?.receiver?.getSynchronizationSources()[0];
        const offset = this.#clock.offset;
        if (newest?.captureTimestamp && newest.rtpTimestamp === frame.rtpTimestamp
            && offset !== null) {
            const shown = performance.timeOrigin + frame.expectedDisplayTime + offset;
            const ms = shown - (newest.captureTimestamp - NTP_TO_UNIX_MS);
            this.#count(ms);
        }
        this.#video.requestVideoFrameCallback((at, next) => this.#presented(at, next));
    }
}

/// The sums of a WebRTC session's picture; null before the first packet.
async function received(session) {
    if (!session)
        return null;
    for (const report of (await session.stats()).values()) {
        if (report.type === 'inbound-rtp' && report.kind === 'video') {
            return {
                frames: report.framesDecoded,
                bytes: report.bytesReceived,
                decodeTime: report.totalDecodeTime,
                bufferTime: report.jitterBufferDelay,
                buffered: report.jitterBufferEmittedCount,
                dropped: report.framesDropped,
                lost: report.packetsLost,
                width: report.frameWidth,
                height: report.frameHeight,
            };
        }
    }
    return null;
}

function median(values) {
    return values.length ? values.sort((a, b) => a - b)[values.length >> 1] : null;
}
