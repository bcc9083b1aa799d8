// SPDX-License-Identifier: LGPL-2.1-or-later
// A UDP relay between a WebRTC peer and the daemon that loses packets, where the kernel has no netem.
import {createSocket} from 'node:dgram';
import {once} from 'node:events';

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

async function bound(address) {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return socket;
}

export class Relay {
    /// Share of packets that are lost in each direction, 0..1.
    loss = 0;
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
        [this.near, this.far] = [await bound(address), await bound(address)];
        this.near.on('message', (packet, from) => {
            this.#peer = from;
            this.#pass(() => this.far.send(packet, Number(port), address));
        });
        this.far.on('message', (packet) => {
            if (this.#peer)
                this.#pass(() => this.near.send(packet, this.#peer.port, this.#peer.address));
        });
        return lines.filter((line) => !line.startsWith('a=candidate:') || line.startsWith(own))
            .map((line) => line.replace(own, own.replace(` ${port} `, ` ${this.near.address().port} `)))
            .join('\r\n');
    }

    #roll = dice(1);

    #pass(send) {
        if (this.#roll() < this.loss) {
            ++this.lost;
        } else {
            ++this.passed;
            send();
        }
    }

    close() {
        this.near.close();
        this.far.close();
    }
}
