// SPDX-License-Identifier: LGPL-2.1-or-later
// Where on the page the picture is, and which point of it the mouse is over.

/// The rectangle a picture of width x height fills inside box when it is scaled to fit and centred
/// (CSS object-fit: contain); null while the size of either is unknown.
export function pictureRect(box, width, height) {
    if (!width || !height || !box.width || !box.height)
        return null;
    const scale = Math.min(box.width / width, box.height / height);
    const [w, h] = [width * scale, height * scale];
    return {
        left: box.left + (box.width - w) / 2,
        top: box.top + (box.height - h) / 2,
        width: w,
        height: h,
    };
}

/// The point of the picture under a page position, as fractions 0..1; a position beside the picture
/// gives the nearest point of its edge.
export function pointIn(rect, clientX, clientY) {
    const clamp = (value) => Math.min(1, Math.max(0, value));
    return {
        x: clamp((clientX - rect.left) / rect.width),
        y: clamp((clientY - rect.top) / rect.height),
    };
}

/// Turns wheel events, fine or coarse, into whole steps; the rest is kept for the next event.
export class WheelSteps {
    #rest = 0;

    /// Steps to report now, +1 away from the user, at most 10 either way.
    add(event) {
        const turned = -amount(event);
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
