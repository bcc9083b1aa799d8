// SPDX-License-Identifier: LGPL-2.1-or-later
// WhepSession: one WebRTC connection to the daemon: its picture, its sound if there is any, and a data
// channel for input.
//
// Errors  start() throws a Trouble whose reason is one of those that the languages have words for (reason.*); after it succeeded, onlost
//         gets such a reason, once
// Source  RFC 9725 (WHEP); trickle by PATCH as in RFC 8840

import {NTP_TO_UNIX_MS, QUIET_MS} from './age.js';
import {request} from './api.js';
import {prefer} from './codecs.js';
import {iceServers} from './ice.js';
import {randomText} from './random.js';

const CONNECT_MS = 5000; // to a network path that works
const BROWSER_MS = 5000; // to its offer, and to take the answer
const FRAME_MS = 5000;   // from there to the first picture
const RECOVER_MS = 3000; // a path that broke may come back for this long
const LATE_MS = 500;     // candidates found within this time go into one PATCH
const ANSWER_MS = 15000; // to an offer; the daemon's own limit

/// Why there is no picture; reason is the end of a key of the languages, detail what the daemon said.
export class Trouble extends Error {
    constructor(reason, detail = '') {
        super(reason);
        this.reason = reason;
        this.detail = detail;
    }
}

/// Rejects with a Trouble after a time, unless the promise settles before.
function within(ms, promise, reason) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Trouble(reason)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class WhepSession {
    #peer;
    #video;
    #speaker;
    #audio; // the transceiver of the sound
    #url = null; // of the session, from the answer's Location
    #etag = null;
    #candidates = [];
    #recover = 0;
    #closed = false;
    #newest = null; // RTP timestamp of the newest picture
    #quiet = 0;     // ms since there was another

    /// What the daemon knows it by.
    name = randomText();
    /// Called with a reason when the connection breaks after it worked.
    onlost = () => {};
    /// The picture that is on the screen (see age.js).
    shown = null;

    /// video is the element that shows the picture, speaker the one that plays the sound;
    /// channelTold.open(channel), .closed() and .message(text) hear of the data channel; codec is the
    /// one that is asked for first, "h264" or "h265".
    constructor(video, speaker, channelTold, codec) {
        this.#video = video;
        this.#speaker = speaker;
        this.#peer = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
        const transceiver = this.#peer.addTransceiver('video', {direction: 'recvonly'});
        prefer(transceiver, codec);
        askForCaptureTimes(transceiver);
        this.receiver = transceiver.receiver;
        this.#audio = this.#peer.addTransceiver('audio', {direction: 'recvonly'});
        const channel = this.#peer.createDataChannel('hid', {ordered: true});
        channel.binaryType = 'arraybuffer';
        channel.onopen = () => channelTold.open(channel);
        channel.onclose = () => channelTold.closed();
        channel.onmessage = ({data}) => typeof data === 'string' && channelTold.message(data);
    }

    /// Connects; returns when the first picture is on the screen.
    async start() {
        const connected = this.#connected();
        connected.catch(() => {}); // it is awaited below, unless the offer fails first
        const shown = this.#shown();
        this.#peer.onicecandidate = ({candidate}) => this.#found(candidate);
        await this.#exchange();
        await within(CONNECT_MS, connected, 'ice-failed');
        await within(FRAME_MS, shown, 'no-frames');
        if (this.#closed)
            throw new Trouble('connection-lost');
    }

    /// Whether the computer's sound comes with the picture.
    get audible() {
        return this.#audio.currentDirection === 'recvonly';
    }

    /// So much time has passed in which this page was awake. Looks for a new picture; the reason to
    /// leave when there has been none for long, else "".
    tick(ms) {
        const newest = this.receiver.getSynchronizationSources?.()[0];
        this.#quiet += ms;
        if (newest && newest.rtpTimestamp !== this.#newest) {
            this.#newest = newest.rtpTimestamp;
            this.shown = {at: performance.now(), wall: newest.captureTimestamp - NTP_TO_UNIX_MS};
            this.#quiet = 0;
        }
        if (document.hidden) // a browser need not bring pictures to who does not look
            this.#quiet = 0;
        if (!this.shown || this.#quiet < QUIET_MS)
            return '';
        this.#quiet = 0;
        return 'webrtc-silent';
    }

    /// What RTCPeerConnection.getStats gives.
    stats() {
        return this.#peer.getStats();
    }

    /// Ends the session here and at the daemon.
    close() {
        if (this.#closed)
            return;
        this.#closed = true;
        clearTimeout(this.#recover);
        this.#peer.close();
        this.#video.srcObject = null;
        this.#speaker.srcObject = null;
        if (this.#url)
            request(this.#url, {method: 'DELETE', keepalive: true}).catch(() => {});
    }

    /// Settles once the connection stands or cannot; from then on watches for its loss.
    #connected() {
        return new Promise((resolve, reject) => {
            this.#peer.onconnectionstatechange = () => {
                const state = this.#peer.connectionState;
                clearTimeout(this.#recover);
                if (state === 'connected') {
                    resolve();
                } else if (state === 'failed') {
                    reject(new Trouble('ice-failed'));
                    this.#lose();
                } else if (state === 'disconnected') {
                    this.#recover = setTimeout(() => this.#lose(), RECOVER_MS);
                }
            };
        });
    }

    #lose() {
        if (!this.#closed)
            this.onlost('connection-lost');
    }

    /// Settles when the first decoded picture is ready.
    #shown() {
        return new Promise((resolve) => {
            this.#peer.ontrack = ({track, receiver}) => {
                if (track.kind === 'audio') {
                    this.#speaker.srcObject = new MediaStream([track]);
                    return;
                }
                playAtOnce(receiver);
                this.#video.srcObject = new MediaStream([track]);
                this.#video.addEventListener('loadeddata', resolve, {once: true});
            };
        });
    }

    /// Nothing is looked for before the answer says where: its STUN and TURN servers come with it.
    async #exchange() {
        const offer = await within(BROWSER_MS, this.#peer.createOffer(), 'webrtc-missing');
        const limit = AbortSignal.timeout?.(ANSWER_MS);
        const answer = await request(`/whep?viewer=${this.name}`, {
            method: 'POST',
            headers: {'Content-Type': 'application/sdp', Accept: 'application/sdp'},
            body: offer.sdp,
            signal: limit,
        }).catch((error) => {
            throw limit?.aborted ? new Trouble('webrtc-no-answer') : error;
        });
        if (answer.status === 401)
            throw new Trouble('signed-out');
        if (answer.status !== 201)
            throw new Trouble('webrtc-refused', await refusal(answer));
        this.#url = new URL(answer.headers.get('Location') ?? '', answer.url).pathname;
        this.#etag = answer.headers.get('ETag');
        const sdp = await answer.text();
        if (/^m=video 0 /m.test(sdp))
            throw new Trouble('codec-unsupported');
        this.#use(iceServers(answer.headers.get('Link')));
        const taken = this.#peer.setLocalDescription(offer)
            .then(() => this.#peer.setRemoteDescription({type: 'answer', sdp}));
        await within(BROWSER_MS, taken, 'bad-answer').catch(() => {
            throw new Trouble('bad-answer');
        });
    }

    /// Servers that the browser does not understand are done without.
    #use(servers) {
        try {
            if (servers.length)
                this.#peer.setConfiguration({...this.#peer.getConfiguration(), iceServers: servers});
        } catch {
            console.warn('the STUN and TURN servers were not understood');
        }
    }

    /// Takes a local candidate, null after the last; they leave together, a moment later.
    #found(candidate) {
        this.#candidates.push(candidate?.candidate ?? '');
        if (this.#candidates.length === 1)
            setTimeout(() => this.#flush(), LATE_MS);
    }

    #flush() {
        const found = this.#candidates.splice(0);
        if (!found.length || this.#closed)
            return;
        const headers = {'Content-Type': 'application/trickle-ice-sdpfrag'};
        if (this.#etag)
            headers['If-Match'] = this.#etag;
        const body = fragment(this.#peer.localDescription.sdp, found);
        // The daemon also learns our candidates from our first packets, so a failure is none.
        request(this.#url, {method: 'PATCH', headers, body}).catch(() => {});
    }
}

/// The SDP fragment that carries candidates; an empty one ends them.
function fragment(sdp, candidates) {
    const line = (pattern) => sdp.match(pattern)?.[0] ?? '';
    const lines = [line(/^a=ice-ufrag:.*$/m), line(/^a=ice-pwd:.*$/m), line(/^m=.*$/m),
                   line(/^a=mid:.*$/m)];
    for (const candidate of candidates)
        lines.push(candidate ? `a=${candidate}` : 'a=end-of-candidates');
    return lines.map((text) => `${text.trim()}\r\n`).join('');
}

/// Adds the capture time of pictures to what the offer asks for; browsers leave it out by default.
function askForCaptureTimes(transceiver) {
    const all = transceiver.getHeaderExtensionsToNegotiate?.();
    if (!all)
        return;
    for (const extension of all) {
        if (extension.uri.endsWith('/abs-capture-time'))
            extension.direction = 'sendrecv';
    }
    transceiver.setHeaderExtensionsToNegotiate(all);
}

/// Asks the browser not to hold pictures back; the daemon asks the same by playout-delay.
function playAtOnce(receiver) {
    if ('jitterBufferTarget' in receiver)
        receiver.jitterBufferTarget = 0;
    else if ('playoutDelayHint' in receiver)
        receiver.playoutDelayHint = 0;
}

/// What a refusal says, in one line.
async function refusal(response) {
    const text = (await response.text().catch(() => '')).trim();
    const tells = text && text.length < 200 && !text.includes(response.status);
    return `HTTP ${response.status}${tells ? `: ${text}` : ''}`;
}
