// SPDX-License-Identifier: LGPL-2.1-or-later
// Figures: what the picture does right now, counted once a second.
//
// Units  fps per second; kbps kilobits per second; all latencies in ms; null is not known
//
//   fps, kbps             pictures decoded, bits received
//   rttMs                 ping over the line that input takes
//   decodeMs, bufferMs    a picture's mean time in the decoder and in the jitter buffer
//   glassMs, glass95Ms    from capture to display, median and 95 of 100, where the capture time is known
//   dropped, lost         pictures not shown, packets lost since the connection began
//   lossShare             of the packets of the last second, from 0 to 1; of WebRTC's alone

import {NTP_TO_UNIX_MS, decodedAfter, latencyOf} from './age.js';

export const NONE = Object.freeze({
    fps: null, kbps: null, rttMs: null, decodeMs: null, bufferMs: null, glassMs: null,
    glass95Ms: null, dropped: null, lost: null, lossShare: null, width: 0, height: 0,
});

export class Figures {
    #video;
    #clock;
    #last = null; // the sums of a second ago and the session they belong to
    #glass = [];  // capture to presentation, of the last second's pictures
    #ages = {decode: [], present: []}; // of those since they were taken
    #pictures = 0; // shown since the session began

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
        if (!last) {
            this.#pictures = 0;
            this.takeAges();
        }
        const now = performance.now();
        this.#last = {session, sums, now};
        for (const shown of session?.unread?.splice(0) ?? [])
            this.#count(shown);
        const glass = this.#glass.splice(0).sort((a, b) => a - b);
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
            glassMs: glass[glass.length >> 1] ?? null,
            glass95Ms: glass[Math.floor((glass.length - 1) * 0.95)] ?? null,
            dropped: sums.dropped ?? null,
            lost: sums.lost ?? null,
            lossShare: shareOf(Math.max(since('lost'), 0), since('packets')),
            width: sums.width ?? 0,
            height: sums.height ?? 0,
        };
    }

    /// What there was since the session began: {decoded, dropped, presented}; of one that is not read
    /// yet, null.
    sums(session) {
        if (!session || this.#last?.session !== session || !this.#last.sums)
            return null;
        const {frames, dropped} = this.#last.sums;
        return {decoded: frames ?? 0, dropped: dropped ?? 0, presented: this.#pictures};
    }

    /// How long after their capture pictures were decoded and shown since the last call, in ms.
    takeAges() {
        const ages = this.#ages;
        this.#ages = {decode: [], present: []};
        return ages;
    }

    #count(shown) {
        ++this.#pictures;
        const ms = latencyOf(shown, this.#clock);
        keep(this.#glass, ms);
        keep(this.#ages.present, ms);
        keep(this.#ages.decode, decodedAfter(shown, this.#clock));
    }

    /// Takes a frame that is about to be shown. The capture time came with its packets, on the
    /// daemon's wall clock; a frame whose packets are no longer the newest is left out.
    #presented(now, frame) {
        const newest = this.#last?.session?.receiver?.getSynchronizationSources()[0];
        const known = newest?.captureTimestamp && newest.rtpTimestamp === frame.rtpTimestamp;
        const decoded = frame.presentationTime; // it was handed to what paints the page
        this.#count({at: Math.max(frame.expectedDisplayTime, decoded), decoded,
                     wall: known ? newest.captureTimestamp - NTP_TO_UNIX_MS : NaN});
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
                packets: report.packetsReceived,
                width: report.frameWidth,
                height: report.frameHeight,
            };
        }
    }
    return null;
}

/// Nobody may read for long: the newest are kept.
const MOST_AGES = 2048;

function keep(ages, ms) {
    if (ms === null)
        return;
    ages.push(ms);
    if (ages.length > MOST_AGES)
        ages.shift();
}

const shareOf = (lost, received) => (lost + received > 0 ? lost / (lost + received) : null);
