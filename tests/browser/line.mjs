// SPDX-License-Identifier: LGPL-2.1-or-later
// A TCP relay in front of the daemon, with little room or none for what comes from it.

import {once} from 'node:events';
import {connect, createServer} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';

const PIECE = 2048;

export class TcpRelay {
    /// Room for what comes from the daemon, in kbit/s for each connection; 0: for everything.
    kbps = 0;
    #server;
    #connections = new Set();

    static async to(daemon) {
        const relay = new TcpRelay();
        relay.#server = createServer((client) => relay.#join(client, daemon.port));
        relay.#server.listen(0, '127.0.0.1');
        await once(relay.#server, 'listening');
        relay.url = `http://127.0.0.1:${relay.#server.address().port}`;
        return relay;
    }

    /// From now on neither end hears anything more of connections that have asked for this path, nor
    /// of their end; those that are made later work. How many there are.
    swallow(path) {
        const doomed = [...this.#connections].filter(({asked}) => asked.includes(`GET ${path}`));
        for (const connection of doomed)
            connection.swallowed = true;
        return doomed.length;
    }

    close() {
        this.#server.close();
        for (const {client, far} of this.#connections)
            client.destroy(), far.destroy();
    }

    #join(client, port) {
        const far = connect(port, '127.0.0.1');
        const connection = {client, far, asked: '', swallowed: false};
        this.#connections.add(connection);
        for (const [end, other] of [[client, far], [far, client]]) {
            end.on('error', () => {});
            end.on('close', () => {
                if (!connection.swallowed)
                    other.end();
            });
        }
        client.on('data', (bytes) => {
            connection.asked += bytes.toString('latin1');
            if (!connection.swallowed)
                far.write(bytes);
        });
        far.on('data', async (bytes) => {
            far.pause();
            for (let at = 0; at < bytes.length && !connection.swallowed; at += PIECE) {
                const piece = bytes.subarray(at, at + PIECE);
                client.write(piece);
                if (this.kbps)
                    await sleep(piece.length * 8 / this.kbps);
            }
            far.resume();
        });
    }
}
