// SPDX-License-Identifier: LGPL-2.1-or-later
// The figures of the last two minutes, and lines through them.
//
// Units  times in ms by performance.now()

/// What is kept, and drawn.
export const SPAN_MS = 120_000;

/// Between two figures that belong together: they come once a second, or more slowly to a page that is
/// not seen.
const GAP_MS = 3500;

export class History {
    #all = []; // {at, figures}, the oldest first

    /// Keeps the figures of a moment, and forgets those that are too old.
    add(figures, at = performance.now()) {
        this.#all.push({at, figures});
        while (this.#all[0].at < at - SPAN_MS)
            this.#all.shift();
    }

    /// One of the figures as it went: [{at, value}]; null where it was not known.
    of(name) {
        return this.#all.map(({at, figures}) => ({at, value: figures[name]}));
    }
}

/// The least and the most of some lines, or null of nothing.
export function rangeOf(...lines) {
    const values = lines.flat().map(({value}) => value).filter((value) => value !== null);
    return values.length ? {least: Math.min(...values), most: Math.max(...values)} : null;
}

/// An SVG path through a line, `now` at its right end and `most` at its top; it is broken where
/// nothing was known.
export function pathOf(line, {now, most, width, height}) {
    let path = '';
    let last = null;
    for (const {at, value} of line) {
        if (value !== null) {
            const x = (1 - (now - at) / SPAN_MS) * width;
            const y = (1 - (most > 0 ? value / most : 0)) * height;
            path += `${last === null || at - last > GAP_MS ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
        }
        last = value === null ? null : at;
    }
    return path;
}
