// SPDX-License-Identifier: LGPL-2.1-or-later
// Picture: keeps a picture on the screen: WebRTC first, H.264 over a WebSocket where that fails, MJPEG
// where that does, too; again when it breaks. While a lesser way shows the picture, WebRTC is tried
// beside it now and then, and takes its place once it has one. A way that somebody has chosen is kept to.
//
// Facts it sets  video: "idle", "connecting" or "playing";
//                transport: "", "webrtc", "direct" or "mjpeg";
//                audible: whether sound comes with it;
//                troubles: {reason, detail} of each better way that gave no picture, in the order
//                they were tried; empty while WebRTC works

import {silenceIsMeant} from './api.js';
import {Backoff} from './backoff.js';
import {DirectSession} from './direct.js';
import {MjpegSession} from './mjpeg.js';
import {Trouble, WhepSession} from './whep.js';

/// The ways there are, the best first: how often each is tried before the next, whether this browser
/// has it at all, and the reason that is told when it has not.
const WAYS = [
    {transport: 'webrtc', tries: 2, lacking: 'webrtc-missing',
     possible: () => Boolean(globalThis.RTCPeerConnection)},
    {transport: 'direct', tries: 1, lacking: 'webcodecs-missing',
     possible: () => DirectSession.possible},
    {transport: 'mjpeg', tries: Infinity, lacking: '', possible: () => true},
];

/// Who loses a picture that was there for so long tries the same way as often as at first.
const GOOD_MS = 30_000;
/// A lesser way is shown for so long before WebRTC is tried again; each time for twice as long, to the
/// longest.
const AGAIN_MS = 60_000;
const LONGEST_MS = 15 * 60_000;
/// What trying again does not mend; and what takes so long that the next way comes first.
const LASTING = ['webrtc-missing', 'codec-unsupported'];
const TRIED_ONCE = [...LASTING, 'ice-failed'];
const ANSWER_MS = 3000;

export class Picture {
    #store;
    #elements;
    #told;
    #session = null;
    #ways = WAYS;
    #better = null; // a session that is tried beside the one that shows the picture
    #doubting = false;
    #run = 0; // a number per start(); an older run sees that it is over

    /// elements.video and elements.canvas show the picture, elements.speaker plays the sound;
    /// told.signedOut() hears that the session has ended, told.channel hears of the data channel
    /// (see WhepSession).
    constructor(store, elements, told) {
        this.#store = store;
        this.#elements = elements;
        this.#told = told;
    }

    /// Begins anew: with the best way there is, or with the one that facts.way names.
    start() {
        this.stop();
        const {way} = this.#store.facts;
        this.#ways = way === 'auto' ? WAYS : WAYS.filter(({transport}) => transport === way);
        this.#store.set({video: 'connecting', troubles: []});
        this.#keep(this.#run);
    }

    /// Ends the picture.
    stop() {
        ++this.#run;
        this.#end();
        this.#store.set({video: 'idle', transport: '', audible: false});
    }

    /// The session that shows the picture now, or null.
    get session() {
        return this.#session;
    }

    /// So much time, in ms, has passed in which this page was awake: to be called every now and then,
    /// so that a way is left by which nothing comes any more.
    tick(ms) {
        const reason = this.#session?.tick(ms);
        if (reason && !this.#doubting)
            this.#doubt(this.#session, reason);
    }

    async #doubt(session, reason) {
        const {shown} = session;
        this.#doubting = true;
        const meant = await silenceIsMeant(this.#store.facts.transport, AbortSignal.timeout?.(ANSWER_MS))
            .catch(() => false);
        this.#doubting = false;
        if (!meant && session.shown === shown)
            session.onlost(reason);
    }

    async #keep(run) {
        const backoff = new Backoff();
        const again = new Backoff(AGAIN_MS, LONGEST_MS);
        let troubles = []; // one for each way that is given up
        let tries = 0;     // of the way that is next
        let better = null; // what plays already, in the place of a lesser way
        for (;;) {
            const ways = this.#ways;
            const way = ways[troubles.length];
            if (!better && !way.possible()) {
                troubles = [...troubles, {reason: way.lacking, detail: ''}];
                this.#store.set({troubles});
                if (way === ways.at(-1))
                    return; // until another is chosen
                continue;
            }
            let since = null;
            const problem = await this.#show(better, way, run, () => {
                backoff.reset();
                since = performance.now();
                if (way !== ways[0] && !LASTING.includes(troubles[0].reason))
                    this.#tryBeside(this.#session, again);
            });
            if (run !== this.#run)
                return;
            better = this.#better?.playing ? this.#better : null;
            if (better) {
                this.#better = null;
                this.#end();
                troubles = [];
                tries = 0;
                continue;
            }
            this.#end();
            this.#store.set({video: 'connecting', transport: '', audible: false});
            if ((problem.reason ?? problem.kind) === 'signed-out') {
                this.#told.signedOut();
                return;
            }
            const last = way === ways.at(-1);
            if (since !== null && performance.now() - since >= GOOD_MS)
                tries = 0;
            if (problem instanceof Trouble) {
                const trouble = {reason: problem.reason, detail: problem.detail};
                this.#store.set({troubles: [...troubles, trouble]});
                if (last) {
                    troubles = []; // it gave nothing either: begin with the best one again
                } else if (++tries >= way.tries || TRIED_ONCE.includes(problem.reason)) {
                    troubles = [...troubles, trouble];
                    tries = 0;
                }
            }
            if (!(problem instanceof Trouble) || last)
                await new Promise((done) => setTimeout(done, backoff.next()));
            if (run !== this.#run)
                return;
        }
    }

    /// Shows the picture for as long as it lasts; returns what ended it. better: a session that has
    /// begun.
    async #show(better, way, run, onplaying) {
        const {transport} = way;
        let session = null;
        let lost = null;
        try {
            session = this.#session = better?.session ?? this.#made(transport);
            lost = new Promise((resolve) => {
                session.onlost = (reason) => resolve(new Trouble(reason));
            });
            await (better?.begun ?? session.start());
        } catch (error) {
            session?.close();
            return error.reason || error.kind ? error : new Trouble('bad-answer', String(error));
        }
        if (run !== this.#run)
            return null;
        this.#store.set({video: 'playing', transport, audible: Boolean(session.audible)});
        if (way === this.#ways[0])
            this.#store.set({troubles: []});
        onplaying();
        return lost;
    }

    /// Tries WebRTC while that session goes on, until it has a picture, too, or that one ends.
    async #tryBeside(session, again) {
        const over = () => session !== this.#session;
        for (;;) {
            await new Promise((done) => setTimeout(done, again.next()));
            if (over())
                return;
            const tried = this.#begun(WAYS[0].transport);
            if (!tried)
                continue;
            this.#better = tried;
            tried.playing = await tried.begun.then(() => !over(), () => false);
            if (tried.playing)
                return session.onlost('replaced');
            tried.session.close();
            if (this.#better === tried)
                this.#better = null;
        }
    }

    /// A session that is on its way; null where the browser has none of that kind any more.
    #begun(transport) {
        try {
            const session = this.#made(transport);
            return {session, begun: session.start(), playing: false};
        } catch {
            return null;
        }
    }

    #made(transport) {
        const {video, canvas, speaker} = this.#elements;
        if (transport === 'webrtc') {
            try {
                return new WhepSession(video, speaker, this.#told.channel, this.#store.facts.codec);
            } catch (error) { // by a policy, or by what keeps addresses private
                throw new Trouble('webrtc-missing', error.message);
            }
        }
        return transport === 'direct' ? new DirectSession(canvas) : new MjpegSession(canvas);
    }

    #end() {
        this.#better?.session.close();
        this.#session?.close();
        this.#better = this.#session = null;
    }
}
