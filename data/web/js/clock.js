// SPDX-License-Identifier: LGPL-2.1-or-later
// ServerClock: round trip to the daemon, and what its wall clock says, from pings and their pongs.
//
// Units  milliseconds; the offset is added to this page's wall clock to get the daemon's

const KEPT = 20; // pings; the fastest of them knows the offset best

/// This page's wall clock with fractions, in ms since 1970.
export const wallNow = () => performance.timeOrigin + performance.now();

export class ServerClock {
    #samples = [];

    /// The text to send now.
    ping() {
        return JSON.stringify({ping: performance.now()});
    }

    /// Takes a daemon's answer; false when the message is something else.
    take(message) {
        if (typeof message?.pong !== 'number')
            return false;
        const now = performance.now();
        const rtt = now - message.pong;
        if (rtt < 0 || typeof message.wall !== 'number')
            return true;
        const middle = performance.timeOrigin + (message.pong + now) / 2;
        this.#samples = [...this.#samples, {rtt, offset: message.wall - middle}].slice(-KEPT);
        return true;
    }

    /// Forgets all, for a new connection.
    reset() {
        this.#samples = [];
    }

    /// The newest round trip; null before the first.
    get rtt() {
        return this.#samples.at(-1)?.rtt ?? null;
    }

    /// The daemon's wall clock minus ours; null before the first pong.
    get offset() {
        if (!this.#samples.length)
            return null;
        return this.#samples.reduce((best, one) => (one.rtt < best.rtt ? one : best)).offset;
    }
}
