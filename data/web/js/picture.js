// SPDX-License-Identifier: LGPL-2.1-or-later
// Picture: keeps a picture on the screen: WebRTC first, MJPEG where that fails, again when it breaks.
//
// Facts it sets  video: "idle", "connecting" or "playing"; transport: "", "webrtc" or "mjpeg";
//                audible: whether sound comes with it;
//                trouble: {reason, detail} of the last WebRTC failure, null while there is none

import {Backoff} from './backoff.js';
import {MjpegSession} from './mjpeg.js';
import {Trouble, WhepSession} from './whep.js';

const WEBRTC_TRIES = 2;

export class Picture {
    #store;
    #elements;
    #told;
    #session = null;
    #run = 0; // a number per start(); an older run sees that it is over

    /// elements.video and elements.canvas show the picture, elements.speaker plays the sound;
    /// told.signedOut() hears that the session has ended, told.channel hears of the data channel
    /// (see WhepSession).
    constructor(store, elements, told) {
        this.#store = store;
        this.#elements = elements;
        this.#told = told;
    }

    /// Begins anew, with WebRTC.
    start() {
        this.stop();
        this.#store.set({video: 'connecting', trouble: null});
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

    async #keep(run) {
        const backoff = new Backoff();
        let tries = globalThis.RTCPeerConnection ? 0 : WEBRTC_TRIES;
        if (tries)
            this.#store.set({trouble: {reason: 'webrtc-missing', detail: ''}});
        for (;;) {
            const transport = tries < WEBRTC_TRIES ? 'webrtc' : 'mjpeg';
            const problem = await this.#show(transport, run, () => {
                backoff.reset();
                tries = transport === 'webrtc' ? 0 : tries;
            });
            if (run !== this.#run)
                return;
            this.#end();
            this.#store.set({video: 'connecting', transport: '', audible: false});
            if ((problem.reason ?? problem.kind) === 'signed-out') {
                this.#told.signedOut();
                return;
            }
            if (problem instanceof Trouble && transport === 'webrtc') {
                ++tries;
                this.#store.set({trouble: {reason: problem.reason, detail: problem.detail}});
            } else if (problem instanceof Trouble && globalThis.RTCPeerConnection) {
                tries = 0; // MJPEG gave nothing either: begin with the better one again
            }
            if (!(problem instanceof Trouble) || transport === 'mjpeg')
                await new Promise((done) => setTimeout(done, backoff.next()));
            if (run !== this.#run)
                return;
        }
    }

    /// Shows the picture for as long as it lasts; returns what ended it.
    async #show(transport, run, onplaying) {
        const session = transport === 'webrtc'
            ? new WhepSession(this.#elements.video, this.#elements.speaker, this.#told.channel)
            : new MjpegSession(this.#elements.canvas);
        this.#session = session;
        const lost = new Promise((resolve) => {
            session.onlost = (reason) => resolve(new Trouble(reason));
        });
        try {
            await session.start();
        } catch (error) {
            session.close();
            return error.reason || error.kind ? error : new Trouble('bad-answer', String(error));
        }
        if (run !== this.#run)
            return null;
        this.#store.set({video: 'playing', transport, audible: Boolean(session.audible)});
        if (transport === 'webrtc')
            this.#store.set({trouble: null});
        onplaying();
        return lost;
    }

    #end() {
        this.#session?.close();
        this.#session = null;
    }
}
