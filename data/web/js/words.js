// SPDX-License-Identifier: LGPL-2.1-or-later
// The console's state in words: what the facts mean to the person who looks at the page.

import {known, list, number, percent, t} from './i18n.js';

/// Why the better ways gave no picture, as part of a sentence.
export function cause(troubles) {
    return troubles.map(({reason, detail}) => {
        const words = known(`reason.${reason}`) ? t(`reason.${reason}`) : reason;
        return detail ? t('cause.detail', {cause: words, detail}) : words;
    }).reduce((causes, next) => (causes ? t('cause.next', {causes, cause: next}) : next), '');
}

/// The line in the upper bar: {tone: "good" | "warn" | "bad" | "busy", text}.
export function stateLine(facts) {
    const {online, socket, wasConnected, video, transport, troubles, signal, stale, late} = facts;
    if (!socket && !online)
        return {tone: 'bad', text: t('state.offline')};
    if (!socket)
        return {tone: 'busy', text: t(wasConnected ? 'state.reconnecting' : 'state.connecting')};
    if (video !== 'playing') {
        const text = troubles.length ? t('state.picture-after', {cause: cause(troubles)})
            : t('state.picture');
        return {tone: 'busy', text};
    }
    if (signal && signal.state !== 'ok') {
        const key = `signal.${signal.state}`;
        return {tone: 'warn', text: t(known(key) ? key : 'signal.other')};
    }
    if (stale)
        return {tone: 'warn', text: t(late ? 'state.late' : 'state.stale')};
    return {tone: transport === 'webrtc' || facts.way !== 'auto' ? 'good' : 'warn', text: t(`state.${transport}`)};
}

/// What the stage shows over the last picture; "" while there is a new one. (Without a signal the
/// daemon sends a picture that says so, but none while the capture is switched off.)
export function waitingText({online, socket, video, wasConnected, signal}) {
    if (!socket && wasConnected)
        return t(online ? 'waiting.lost' : 'waiting.offline');
    if (signal?.state === 'off')
        return t('signal.off');
    return video !== 'playing' && wasConnected ? t('waiting.picture') : '';
}

/// The notice under the upper bar when the picture is second best, or the way that was chosen gives none;
/// "" when neither is so.
export function fallbackText({video, transport, troubles, way}) {
    if (way !== 'auto')
        return video !== 'playing' && troubles.length
            ? t('way.fails', {way: WAYS[way], cause: cause(troubles)}) : '';
    return video === 'playing' && transport !== 'webrtc'
        ? t(`fallback.${transport}`, {cause: cause(troubles)}) : '';
}

/// Who uses the computer's keyboard and mouse from another window; "" while nobody does.
export const otherOwner = (owner) => (owner && !owner.mine ? owner.owner : '');

/// Who keeps it, if that is another; undefined while nobody or this window does.
export const keeperOf = (hold) => hold?.here.find(
    ({number}) => number === hold.keeper && number !== hold.you);

/// Who asks this window to hand it over; undefined while nobody does.
export const othersAsk = (hold) => hold && hold.keeper === hold.you
    ? hold.here.find(({number}) => number === hold.asking) : undefined;

/// What the sound's button does; why nothing is heard, when that is known.
export function soundText(listening, sound) {
    if (!listening)
        return t('sound.listen');
    return sound?.reason ? t('sound.none', sound) : t('sound.mute');
}

/// Rates and times for the lower bar; "–" where nothing is known.
export function figureTexts(figures, signal) {
    const {fps, kbps, width, height} = figures;
    const [w, h] = width ? [width, height] : [signal?.width, signal?.height];
    const drawn = signal && signal.state !== 'ok'; // by the daemon, instead of a computer's picture
    const latency = drawn ? null : latencyOf(figures);
    return {
        size: w ? `${w}×${h}` : '–',
        fps: fps === null ? '–' : t('unit.fps', {value: Math.round(fps)}),
        kbps: kbps === null ? '–' : rateText(kbps),
        latency: latency === null ? '–'
            : t(latency.about ? 'unit.about-ms' : 'unit.ms', {value: Math.round(latency.ms)}),
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

/// A number of bits a second, a time, and a share of packets.
export const rateText = (kbps) => (kbps < 1000 ? t('unit.kbps', {value: Math.round(kbps)})
    : t('unit.mbps', {value: number(kbps / 1000, 1)}));
export const latencyText = (ms) => (ms === null ? '–' : t('unit.ms', {value: msText(ms)}));
export const lossText = ({lossShare}) => (lossShare === null ? '–' : percent(lossShare));

const WAYS = {webrtc: 'WebRTC', direct: 'WebSocket', mjpeg: 'MJPEG'};

/// What /api/stream/stats tells of who watches: for each {title, stages, dropped}; a stage is its name and
/// how old pictures were then: median, 95 and 99 of 100. `own` names this page's viewer.
export function viewerTexts({capture, encoders, viewers}, own) {
    return viewers.map((viewer) => {
        const {id, user, way, tier, sent_kbps: kbps, decode, present} = viewer;
        const codec = way === 'mjpeg' ? 'mjpeg' : tier === 'low' ? 'h264-low' : 'h264';
        const stages = [
            [t('viewers.captured'), capture.age],
            [t('viewers.encoded'), encoders.find((one) => one.codec === codec)?.age],
            [t('viewers.sent'), viewer.age], [t('viewers.decoded'), decode],
            [t('viewers.shown'), present],
        ];
        const name = user || t('viewers.somebody');
        const who = id === own ? t('viewers.here', {user: name}) : name;
        const rate = kbps === null ? '' : ` · ${rateText(kbps)}`;
        return {
            title: `${who} · ${WAYS[way] ?? way}${rate}`,
            stages: stages.map(([name, age]) => [name, ...[age?.p50, age?.p95, age?.p99].map(msText)]),
            dropped: droppedText(viewer.dropped, decode?.dropped),
        };
    });
}

const msText = (ms) => (ms === null || ms === undefined ? '–' : ms < 9.95 ? number(ms, 1)
    : number(ms));

/// How many pictures a viewer did not get, by reason, and the browser did not show, in a sentence.
export function droppedText(dropped, here = 0) {
    const all = Object.entries(dropped).map(([reason, count]) => [count, `drop.${reason}`]);
    const parts = [...all, [here, 'drop.browser']].filter(([count]) => count)
        .map(([count, key]) => (known(key) ? t(key, {count}) : `${number(count)} ${key}`));
    return parts.length ? t('viewers.left-out', {list: list(parts)}) : t('viewers.all-sent');
}
