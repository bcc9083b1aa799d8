// SPDX-License-Identifier: LGPL-2.1-or-later
// Zoom: how large the picture lies on the stage, which part of it, and turned which way.
//
// Facts it sets  zoom: how many times larger than `view` has it; centre: the point in the middle;
//                turn: degrees clockwise (see geometry.js). Zoom and turn are kept while the tab is.

import {lay, turnedBack} from './geometry.js';

const KEPT = 'pantograph.zoom';
export const ZOOM_STEP = 1.25;
const PAN_PX = 64;
const EDGE_PX = 32;      // so near to the stage's edge the picture follows the mouse
const FOLLOW_SHARE = 0.4; // of the way into that edge, at every animation frame
const PINCH_PX = 100;    // of a wheel that stands for a pinch: the factor is e
const MOST_PX = 22;      // of one notch of a real wheel
const MIDDLE = {x: 0.5, y: 0.5};

/// Steps of the keyboard, while the picture has the focus and the computer has not the keyboard.
const KEYS = {
    '+': (zoom) => zoom.by(ZOOM_STEP),
    '=': (zoom) => zoom.by(ZOOM_STEP),
    '-': (zoom) => zoom.by(1 / ZOOM_STEP),
    0: (zoom) => zoom.reset(),
    r: (zoom) => zoom.turnRight(),
    ArrowLeft: (zoom) => zoom.pan(PAN_PX, 0),
    ArrowRight: (zoom) => zoom.pan(-PAN_PX, 0),
    ArrowUp: (zoom) => zoom.pan(0, PAN_PX),
    ArrowDown: (zoom) => zoom.pan(0, -PAN_PX),
};

/// The zoom and turn this tab had before it was loaded again, as facts.
export function keptZoom() {
    let kept = {};
    try {
        kept = JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
    } catch { /* storage is off */ }
    const zoom = kept.zoom > 0 ? kept.zoom : 1;
    return {zoom, turn: [90, 180, 270].includes(kept.turn) ? kept.turn : 0, centre: MIDDLE};
}

export class Zoom {
    #store;
    #stage;
    #shown;
    #tell;
    #following = 0; // the animation frame

    /// stage is the element around the picture; shown() gives {element, width, height} of what shows it
    /// now; tell(share) hears the size after a change: 1 is one pixel of the picture for one of the screen.
    constructor(store, stage, shown, tell) {
        this.#store = store;
        this.#stage = stage;
        this.#shown = shown;
        this.#tell = tell;
        const apply = () => this.#apply();
        store.on(['view', 'zoom', 'centre', 'turn', 'transport'], apply);
        store.on(['zoom', 'turn'], ({zoom, turn}) => keep({zoom, turn}));
        new ResizeObserver(apply).observe(stage);
        window.addEventListener('resize', apply); // the density may have changed
        for (const part of stage.querySelectorAll('video, canvas'))
            part.addEventListener('resize', apply);
    }

    /// Whether there is more of the picture than the stage shows.
    get roomy() {
        const [place, stage] = [this.#place(), this.#stage.getBoundingClientRect()];
        return Boolean(place) && (place.width > stage.width + 1 || place.height > stage.height + 1);
    }

    /// Larger by a factor; what is under the page position, or the middle, stays where it is.
    by(factor, clientX, clientY) {
        const before = this.#place();
        if (!before)
            return;
        const box = this.#stage.getBoundingClientRect();
        const [x, y] = clientX === undefined ? [box.width / 2, box.height / 2]
            : [clientX - box.left, clientY - box.top];
        const grown = this.#place({zoom: before.zoom * factor});
        const ratio = grown.scale / before.scale;
        const move = (at, begin) => (1 - ratio) * (at - begin) + begin;
        this.#set({zoom: grown.zoom}, move(x, before.left), move(y, before.top));
        this.#tell(grown.scale * devicePixelRatio);
    }

    /// A wheel that is turned while Ctrl is held, or a pinch on a trackpad, which comes as one.
    wheel(event) {
        const by = Math.min(MOST_PX, Math.max(-MOST_PX, event.deltaY));
        this.by(Math.exp(-by / PINCH_PX), event.clientX, event.clientY);
    }

    /// Moves the picture by pixels of the page; false when it does not go any further.
    pan(dx, dy) {
        const before = this.#place();
        if (!before)
            return false;
        this.#set({}, before.left + dx, before.top + dy);
        const after = this.#place();
        return after.left !== before.left || after.top !== before.top;
    }

    /// A quarter turn clockwise.
    turnRight() {
        this.#store.set({turn: (this.#store.facts.turn + 90) % 360});
    }

    /// As large as the view has it, and not turned.
    reset() {
        this.#store.set({zoom: 1, turn: 0, centre: MIDDLE});
        const place = this.#place();
        if (place)
            this.#tell(place.scale * devicePixelRatio);
    }

    /// Takes a key that is meant for the view; false when it is not.
    key(event) {
        const step = KEYS[event.key];
        if (!step || event.ctrlKey || event.metaKey || event.altKey)
            return false;
        step(this);
        return true;
    }

    /// The mouse is there: brings more of the picture into view while it is near the stage's edge;
    /// moved() is called after each step.
    follow(clientX, clientY, moved) {
        this.stay();
        const by = (distance) => Math.min(EDGE_PX, Math.max(-EDGE_PX, distance)) * FOLLOW_SHARE;
        const [dx, dy] = this.#beyond(clientX, clientY).map(by);
        if (!(dx || dy) || !this.roomy)
            return;
        const step = () => {
            this.#following = this.pan(dx, dy) ? requestAnimationFrame(step) : 0;
            moved();
        };
        this.#following = requestAnimationFrame(step);
    }

    /// Brings a page position into view, with some room around it.
    bring(clientX, clientY) {
        const [dx, dy] = this.#beyond(clientX, clientY);
        if (dx || dy)
            this.pan(dx, dy);
    }

    /// Follows no longer.
    stay() {
        cancelAnimationFrame(this.#following);
        this.#following = 0;
    }

    /// How far a page position is in the stage's edge or outside, as pixels to move the picture by.
    #beyond(clientX, clientY) {
        const {left, right, top, bottom} = this.#stage.getBoundingClientRect();
        const into = (at, begin, end) => Math.max(0, begin + EDGE_PX - at) - Math.max(0, at - end + EDGE_PX);
        return [into(clientX, left, right), into(clientY, top, bottom)];
    }

    /// How the picture lies, with other facts; null while there is none.
    #place(facts = {}) {
        const {width, height} = this.#shown();
        const stage = this.#stage.getBoundingClientRect();
        return width && stage.width
            ? lay(stage, {width, height}, {...this.#store.facts, ...facts}, devicePixelRatio) : null;
    }

    /// Changes facts so that the picture begins at that place of the stage, as far as it goes.
    #set(facts, left, top) {
        const {turn} = this.#store.facts;
        const stage = this.#stage.getBoundingClientRect();
        const {width, height} = this.#place(facts);
        const middle = {x: (stage.width / 2 - left) / width, y: (stage.height / 2 - top) / height};
        const centre = turnedBack(middle, turn);
        this.#store.set({...facts, centre: this.#place({...facts, centre}).centre});
    }

    #apply() {
        const {element} = this.#shown();
        const place = this.#place();
        const {turn} = this.#store.facts;
        if (!place) {
            element.removeAttribute('style');
            return;
        }
        const [width, height] = turn % 180 ? [place.height, place.width] : [place.width, place.height];
        Object.assign(element.style, {
            width: `${width}px`,
            height: `${height}px`,
            left: `${place.left + (place.width - width) / 2}px`,
            top: `${place.top + (place.height - height) / 2}px`,
            rotate: `${turn}deg`,
        });
        this.#stage.toggleAttribute('data-roomy', this.roomy);
    }
}

function keep(facts) {
    try {
        sessionStorage.setItem(KEPT, JSON.stringify(facts));
    } catch { /* storage is off: it holds for this page */ }
}
