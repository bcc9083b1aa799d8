// SPDX-License-Identifier: LGPL-2.1-or-later
// A UDP relay between a WebRTC peer and the daemon that loses packets or has little room for them,
// where the kernel has no netem.
import {createSocket} from 'node:dgram';
import {once} from 'node:events';

const QUEUE_MS = 200; // of packets that wait for their turn to the peer; what comes then is lost

/// Numbers from 0 to 1 that look random, the same in each run (Marsaglia's xorshift32).
function dice(seed) {
    let x = seed;
    return () => {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        return (x >>> 0) / 2 ** 32;
    };
}

/// RTP and no RTCP: RFC 5761, section 4.
const isMedia = ([first, second]) => first >= 128 && first < 192 && !(second >= 192 && second < 224);

async function bound(address) {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return socket;
}

export class Relay {
    /// Share of packets that are lost in each direction, 0..1.
    loss = 0;
    /// What there is room for on the way to the peer, in kbit/s; 0: for everything.
    kbps = 0;
    /// Whether the daemon's media get through at all.
    media = true;
    lost = 0;
    passed = 0;
    #peer = null;

    /// The answer, changed so that its peer finds the daemon by this relay only.
    async between(answer) {
        const lines = answer.split('\r\n');
        const of = lines.map((line) => line.match(/^a=candidate:\S+ 1 UDP \d+ (\S+) (\d+) typ host/i));
        const [own, address, port] = of.find((found) => found) ?? [];
        if (!own)
            throw new Error(`no address to relay to in the answer:\n${answer}`);
        this.close();
        [this.near, this.far] = [await bound(address), await bound(address)];
        const {near, far} = this;
        near.on('message', (packet, from) => {
            this.#peer = from;
            if (this.#passes())
                far.send(packet, Number(port), address);
        });
        far.on('message', (packet) => {
            const wait = this.#peer && (this.media || !isMedia(packet)) && this.#passes() ? this.#turn(packet) : null;
            if (wait !== null)
                later(wait, () => this.near === near &&
                      near.send(packet, this.#peer.port, this.#peer.address));
        });
        return lines.filter((line) => !line.startsWith('a=candidate:') || line.startsWith(own))
            .map((line) => line.replace(own, own.replace(` ${port} `, ` ${near.address().port} `)))
            .join('\r\n');
    }

    #roll = dice(1);

    #passes() {
        const passes = this.#roll() >= this.loss;
        ++this[passes ? 'passed' : 'lost'];
        return passes;
    }

    #free = 0; // when the last packet in the queue has left it, in ms

    /// How many ms a packet to the peer waits for those before it; null: there is no room for it.
    #turn(packet) {
        const now = performance.now();
        this.#free = Math.max(this.#free, now);
        if (this.#free - now > QUEUE_MS) {
            ++this.lost;
            return null;
        }
        if (this.kbps)
            this.#free += packet.length * 8 / this.kbps;
        return this.#free - now;
    }

    /// The daemon is not reached by it any more.
    close() {
        for (const socket of [this.near, this.far])
            socket?.close();
        this.near = this.far = this.#peer = null;
    }
}

/// Does it in so many ms; at once if that is now.
function later(ms, work) {
    if (ms > 0)
        setTimeout(work, ms);
    else
        work();
}
