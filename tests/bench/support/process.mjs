// SPDX-License-Identifier: LGPL-2.1-or-later
// What a running program uses, from /proc; and that nothing outlives a benchmark.
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/// The benchmark's own folder; it goes when the benchmark ends.
export const folder = mkdtempSync(path.join(tmpdir(), 'pantograph-bench-'));
const running = new Set();

process.on('exit', () => {
    running.forEach((child) => child.kill('SIGKILL'));
    rmSync(folder, {recursive: true, force: true});
});
for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => process.exit(1));

/// A child that is killed if it still runs when the benchmark ends, however that is.
export function owned(child) {
    running.add(child);
    child.on('exit', () => running.delete(child));
    return child;
}

/// Nanoseconds on a CPU of each thread but the emulated device's.
function cpuByThread(pid) {
    const found = new Map();
    for (const task of readdirSync(`/proc/${pid}/task`)) {
        const file = (name) => readFileSync(`/proc/${pid}/task/${task}/${name}`, 'utf8');
        try {
            if (!file('comm').startsWith('v4l2shim'))
                found.set(task, Number(file('schedstat').split(' ')[0]));
        } catch (error) {
            if (!['ENOENT', 'ESRCH'].includes(error.code)) // a thread that has ended
                throw error;
        }
    }
    return found;
}

/// Starts to count; the function it returns says what share of a core was used since, in percent.
export function cpuMeter(pid) {
    const [before, from] = [cpuByThread(pid), performance.now()];
    return () => {
        let sum = 0;
        for (const [task, now] of cpuByThread(pid))
            sum += now - (before.get(task) ?? 0);
        return sum / (performance.now() - from) / 1e4;
    };
}

export const rssMegabytes = (pid) =>
    Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;
export const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
export const threads = (pid) => readdirSync(`/proc/${pid}/task`).length;

/// Starts to count what goes over loopback, in a network of the benchmark's own; the function it
/// returns says how much it was since, in kbit/s, with all headers.
export function networkMeter() {
    const sent = () => Number(readFileSync('/proc/net/dev', 'utf8').match(/lo:(?:\s+\d+){8}\s+(\d+)/)[1]);
    const [before, from] = [sent(), performance.now()];
    return () => (sent() - before) * 8 / (performance.now() - from);
}
