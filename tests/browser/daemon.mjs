// SPDX-License-Identifier: LGPL-2.1-or-later
// A real pantographd of the build under test: a free loopback port, a state folder of its own.
//
// Environment  PANTOGRAPH_BUILD, the build folder (default build/ of this tree)

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BUILD = path.resolve(process.env.PANTOGRAPH_BUILD ?? path.join(ROOT, 'build'));

/// Where GStreamer finds this build's plugins, and what it remembers of them.
export const GSTREAMER = {GST_PLUGIN_PATH: path.join(BUILD, 'plugins'),
                          GST_REGISTRY: path.join(BUILD, 'registry.bin')};

const START_MS = 20_000;
const STOP_MS = 10_000;
const PASSWORD = 'browser tests only';

/// Waits until check() gives something true and returns it; fails with a sentence after a time.
export async function until(check, what, ms = 10_000) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await check();
        if (value)
            return value;
        if (Date.now() > end)
            throw new Error(`${what}: not within ${ms} ms`);
        await new Promise((done) => setTimeout(done, 25));
    }
}

export async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const {port} = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

/// A running pantographd.
export class Daemon {
    user = 'admin';
    password = PASSWORD;
    #process = null;
    #log = '';

    /// Starts one on the virtual computer; args are added to its command line.
    static start(...args) {
        return Daemon.startIn({}, ...args);
    }

    /// The same, with more in its environment.
    static async startIn(env, ...args) {
        const daemon = new Daemon();
        daemon.env = env;
        daemon.state = await mkdtemp(path.join(tmpdir(), 'pantograph-browser-'));
        daemon.port = await freePort();
        daemon.url = `http://127.0.0.1:${daemon.port}`;
        daemon.args = args;
        await daemon.run();
        return daemon;
    }

    /// Starts it again, on the same port and state.
    async run() {
        const args = ['--host', '127.0.0.1', '--port', String(this.port), '--state', this.state,
                      '--config', path.join(ROOT, 'data/server.yaml'),
                      '--pipelines', path.join(ROOT, 'pipelines'),
                      '--web-root', path.join(ROOT, 'data/web'), ...this.args];
        const env = {...process.env, ...GSTREAMER, PANTOGRAPH_PASSWORD: this.password, ...this.env,
                     DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/invalid'}; // no test restarts this machine
        const child = spawn(path.join(BUILD, 'daemon/pantographd'), args,
                            {env, stdio: ['ignore', 'pipe', 'pipe']});
        for (const stream of [child.stdout, child.stderr])
            stream.on('data', (text) => { this.#log = (this.#log + text).slice(-20_000); });
        child.on('error', (error) => { this.#log += error.message; });
        this.#process = child;
        await until(() => {
            if (!child.pid || child.exitCode !== null || child.signalCode)
                throw new Error(`pantographd ended at once:\n${this.#log}`);
            const answers = ({status}) => status === 401 || status === 200; // as it lets people in
            return this.get('/api/auth/account').then(answers, () => false);
        }, `pantographd answers\n${this.#log}`, START_MS);
    }

    get pid() {
        return this.#process.pid;
    }

    /// What it has written lately.
    get log() {
        return this.#log;
    }

    /// Asks for a path, without a browser.
    get(where, options) {
        return fetch(this.url + where, options);
    }

    /// Ends it; signal SIGKILL gives it no chance to say goodbye.
    async stop(signal = 'SIGTERM') {
        const child = this.#process;
        if (child.exitCode !== null || child.signalCode)
            return;
        const ended = once(child, 'exit');
        child.kill(signal);
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await ended;
        clearTimeout(timer);
    }

    /// Ends it and removes its state.
    async remove() {
        await this.stop();
        await rm(this.state, {recursive: true, force: true});
    }
}
