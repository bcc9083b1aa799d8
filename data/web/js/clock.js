// SPDX-License-Identifier: LGPL-2.1-or-later
// ServerClock: round trip to the daemon, and what its clocks say, from pings and their pongs.
//
// Units  milliseconds; an offset is added to this page's clock to get the daemon's
//
// A pong tells an offset to half its round trip. The best one is kept, and each second it is worth a
// little less, since two clocks drift apart; one that contradicts it shows that a clock was set.

const DRIFT = 2e-4; // of two computers' clocks, at worst

/// This page's wall clock with fractions, in ms since 1970.
export const wallNow = () => performance.timeOrigin + performance.now();

export class ServerClock {
    #best = null; // {at, rtt, wall, steady}
    #rtt = null;

    /// The text to send now.
    ping() {
        return JSON.stringify({ping: performance.now()});
    }

    /// Takes a daemon's answer; false when the message is something else. timed: it came the way
    /// whose round trip is asked for.
    take(message, timed = true) {
        if (typeof message?.pong !== 'number')
            return false;
        const now = performance.now();
        const rtt = now - message.pong;
        if (rtt < 0 || typeof message.wall !== 'number' || typeof message.steady !== 'number')
            return true;
        const middle = (message.pong + now) / 2;
        const sample = {at: now, rtt, wall: message.wall - performance.timeOrigin - middle,
                        steady: message.steady - middle};
        if (!this.#best || this.#betters(sample))
            this.#best = sample;
        if (timed)
            this.#rtt = rtt;
        return true;
    }

    #betters(sample) {
        const best = this.#best;
        const error = best.rtt / 2 + DRIFT * (sample.at - best.at);
        const agrees = (clock) => Math.abs(sample[clock] - best[clock]) <= error + sample.rtt / 2 + 1;
        return sample.rtt / 2 <= error || !agrees('wall') || !agrees('steady');
    }

    /// Forgets all, for another daemon.
    reset() {
        this.#best = null;
        this.#rtt = null;
    }

    /// The newest round trip; null before the first.
    get rtt() {
        return this.#rtt;
    }

    /// The daemon's wall clock minus ours; null before the first pong.
    get offset() {
        return this.#best?.wall ?? null;
    }

    /// The daemon's steady clock (CLOCK_MONOTONIC) minus performance.now(); null before the first pong.
    get steady() {
        return this.#best?.steady ?? null;
    }
}
