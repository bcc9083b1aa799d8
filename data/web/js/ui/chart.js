// SPDX-License-Identifier: LGPL-2.1-or-later
// The panel of figures over the screen's corner: how the picture fares, what was left out and why, and a
// plot of the last two minutes. It stays until it is closed, in full screen, too.
//
// Facts it sets  chart: "closed" or "open"

import {stats} from '../api.js';
import {History, pathOf, rangeOf} from '../history.js';
import {t} from '../i18n.js';
import {droppedText, figureTexts, latencyText, lossText, rateText} from '../words.js';
import {byId, onClick, recall, remember} from './dom.js';

const ASK_MS = 2000;
const [WIDTH, HEIGHT] = [240, 36];
const SVG = 'http://www.w3.org/2000/svg';

const fps = (value) => t('unit.fps', {value: Math.round(value)});

/// A strip of the plot: its lines, what it is called, how its values are written, and the least that
/// its height is worth, so that what hardly moves looks so.
const STRIPS = [
    {lines: ['fps'], name: 'figures.rate', text: fps, atLeast: 5},
    {lines: ['kbps'], name: 'figures.bits', text: rateText, atLeast: 100},
    {lines: ['glassMs', 'glass95Ms'], name: 'chart.latency', text: latencyText, atLeast: 20},
];

export const rememberedChart = () => recall('chart', ['closed', 'open']);

/// own() is the name of this page's own viewer, or undefined. Returns what is to be told of new
/// figures: add(figures).
export function mindChart(store, own) {
    const [panel, button] = [byId('chart'), byId('chart-open')];
    const history = new History();
    const strips = STRIPS.map((strip) => stripOf(strip));
    byId('chart-plot').replaceChildren(...strips.map(({element}) => element));
    let dropped = null; // by the daemon, of this page's viewer
    let timer = 0;

    const show = (to) => {
        remember('chart', to);
        store.set({chart: to});
    };
    const ask = async () => {
        const answer = await stats(AbortSignal.timeout?.(ASK_MS)).catch(() => null);
        dropped = answer?.viewers.find(({id}) => id === own())?.dropped ?? null;
    };
    const draw = () => {
        if (store.facts.chart !== 'open')
            return;
        const {figures, signal} = store.facts;
        const texts = {
            ...figureTexts(figures, signal), loss: lossText(figures), rtt: latencyText(figures.rttMs),
            p50: latencyText(figures.glassMs), p95: latencyText(figures.glass95Ms),
        };
        for (const part of panel.querySelectorAll('[data-chart]'))
            part.textContent = texts[part.dataset.chart];
        byId('chart-dropped').textContent = dropped || figures.dropped !== null
            ? droppedText(dropped ?? {}, figures.dropped ?? 0) : '';
        const now = performance.now();
        for (const {draw: one} of strips)
            one(history, now);
    };

    onClick('chart-open', () => show(panel.hidden ? 'open' : 'closed'));
    onClick('chart-close', () => {
        show('closed');
        button.focus();
    });
    panel.addEventListener('keydown', (event) => {
        if (event.key === 'Escape')
            byId('chart-close').click();
    });
    store.on(['chart', 'session'], ({chart, session}) => {
        const open = chart === 'open';
        panel.hidden = !open;
        button.setAttribute('aria-expanded', open);
        clearInterval(timer);
        if (!open || session !== 'signed-in')
            return;
        ask();
        timer = setInterval(ask, ASK_MS);
    });
    store.on(['chart', 'language'], draw);
    return {
        add(figures) {
            history.add(figures);
            draw();
        },
    };
}

/// Its element, and what draws it.
function stripOf({lines, name, text, atLeast}) {
    const element = document.createElement('div');
    const [label, top] = ['span', 'span'].map((tag) => document.createElement(tag));
    const svg = document.createElementNS(SVG, 'svg');
    const attributes = {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img'};
    for (const [attribute, value] of Object.entries(attributes))
        svg.setAttribute(attribute, value);
    const paths = lines.map(() => document.createElementNS(SVG, 'path'));
    svg.append(...paths);
    element.append(label, top, svg);
    return {
        element,
        draw(history, now) {
            const drawn = lines.map((line) => history.of(line));
            const range = rangeOf(...drawn);
            const most = Math.max((range?.most ?? 0) * 1.1, atLeast);
            paths.forEach((path, i) => path.setAttribute(
                'd', pathOf(drawn[i], {now, most, width: WIDTH, height: HEIGHT})));
            label.textContent = t(name);
            top.textContent = range ? text(range.most) : '–';
            svg.setAttribute('aria-label', range ? t('chart.strip', {
                what: t(name), least: text(range.least), most: text(range.most)}) : `${t(name)}: –`);
        },
    };
}
