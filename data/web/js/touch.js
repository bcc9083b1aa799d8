// SPDX-License-Identifier: LGPL-2.1-or-later
// Touch: fingers on the stage as a mouse: either where they touch, or as on a trackpad.
//
//                  direct                                trackpad
//   tap            left click there                      left click where the pointer is
//   drag           with the left button                  moves the pointer; after a tap: with the button
//   long press     right click there                     right click where the pointer is
//   two fingers    tap: right click; drag: the wheel, or the picture where it is larger than the stage;
//                  apart or together: its size
//   three fingers  drag: the wheel, however large the picture is
//
// Errors  a touch that the browser takes away lets go of the button

const LONG_MS = 500;   // a finger that rests
const TAP_MS = 300;    // between a tap and the finger that drags; and for which two fingers tap
const SLOP_PX = 10;    // a finger that moved less rests
const PINCH_PX = 24;   // so much more or less between two fingers is a pinch
const WHEEL_PX = 30;   // for a step of the wheel
const LEFT = 1;
const RIGHT = 2;

export class Touch {
    #acts;
    #fingers = new Map(); // pointer -> {x, y, beginX, beginY}
    #state = '';          // "", "rest", "glide", "drag", "two", "pinch", "scroll", "pan" or "over"
    #since = 0;           // when the first finger came
    #tapped = -Infinity;  // when the last tap ended
    #most = 0;            // fingers at once since the first
    #long = 0;
    #two = null;          // {x, y, apart} as last acted on
    #rest = 0;            // of the wheel, in steps
    #frame = 0;           // both fingers' moves count together, once for an animation frame

    /// Whether the fingers are a trackpad.
    trackpad = false;

    /// acts is what fingers do: at(x, y) puts the pointer over a page position, by(dx, dy) moves it,
    /// press(bits) has these buttons down, wheel(steps), zoom(factor, x, y), pan(dx, dy), and roomy says
    /// whether there is anything to pan.
    constructor(acts) {
        this.#acts = acts;
    }

    /// Takes a pointerdown of a finger.
    down({pointerId, clientX: x, clientY: y, timeStamp}) {
        this.#fingers.set(pointerId, {x, y, beginX: x, beginY: y});
        if (this.#state === 'drag' || this.#state === 'over')
            return;
        this.#most = this.#fingers.size;
        if (this.#most > 1) {
            clearTimeout(this.#long);
            this.#state = 'two';
            this.#two = this.#pair();
            this.#rest = 0;
            return;
        }
        this.#state = 'rest';
        this.#since = timeStamp;
        if (this.trackpad && timeStamp - this.#tapped < TAP_MS) {
            this.#begin();
            return;
        }
        this.#long = setTimeout(() => {
            this.#click(RIGHT);
            this.#state = 'over';
            globalThis.navigator?.vibrate?.(15);
        }, LONG_MS);
    }

    /// Takes a pointermove of a finger.
    move({pointerId, clientX: x, clientY: y}) {
        const finger = this.#fingers.get(pointerId);
        if (!finger)
            return;
        const [dx, dy] = [x - finger.x, y - finger.y];
        const far = Math.hypot(x - finger.beginX, y - finger.beginY) >= SLOP_PX;
        if (this.#state === 'rest' && !far)
            return;
        Object.assign(finger, {x, y});
        if (this.#state === 'rest') {
            clearTimeout(this.#long);
            if (this.trackpad)
                this.#state = 'glide';
            else
                this.#begin(finger.beginX, finger.beginY);
        }
        if (this.#state === 'glide' || this.#state === 'drag')
            this.#steer(x, y, dx, dy);
        else if (this.#fingers.size > 1)
            this.#frame ||= requestAnimationFrame(() => this.#together());
    }

    /// Takes a pointerup of a finger.
    up({pointerId, timeStamp}) {
        const finger = this.#fingers.get(pointerId);
        if (this.#frame)
            this.#together();
        if (!this.#fingers.delete(pointerId) || this.#fingers.size)
            return;
        clearTimeout(this.#long);
        if (this.#state === 'drag') {
            this.#acts.press(0);
        } else if (this.#state === 'rest') {
            this.#click(LEFT, finger.beginX, finger.beginY);
            this.#tapped = timeStamp;
        } else if (this.#state === 'two' && this.#most === 2 && timeStamp - this.#since < TAP_MS) {
            this.#click(RIGHT, this.#two.x, this.#two.y);
        }
        this.#state = '';
    }

    /// Forgets every finger, and lets go.
    cancel() {
        clearTimeout(this.#long);
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        if (this.#state === 'drag')
            this.#acts.press(0);
        this.#fingers.clear();
        this.#state = '';
    }

    #begin(x, y) {
        this.#state = 'drag';
        if (!this.trackpad)
            this.#acts.at(x, y);
        this.#acts.press(LEFT);
    }

    #steer(x, y, dx, dy) {
        if (this.trackpad)
            this.#acts.by(dx, dy);
        else
            this.#acts.at(x, y);
    }

    #click(bits, x, y) {
        if (!this.trackpad) {
            const [finger] = this.#fingers.values();
            this.#acts.at(x ?? finger.beginX, y ?? finger.beginY);
        }
        this.#acts.press(bits);
        this.#acts.press(0);
    }

    /// The middle of the first two fingers, and how far they are apart.
    #pair() {
        const [a, b] = this.#fingers.values();
        return {x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y)};
    }

    /// Two fingers or more have moved: decides once what that means, and does it.
    #together() {
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        if (this.#fingers.size < 2)
            return;
        const now = this.#pair();
        const [dx, dy] = [now.x - this.#two.x, now.y - this.#two.y];
        if (this.#state === 'two') {
            if (this.#most === 2 && Math.abs(now.apart - this.#two.apart) >= PINCH_PX)
                this.#state = 'pinch';
            else if (Math.hypot(dx, dy) >= SLOP_PX)
                this.#state = this.#most === 2 && this.#acts.roomy ? 'pan' : 'scroll';
            else
                return;
        }
        if (this.#state === 'pinch' && this.#two.apart)
            this.#acts.zoom(now.apart / this.#two.apart, now.x, now.y);
        if (this.#state === 'pinch' || this.#state === 'pan')
            this.#acts.pan(dx, dy);
        if (this.#state === 'scroll')
            this.#scroll(dy);
        this.#two = now;
    }

    /// What is under the fingers goes along with them: down is the wheel away from the person.
    #scroll(dy) {
        this.#rest += dy / WHEEL_PX;
        const steps = Math.trunc(this.#rest);
        this.#rest -= steps;
        if (steps)
            this.#acts.wheel(steps);
    }
}
