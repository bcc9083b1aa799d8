// SPDX-License-Identifier: LGPL-2.1-or-later
// Draws what `./dev bench mjpeg` found, from build/results/mjpeg.json, as the picture of the README:
//   node tests/bench/support/chart.mjs >docs/pictures/performance.svg
import {readFileSync} from 'node:fs';
import path from 'node:path';

import {BUILD} from '../../browser/daemon.mjs';

const PANELS = [
    {what: 'MJPEG handed on', measure: 'CPU', title: 'MJPEG handed on: % of a core'},
    {what: 'MJPEG handed on', measure: 'age, p50', title: 'MJPEG handed on: age of a picture, ms'},
    {what: 'YUYV to JPEG', measure: 'CPU', title: 'YUYV to JPEG: % of a core'},
    {what: 'YUYV to JPEG', measure: 'age, p50', title: 'YUYV to JPEG: age of a picture, ms'},
];
const PANEL = {width: 400, height: 156}, BAR = 14, LEFT = 76, ROOM = 60; // ROOM: for a bar's number
const OURS = '#0b6e99', PEERS = '#b8b8b8';

const rows = JSON.parse(readFileSync(path.join(BUILD, 'results/mjpeg.json')));
const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;
const number = (value) => value < 10 ? value.toFixed(1) : value.toFixed(0);

function bar(x, y, length, colour, value) {
    return `<rect x="${x}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${colour}"/>` +
        text((x + length + 6).toFixed(1), y + BAR - 3, number(value));
}

function panel({what, measure, title}, index) {
    const own = rows.map((row) => ({...row, clients: row.name.match(/(\d+) clients?: (.*)$/)}))
        .filter(({name, clients}) => name.startsWith(what) && clients?.[2] === measure);
    const most = Math.max(...own.flatMap(({value, peer}) => [value, peer]));
    const long = (value) => value / most * (PANEL.width - LEFT - ROOM);
    const drawn = own.map(({value, peer, clients}, i) => {
        const y = 30 + i * 42;
        return text(LEFT - 8, y + BAR + 5, `${clients[1]} viewer${clients[1] === '1' ? '' : 's'}`,
                    'text-anchor="end"') +
            bar(LEFT, y, long(value), OURS, value) + bar(LEFT, y + BAR + 2, long(peer), PEERS, peer);
    });
    const [x, y] = [index % 2 * PANEL.width, 28 + Math.floor(index / 2) * PANEL.height];
    return `<g transform="translate(${x} ${y})">` + text(LEFT, 18, title, 'font-weight="bold"') +
        drawn.join('') + '</g>';
}

const [width, height] = [2 * PANEL.width, 28 + 2 * PANEL.height];
console.log(`<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}"
 font-family="sans-serif" font-size="12" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<rect x="${LEFT}" y="10" width="${BAR}" height="${BAR}" fill="${OURS}"/>${text(LEFT + 20, 21, 'Pantograph')}
<rect x="${LEFT + 110}" y="10" width="${BAR}" height="${BAR}" fill="${PEERS}"/>${text(
    LEFT + 130, 21, `ustreamer 4.9, in the same run, 1080p30 (commit ${rows[0].commit})`)}
${PANELS.map(panel).join('\n')}
</svg>`);
