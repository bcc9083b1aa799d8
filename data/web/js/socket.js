// SPDX-License-Identifier: LGPL-2.1-or-later
// Socket: the console's lasting line to /api/ws; brings status, takes reports, comes back by itself.

import * as api from './api.js';
import {Backoff} from './backoff.js';
import {HEARTBEAT} from './reports.js';

const REVOKED = 4401; // close code: session expired or revoked
const MOVED = 4307; // close code: https is on from now on; whoever asks for the page is sent there
const CONGESTED_BYTES = 4096;
const QUIET_MS = 10_000; // the daemon answers each ping
const PING_MS = 2000; // after so long without a word from it
const ANSWER_MS = 5000;
const BEAT_MS = 10_000; // the daemon gives a silent socket up after 90 s

export class Socket {
    #socket = null;
    #wanted = false;
    #retry = 0;
    #backoff = new Backoff();
    #unheard = 0; // ms since anything came,
    #unasked = 0; // and since that or a ping
    #told;

    /// told.open(), told.closed(), told.message(text) and told.signedOut() hear what happens;
    /// told.ping() gives a text that is answered.
    constructor(told) {
        this.#told = told;
        setInterval(() => this.open && this.send(HEARTBEAT), BEAT_MS);
    }

    /// Connects now, if it is not; and keeps connected until stop().
    start() {
        this.#wanted = true;
        clearTimeout(this.#retry);
        if (this.#socket)
            return;
        const socket = new WebSocket(new URL('/api/ws', location.href.replace(/^http/, 'ws')));
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
            this.#backoff.reset();
            this.#told.open();
        };
        socket.onmessage = ({data}) => {
            this.#unheard = this.#unasked = 0;
            if (typeof data === 'string')
                this.#told.message(data);
        };
        socket.onclose = ({code}) => this.#lost(code);
        this.#socket = socket;
        this.#unheard = this.#unasked = 0;
    }

    /// So much time, in ms, has passed in which this page was awake: to be called every now and then.
    /// A connection that nothing comes from is left, and a new one made.
    tick(ms) {
        if (!this.#socket)
            return;
        this.#unheard += ms;
        this.#unasked += ms;
        if (this.#unheard >= QUIET_MS) {
            this.#leave();
            this.#lost(0);
        } else if (this.open && this.#unasked >= PING_MS) {
            this.#unasked = 0;
            this.send(this.#told.ping());
        }
    }

    /// Closes and stays closed.
    stop() {
        this.#wanted = false;
        clearTimeout(this.#retry);
        if (!this.#socket)
            return;
        this.#leave();
        this.#told.closed();
    }

    #leave() {
        this.#socket.onclose = this.#socket.onmessage = this.#socket.onopen = null;
        this.#socket.close();
        this.#socket = null;
    }

    get open() {
        return this.#socket?.readyState === WebSocket.OPEN;
    }

    get congested() {
        return (this.#socket?.bufferedAmount ?? 0) > CONGESTED_BYTES;
    }

    send(message) {
        this.#socket.send(message);
    }

    async #lost(code) {
        this.#socket = null;
        this.#told.closed();
        if (code === MOVED)
            return location.reload();
        const ended = code === REVOKED || await this.#sessionEnded();
        if (!this.#wanted || this.#socket)
            return; // somebody stopped or started us meanwhile
        if (ended)
            this.#told.signedOut();
        else
            this.#retry = setTimeout(() => this.start(), this.#backoff.next());
    }

    /// A refused upgrade does not say why; asking for the account does.
    async #sessionEnded() {
        try {
            await api.account(AbortSignal.timeout?.(ANSWER_MS));
            return false;
        } catch (error) {
            return error.kind === 'signed-out';
        }
    }
}
