// SPDX-License-Identifier: LGPL-2.1-or-later
// Line: the way input takes to the daemon: the data channel while it is open, else the socket.
//
// Both ways begin with the same random text, so that the daemon knows them as one client's, and so
// does every change between them: what the other way still brings then counts no more. It lets go
// of everything that is held when it hears nothing for 350 ms, so while a key or a button is down a
// heartbeat goes up every 80 ms.

import {randomText} from './random.js';
import {HEARTBEAT} from './reports.js';

const HELD_BEAT_MS = 80;
const CONGESTED_BYTES = 4096;

/// What the daemon knows this page by; another window, even a copy of this one, has another.
export const CLIENT = randomText();
const HELLO = JSON.stringify({client: CLIENT});

export class Line {
    #socket;
    #channel = null;

    /// socket is the lasting line; holds() says whether a key or a button is down.
    constructor(socket, holds) {
        this.#socket = socket;
        setInterval(() => holds() && this.send(HEARTBEAT), HELD_BEAT_MS);
    }

    /// Sends over this open data channel from now on; null: over the socket.
    use(channel) {
        this.#channel = channel;
        this.send(HELLO);
    }

    /// To be called whenever the socket has opened, before anything else is sent.
    socketOpened() {
        this.#socket.send(HELLO);
    }

    /// "data channel", "socket" or "" when nothing is connected.
    get way() {
        if (this.#channel?.readyState === 'open')
            return 'data channel';
        return this.#socket.open ? 'socket' : '';
    }

    /// Whether what was sent before still waits to leave.
    get congested() {
        if (this.way === 'data channel')
            return this.#channel.bufferedAmount > CONGESTED_BYTES;
        return this.#socket.congested;
    }

    /// Sends a binary report or a text; without a connection it is dropped.
    send(message) {
        if (this.way === 'data channel')
            this.#channel.send(message);
        else if (this.#socket.open)
            this.#socket.send(message);
    }
}
