// SPDX-License-Identifier: LGPL-2.1-or-later
// How old a picture is that was shown: {at, decoded, wall, steady}; at is when that was, decoded when the
// decoder gave it, both by performance.now(); the others when it was captured, by a clock of the daemon's,
// if that is known.
//
// Units  milliseconds

/// A picture is old when it shows what was so long ago. The daemon sends one every 0.6 s of a
/// screen that stands still, so that its picture is never older than that and its way here.
export const STALE_MS = 1000;

/// RTP carries wall-clock times in ms since 1900 (RFC 5905, section 6).
export const NTP_TO_UNIX_MS = 2208988800_000;

/// Even of a still screen a picture comes every 0.6 s: when there was none for so long, the way it
/// came is left.
export const QUIET_MS = 6000;

/// How long ago it was captured; at least, how long ago it was shown. null: there is no picture.
export function ageOf(shown, clock, now = performance.now()) {
    if (!shown)
        return null;
    const captured = capturedAt(shown, clock);
    return Math.max(now - shown.at, captured === null ? 0 : now - captured);
}

/// From its capture until it was shown, or was decoded; null where that is not known. Nothing is shown
/// before it is captured: then one of the clocks is off.
export const latencyOf = (shown, clock) => since(shown.at, shown, clock);
export const decodedAfter = (shown, clock) => since(shown.decoded, shown, clock);

function since(at, shown, clock) {
    const captured = capturedAt(shown, clock);
    return captured === null || !(at >= captured) ? null : at - captured;
}

/// By performance.now().
function capturedAt({wall, steady}, clock) {
    if (Number.isFinite(steady) && clock.steady !== null)
        return steady - clock.steady;
    if (Number.isFinite(wall) && clock.offset !== null)
        return wall - clock.offset - performance.timeOrigin;
    return null;
}
