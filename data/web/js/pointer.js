// SPDX-License-Identifier: LGPL-2.1-or-later
// Pointer: buttons, position and wheel, from the browser's events to reports.
//
// Drops   moves: one report per animation frame, the newest; none while the line is congested.
//         A button or the wheel is reported at once, with the newest position.

import {WheelSteps, movedBack, pointIn, positionOf} from './geometry.js';
import {BUTTON_BITS, absoluteReport, relativeReport} from './reports.js';

const FARTHEST = 127;

export class Pointer {
    #buttons = 0;
    #at = {x: 0.5, y: 0.5};
    #travel = {x: 0, y: 0}; // relative movement not yet reported
    #moved = false;         // since the last report
    #frame = 0;
    #wheel = new WheelSteps();
    #line;
    #rect;

    /// line.send(report) takes each report and line.congested says when moves had better wait;
    /// rect() gives the picture's rectangle on the page or null.
    constructor(line, rect) {
        this.#line = line;
        this.#rect = rect;
    }

    /// Whether movement is reported instead of position.
    relative = false;
    /// How far it goes where movement counts, for a pixel of the page.
    speed = 1;

    /// Whether a button is down.
    get held() {
        return this.#buttons !== 0;
    }

    /// Takes a pointermove.
    move(event) {
        if (!this.#place(event))
            return;
        this.#frame ||= requestAnimationFrame(() => this.#flush());
    }

    /// Takes a pointer event after which other buttons are down; event.buttons tells which.
    button(event) {
        this.#place(event);
        this.press(this.#bits(event));
    }

    /// These buttons are down from now on, as bits of the report, where the pointer is.
    press(buttons) {
        if (buttons === this.#buttons)
            return;
        if (this.#moved)
            this.#report(0); // arrive with the old buttons, then change them
        this.#buttons = buttons;
        this.#report(0);
    }

    /// Takes a wheel event.
    turn(event) {
        this.#place(event, false);
        this.roll(this.#wheel.add(event));
    }

    /// Turns the wheel by whole steps, +1 away from the person.
    roll(steps) {
        for (let i = 0; i < Math.abs(steps); ++i)
            this.#report(Math.sign(steps));
    }

    /// Moves by pixels of the page, as a finger on a trackpad does; returns the page position it has then,
    /// or null where nobody knows it.
    by(dx, dy) {
        const rect = this.#rect();
        if (!this.relative && !rect)
            return null;
        if (this.relative) {
            this.move({movementX: dx, movementY: dy});
            return null;
        }
        const {clientX, clientY} = positionOf(rect, this.#at);
        this.move({clientX: clientX + dx * this.speed, clientY: clientY + dy * this.speed});
        return positionOf(rect, this.#at);
    }

    /// How the wheel's turns are taken: times speed, and reversed or not.
    setWheel(speed, reversed) {
        this.#wheel = new WheelSteps(reversed ? -speed : speed);
    }

    /// Lets go of every button.
    release() {
        this.#travel = {x: 0, y: 0};
        if (!this.#buttons)
            return;
        this.#buttons = 0;
        this.#report(0);
    }

    /// event.buttons has left, right, middle, back, forward: the report's own order.
    #bits({buttons}) {
        return buttons & BUTTON_BITS.reduce((all, bit) => all | bit, 0);
    }

    #place(event, moved = true) {
        if (this.relative) {
            if (moved) {
                const {x, y} = movedBack(event.movementX, event.movementY, this.#rect()?.turn ?? 0);
                this.#travel.x += x * this.speed;
                this.#travel.y += y * this.speed;
                this.#moved = true;
            }
            return true;
        }
        const rect = this.#rect();
        if (!rect)
            return false;
        const at = pointIn(rect, event.clientX, event.clientY);
        this.#moved ||= at.x !== this.#at.x || at.y !== this.#at.y;
        this.#at = at;
        return true;
    }

    #flush() {
        this.#frame = 0;
        if (this.#line.congested)
            this.#frame = requestAnimationFrame(() => this.#flush());
        else
            this.#report(0);
    }

    #report(wheel) {
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        this.#moved = false;
        if (!this.relative) {
            this.#line.send(absoluteReport(this.#buttons, this.#at.x, this.#at.y, wheel));
            return;
        }
        do {
            const [dx, dy] = [this.#portion('x'), this.#portion('y')];
            this.#line.send(relativeReport(this.#buttons, dx, dy, wheel));
            wheel = 0;
        } while (Math.abs(this.#travel.x) >= 1 || Math.abs(this.#travel.y) >= 1);
    }

    /// Takes what one report can carry of the movement along an axis.
    #portion(axis) {
        const whole = Math.trunc(this.#travel[axis]);
        const part = Math.min(FARTHEST, Math.max(-FARTHEST, whole));
        this.#travel[axis] -= part;
        return part;
    }
}
