// SPDX-License-Identifier: LGPL-2.1-or-later
// Shell: one shell of the KVM over /api/vm/terminal, which ends with its connection.

const PART = 16_000; // characters in one frame; the daemon takes 64 KiB
const ENDED = 1000; // close codes: the shell has ended;
const REFUSED = [1008, 1011]; // there is none to be had, and the reason is told

export class Shell {
    #socket;

    /// told.open(), told.said(bytes) and told.closed(how, reason) hear what happens; how: "ended", "refused"
    /// with the daemon's reason, or "lost".
    constructor(told) {
        this.#socket = new WebSocket(new URL('/api/vm/terminal', location.href.replace(/^http/, 'ws')));
        this.#socket.binaryType = 'arraybuffer';
        this.#socket.onopen = () => told.open();
        this.#socket.onmessage = ({data}) => told.said(new Uint8Array(data));
        this.#socket.onclose = ({code, reason}) => told.closed(
            code === ENDED ? 'ended' : REFUSED.includes(code) ? 'refused' : 'lost', reason);
    }

    /// Types text, as the terminal's keys would give it.
    type(text) {
        const characters = [...text]; // so that none is cut in two
        for (let at = 0; this.#open && at < characters.length; at += PART)
            this.#socket.send(characters.slice(at, at + PART).join(''));
    }

    /// Tells the shell how many characters there is room for.
    resize({rows, cols}) {
        if (this.#open)
            this.#socket.send(new TextEncoder().encode(JSON.stringify({rows, cols})));
    }

    /// Ends it, and tells nothing any more.
    close() {
        this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
        this.#socket.close();
    }

    get #open() {
        return this.#socket.readyState === WebSocket.OPEN;
    }
}
