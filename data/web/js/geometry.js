// SPDX-License-Identifier: LGPL-2.1-or-later
// Where on the page the picture is, and which point of it the mouse is over.
//
// Units  turn is how far the picture is turned clockwise: 0, 90, 180 or 270 degrees; a point of the
//        picture is {x, y} as fractions 0..1 of its width and height before it is turned

const MOST_ZOOM = 8; // times the size that fits

/// Where a point of the picture is once it is turned, as fractions of what is seen then.
export function turned({x, y}, turn) {
    switch (turn) {
    case 90: return {x: 1 - y, y: x};
    case 180: return {x: 1 - x, y: 1 - y};
    case 270: return {x: y, y: 1 - x};
    default: return {x, y};
    }
}

/// The reverse.
export const turnedBack = (point, turn) => turned(point, (360 - turn) % 360);

/// A movement over the turned picture, as one over the picture itself.
export function movedBack(dx, dy, turn) {
    const [from, to] = [turnedBack({x: 0, y: 0}, turn), turnedBack({x: dx, y: dy}, turn)];
    return {x: to.x - from.x, y: to.y - from.y};
}

/// What is seen of a picture of width x height that is turned.
const seen = (width, height, turn) => (turn % 180 ? [height, width] : [width, height]);

/// How the picture lies on the stage. stage and picture are {width, height}, in pixels of the page and
/// the picture's own; density is device pixels for one of the page; view is "fit", "fill" or "actual",
/// zoom how many times larger than that, centre the point of the picture that is to be in the middle.
/// Gives left, top, width and height on the stage, scale in page pixels for one of the picture, and
/// zoom and centre as they are within their limits.
export function lay(stage, picture, {view, zoom, centre, turn}, density) {
    const [width, height] = seen(picture.width, picture.height, turn);
    const [across, down] = [stage.width / width, stage.height / height];
    const fit = Math.min(across, down);
    const base = {fit, fill: Math.max(across, down), actual: 1 / density}[view];
    const least = Math.min(fit, base);
    const scale = between(least, base * zoom, Math.max(MOST_ZOOM * fit, base));
    const at = turned(centre, turn);
    const middle = {x: within(at.x, stage.width, width * scale),
                    y: within(at.y, stage.height, height * scale)};
    // Whole device pixels, so that 1:1 is not blurred.
    const begin = (room, where, size) => Math.round((room / 2 - where * size) * density) / density;
    return {
        left: begin(stage.width, middle.x, width * scale),
        top: begin(stage.height, middle.y, height * scale),
        width: width * scale,
        height: height * scale,
        scale,
        zoom: scale / base,
        centre: turnedBack(middle, turn),
    };
}

const between = (least, value, most) => Math.min(most, Math.max(least, value));

/// The middle that leaves no gap at either side; of what is smaller than the room, its own.
const within = (at, room, size) => (size <= room ? 0.5
    : between(room / 2 / size, at, 1 - room / 2 / size));

/// The rectangle a picture of width x height fills inside box when it is turned, scaled to fit and
/// centred; null while the size of either is unknown.
export function pictureRect(box, width, height, turn = 0) {
    if (!width || !height || !box.width || !box.height)
        return null;
    [width, height] = seen(width, height, turn);
    const scale = Math.min(box.width / width, box.height / height);
    const [w, h] = [width * scale, height * scale];
    return {
        left: box.left + (box.width - w) / 2,
        top: box.top + (box.height - h) / 2,
        width: w,
        height: h,
        turn,
    };
}

/// The point of the picture under a page position; a position beside the picture gives the nearest
/// point of its edge.
export const pointIn = ({left, top, width, height, turn}, clientX, clientY) => turnedBack({
    x: between(0, (clientX - left) / width, 1),
    y: between(0, (clientY - top) / height, 1),
}, turn);

/// The page position over a point of the picture.
export function positionOf({left, top, width, height, turn}, point) {
    const {x, y} = turned(point, turn);
    return {clientX: left + x * width, clientY: top + y * height};
}

/// Turns wheel events, fine or coarse, into whole steps; the rest is kept for the next event.
export class WheelSteps {
    #rest = 0;
    #factor;

    /// factor is how many steps a notch is; less than 0 turns it round.
    constructor(factor = 1) {
        this.#factor = factor;
    }

    /// Steps to report now, +1 away from the user, at most 10 either way.
    add(event) {
        const turned = -amount(event) * this.#factor;
        if (Math.sign(turned) !== Math.sign(this.#rest))
            this.#rest = 0;
        this.#rest += turned;
        const steps = Math.trunc(this.#rest);
        this.#rest -= steps;
        return Math.min(10, Math.max(-10, steps));
    }
}

const PIXELS_PER_STEP = 100;
const LINES_PER_STEP = 3;

/// How many notches of a wheel an event stands for, positive towards the user.
function amount({deltaY, deltaMode, wheelDeltaY}) {
    if (deltaMode === 1)
        return deltaY / LINES_PER_STEP;
    if (deltaMode === 2)
        return deltaY;
    // A notched wheel says so in multiples of 120, however many pixels the page's zoom makes of it.
    if (wheelDeltaY && wheelDeltaY % 120 === 0)
        return -wheelDeltaY / 120;
    return deltaY / PIXELS_PER_STEP;
}
