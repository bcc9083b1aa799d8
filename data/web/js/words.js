// SPDX-License-Identifier: LGPL-2.1-or-later
// The console's state in words: what the facts mean to the person who looks at the page.

import {REASONS, SIGNALS} from './reasons.js';

/// Why the better ways gave no picture, as part of a sentence.
export function cause(troubles) {
    return troubles.map(({reason, detail}) => {
        const words = REASONS[reason] ?? reason;
        return detail ? `${words} (${detail})` : words;
    }).join('; ');
}

const LIVE = {
    webrtc: {tone: 'good', text: 'Live'},
    direct: {tone: 'warn', text: 'Live over WebSocket'},
    mjpeg: {tone: 'warn', text: 'Live over MJPEG'},
};
const SECOND_BEST = {
    direct: 'The picture comes over a WebSocket, without sound',
    mjpeg: 'The picture comes as MJPEG, slower and larger',
};

/// The line in the upper bar: {tone: "good" | "warn" | "bad" | "busy", text}.
export function stateLine({socket, wasConnected, video, transport, troubles, signal, stale, late}) {
    if (!socket)
        return {tone: 'busy', text: `${wasConnected ? 'Reconnecting' : 'Connecting'} to the KVM…`};
    if (video !== 'playing') {
        const text = troubles.length ? `Connecting to the picture; ${cause(troubles)}…`
            : 'Connecting to the picture…';
        return {tone: 'busy', text};
    }
    if (signal && signal.state !== 'ok')
        return {tone: 'warn', text: SIGNALS[signal.state] ?? 'The video signal is not usable'};
    if (stale && late)
        return {tone: 'warn', text: 'The picture is old: it comes late'};
    if (stale)
        return {tone: 'warn', text: 'The picture is old: no new one comes'};
    return LIVE[transport];
}

/// What the stage shows over the last picture; "" while there is a new one. (Without a signal the
/// daemon sends a picture that says so.)
export function waitingText({socket, video, wasConnected}) {
    if (!socket && wasConnected)
        return 'The connection is lost. Trying again…';
    return video !== 'playing' && wasConnected ? 'Waiting for the picture…' : '';
}

/// The notice under the upper bar when the picture is second best; "" when it is not.
export function fallbackText({video, transport, troubles}) {
    const words = video === 'playing' && SECOND_BEST[transport];
    return words ? `${words}: ${cause(troubles)}.` : '';
}

/// Who uses the computer's keyboard and mouse from another window; "" while nobody does.
export const otherOwner = (owner) => (owner && !owner.mine ? owner.owner : '');

/// What the sound's button does; why nothing is heard, when that is known.
export function soundText(listening, sound) {
    if (!listening)
        return 'Listen to the computer';
    return sound?.reason ? `No sound: ${sound.reason}. ${sound.cure}` : 'Mute';
}

/// Rates and times for the lower bar; "–" where nothing is known.
export function figureTexts(figures, signal) {
    const {fps, kbps, width, height} = figures;
    const [w, h] = width ? [width, height] : [signal?.width, signal?.height];
    const drawn = signal && signal.state !== 'ok'; // by the daemon, instead of a computer's picture
    const latency = drawn ? null : latencyOf(figures);
    return {
        size: w ? `${w}×${h}` : '–',
        fps: fps === null ? '–' : `${Math.round(fps)} fps`,
        kbps: kbps === null ? '–' : rateText(kbps),
        latency: latency === null ? '–' : `${latency.about ? '≈ ' : ''}${Math.round(latency.ms)} ms`,
    };
}

/// The picture's way from capture to screen; about says that it is put together from its parts.
function latencyOf({glassMs, rttMs, bufferMs, decodeMs}) {
    if (glassMs !== null)
        return {ms: glassMs, about: false};
    if (rttMs === null || decodeMs === null)
        return null;
    return {ms: rttMs / 2 + (bufferMs ?? 0) + (decodeMs ?? 0), about: true};
}

const rateText = (kbps) => (kbps < 1000 ? `${Math.round(kbps)} kbit/s`
    : `${(kbps / 1000).toFixed(1)} Mbit/s`);

const WAYS = {webrtc: 'WebRTC', direct: 'WebSocket', mjpeg: 'MJPEG'};
const DROPS = {
    queue_full: 'as the KVM’s queue was full',
    window_full: 'as others were not acknowledged',
    socket_full: 'as the network took nothing',
    awaiting_key_frame: 'until a key frame',
    replaced: 'for newer ones',
};

/// What /api/stream/stats tells of who watches: for each {title, stages, dropped}; a stage is its name and
/// how old pictures were then: median, 95 and 99 of 100. `own` names this page's viewer.
export function viewerTexts({capture, encoders, viewers}, own) {
    return viewers.map((viewer) => {
        const {id, user, way, tier, sent_kbps: kbps, decode, present} = viewer;
        const codec = way === 'mjpeg' ? 'mjpeg' : tier === 'low' ? 'h264-low' : 'h264';
        const stages = [
            ['Captured', capture.age], ['Encoded', encoders.find((one) => one.codec === codec)?.age],
            ['Sent', viewer.age], ['Decoded', decode], ['Shown', present],
        ];
        const here = id === own ? ', this window' : '';
        const rate = kbps === null ? '' : ` · ${rateText(kbps)}`;
        return {
            title: `${user || 'Somebody'}${here} · ${WAYS[way] ?? way}${rate}`,
            stages: stages.map(([name, age]) => [name, ...[age?.p50, age?.p95, age?.p99].map(msText)]),
            dropped: droppedText(viewer.dropped, decode?.dropped),
        };
    });
}

const msText = (ms) => (ms === null || ms === undefined ? '–' : ms < 9.95 ? ms.toFixed(1)
    : String(Math.round(ms)));

function droppedText(dropped, here = 0) {
    const all = Object.entries(dropped).map(([reason, count]) => [count, DROPS[reason] ?? reason]);
    const parts = [...all, [here, 'in the browser']].filter(([count]) => count)
        .map(([count, why]) => `${count} ${why}`);
    return parts.length ? `Left out: ${parts.join(', ')}` : 'Nothing left out';
}
