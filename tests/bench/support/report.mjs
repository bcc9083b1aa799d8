// SPDX-License-Identifier: LGPL-2.1-or-later
// What a benchmark found, row by row: a table, build/results/NAME.json, and the exit status.
//
// Options  --json prints the rows in the table's place
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {cpus, loadavg} from 'node:os';
import path from 'node:path';

import {BUILD, ROOT} from '../../browser/daemon.mjs';

/// Shorter, with bounds that a busy machine keeps, too.
export const SMOKE = process.argv.includes('--smoke');

export const quantile = (values, q) => {
    const sorted = [...values].sort((a, b) => a - b);
    if (sorted.length === 0)
        throw new Error('nothing was measured');
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
};
export const median = (values) => quantile(values, 0.5);

/// One row. With a peer the bound is one of their ratio, without one of the value itself.
export function row(name, value, unit, bound, peer = null) {
    const ratio = peer === null ? null : value / peer;
    return {name, value, unit, peer, ratio, bound, met: (ratio ?? value) <= bound};
}

const number = (value) => value === null ? '' : value.toFixed(value < 100 ? 2 : 0);

function print(rows, here, peer) {
    const width = Math.max(...rows.map(({name}) => name.length));
    console.log(`     ${''.padEnd(width)} ${here.padStart(9)} ${peer.padStart(10)} ` +
                `${''.padEnd(12)} ${'ratio'.padStart(7)}  bound`);
    for (const r of rows)
        console.log(`${r.met ? 'ok  ' : 'OVER'} ${r.name.padEnd(width)} ${number(r.value).padStart(9)} ` +
                    `${number(r.peer).padStart(10)} ${r.unit.padEnd(12)} ` +
                    `${number(r.ratio).padStart(7)}  ${r.bound}`);
}

/// Writes build/results/file, prints, and ends the program: 0 when each bound is met. `here` and
/// `peer` head the columns of values.
export function report(file, rows, {here = 'here', peer = 'peer', notes = []} = {}) {
    const commit = execFileSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD']).toString().trim();
    const json = JSON.stringify(rows.map((r) => ({...r, commit})), null, 1);
    mkdirSync(path.join(BUILD, 'results'), {recursive: true});
    writeFileSync(path.join(BUILD, 'results', file), `${json}\n`);
    if (process.argv.includes('--json')) {
        console.log(json);
    } else {
        print(rows, here, peer);
        const [{model}] = cpus();
        notes = [`commit ${commit}, ${cpus().length} of ${model}, load ${loadavg()[0].toFixed(1)}`, ...notes];
        notes.forEach((note) => console.log(`# ${note}`));
    }
    process.exit(rows.every((r) => r.met) ? 0 : 1);
}
