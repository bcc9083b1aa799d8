// SPDX-License-Identifier: LGPL-2.1-or-later
// Which video a browser takes by WebRTC, and which one first. The daemon sends what an offer names first,
// of what it makes: H.264 always, H.265 where there is hardware for it.

const is = (codec) => ({mimeType}) => mimeType.toLowerCase() === `video/${codec}`;

const known = () => globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs ?? [];

/// Whether this browser says that it can: "h264" or "h265".
export const canDecode = (codec) => known().some(is(codec));

/// All codecs, those of that name first, then H.264.
export function inOrder(codecs, first) {
    const best = codecs.filter(is(first));
    const next = codecs.filter((codec) => !best.includes(codec) && is('h264')(codec));
    return [...best, ...next, ...codecs.filter((codec) => !best.includes(codec) && !next.includes(codec))];
}

/// Has a transceiver's offer name that codec first.
export function prefer(transceiver, codec) {
    const codecs = known();
    if (codecs.length)
        transceiver.setCodecPreferences?.(inOrder(codecs, codec));
}
