// SPDX-License-Identifier: LGPL-2.1-or-later
// Glass to glass and key to pixel in Chromium, and what the daemon costs: a table,
// and build/results/latency.json. --json prints that in the table's place.
//
// Glass to glass: the virtual computer stamps the wall clock into each frame as it is drawn; the
// page reads it back at requestVideoFrameCallback. Both clocks are this machine's.
// Key to pixel: from sending the report over the data channel to the first presented frame in
// which the cursor's cell has changed.
import {spawn, execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const build = process.env.PANTOGRAPH_BUILD ?? path.join(root, 'build');
const seconds = Number(process.env.BENCH_SECONDS ?? 8);
const require = createRequire(path.join(root, 'tests/package.json'));

/** Programs to stop, however this ends. */
const running = new Set();
process.on('exit', () => running.forEach((program) => program.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
if (process.env.PANTOGRAPH_NETNS) {
    setTimeout(() => {
        console.error('latency: not done within 5 minutes');
        process.exit(1);
    }, 300_000).unref();
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

function summary(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const round = (x) => Math.round(x * 10) / 10;
    return {n: sorted.length, p50: round(quantile(sorted, 0.5)), p95: round(quantile(sorted, 0.95)),
            p99: round(quantile(sorted, 0.99))};
}

function cpuSeconds(pid) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
}

const rssMegabytes = (pid) =>
    Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

async function startDaemon(fps, stamp) {
    const state = mkdtempSync(path.join(tmpdir(), 'pantograph-bench-'));
    const config = path.join(state, 'server.yaml');
    writeFileSync(config, `authentication: disable\nvideo:\n  fps: ${fps}\n  stamp: ${stamp}\n`);
    const daemon = spawn(path.join(build, 'daemon/pantographd'),
                         ['--host', '127.0.0.1', '--port', '0', '--state', state, '--config', config,
                          '--pipelines', path.join(root, 'pipelines'), '--web-root',
                          path.join(root, 'tests/bench/page')],
                         {env: {...process.env, GST_PLUGIN_PATH: path.join(build, 'plugins'),
                                GST_REGISTRY: path.join(build, 'registry.bin')},
                          stdio: ['ignore', 'pipe', 'inherit']});
    running.add(daemon);
    const url = await new Promise((done, fail) => {
        let text = '';
        daemon.stdout.on('data', (data) => {
            text += data;
            const found = text.match(/http:\/\/127\.0\.0\.1:\d+\//);
            if (found) done(found[0]);
        });
        daemon.on('exit', () => fail(new Error(`pantographd ended early:\n${text}`)));
    });
    const stop = async () => {
        daemon.removeAllListeners('exit');
        const ended = new Promise((done) => daemon.on('exit', done));
        daemon.kill('SIGTERM');
        await ended;
        running.delete(daemon);
        rmSync(state, {recursive: true, force: true});
    };
    return {url, pid: daemon.pid, stop};
}

/** Watches one daemon with Chromium and measures. */
async function measure(chromium, fps) {
    const stamped = await startDaemon(fps, true);
    const browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
               '--disable-background-networking', '--disable-component-update', '--disable-sync',
               '--autoplay-policy=no-user-gesture-required'],
    });
    const page = await browser.newPage({viewport: {width: 1280, height: 720}});
    await page.goto(stamped.url);
    await page.evaluate(() => window.connect());
    await sleep(3000); // the encoder's rate control settles
    const cpu0 = cpuSeconds(stamped.pid);
    const t0 = Date.now();
    const glass = await page.evaluate((s) => window.glassToGlass(s), seconds);
    const cpuPercent = ((cpuSeconds(stamped.pid) - cpu0) / ((Date.now() - t0) / 1000)) * 100;
    const rss = rssMegabytes(stamped.pid);
    const stats = await page.evaluate(() => window.stats());
    await page.close();
    await stamped.stop();

    const plain = await startDaemon(fps, false); // a stamp would make every frame differ
    const keyPage = await browser.newPage({viewport: {width: 1280, height: 720}});
    await keyPage.goto(plain.url);
    await keyPage.evaluate(() => window.connect());
    await sleep(1500);
    const keys = await keyPage.evaluate(() => window.keyToPixel(40));
    await keyPage.evaluate(() => window.disconnect());
    await browser.close();
    await sleep(8000); // encoder and capture linger, then stop
    const idle0 = cpuSeconds(plain.pid);
    await sleep(4000);
    const idlePercent = ((cpuSeconds(plain.pid) - idle0) / 4) * 100;
    await plain.stop();
    return {glass, keys, cpuPercent, idlePercent, rss, stats};
}

async function main(chromium) {
    const commit = execFileSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD']).toString().trim();
    const rows = [];
    const add = (name, value, unit, bound) =>
        rows.push({name, value: Math.round(value * 10) / 10, unit, bound,
                   met: value <= bound, commit});
    for (const fps of [30, 60]) {
        const r = await measure(chromium, fps);
        const glass = summary(r.glass);
        const keys = summary(r.keys);
        add(`glass to glass, 1280x720 at ${fps} fps, p50 (n=${glass.n})`, glass.p50, 'ms', 15);
        add(`glass to glass, 1280x720 at ${fps} fps, p95`, glass.p95, 'ms', 30);
        add(`key to pixel at ${fps} fps, p50 (n=${keys.n})`, keys.p50, 'ms', 40);
        add(`daemon with no viewer, after ${fps} fps`, r.idlePercent, '% of a core', 2);
        add(`resident memory with one viewer at ${fps} fps`, r.rss, 'MB', 80);
        console.error(`# ${fps} fps: daemon ${r.cpuPercent.toFixed(1)} % of a core, ` +
                      `${r.stats}; p99 ${glass.p99} ms`);
    }
    const json = JSON.stringify(rows, null, 1);
    const results = path.join(build, 'results');
    mkdirSync(results, {recursive: true});
    writeFileSync(path.join(results, 'latency.json'), `${json}\n`);
    if (process.argv.includes('--json')) {
        console.log(json);
    } else {
        for (const r of rows)
            console.log(`${r.met ? 'ok  ' : 'OVER'} ${r.name.padEnd(52)} ${String(r.value).padStart(6)} ` +
                        `${r.unit}  (bound ${r.bound})`);
        console.log(`# commit ${commit}, ${execFileSync('nproc').toString().trim()} cores; ` +
                    `as JSON: ${path.relative(root, path.join(results, 'latency.json'))}`);
    }
    return rows.every((r) => r.met) ? 0 : 1;
}

// WebRTC in Chromium needs an address that is not loopback: a network namespace has one.
if (!process.env.PANTOGRAPH_NETNS) {
    const child = spawn(path.join(root, 'tests/run/netns'),
                        [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
                        {stdio: 'inherit', env: {...process.env, PANTOGRAPH_NETNS: '1'}});
    child.on('exit', (code) => process.exit(code ?? 1));
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
} else {
    const {chromium} = require('playwright-core');
    process.exit(await main(chromium));
}
