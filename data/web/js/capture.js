// SPDX-License-Identifier: LGPL-2.1-or-later
// Capture: while the stage is captured, keys and pointer belong to the computer, not to the page.
//
// A click captures, Enter captures when the stage has the keyboard's focus. Holding Ctrl, Alt and
// Shift together and letting go without another key leaves; so does the loss of focus, of the tab or
// of the connection, and each of these lets go of every key and button. Until it is captured, a drag
// moves a picture that is larger than the stage, and keys and Ctrl with the wheel change its size. What
// fingers do is in touch.js; the first that does something at the computer captures, too.
//
// Facts it sets  captured: whether it is so; locked: whether the mouse is locked into the stage

import {Touch} from './touch.js';

const DRAG_PX = 4; // a press that moved less is a click
const CHORD = [
    ['ControlLeft', 'ControlRight'], ['AltLeft', 'AltRight'], ['ShiftLeft', 'ShiftRight'],
];

export class Capture {
    #store;
    #stage;
    #keyboard;
    #pointer;
    #zoom;
    #touch;
    #drag = null;         // {x, y, moved} of the press that moves the picture
    #chord = new Set();   // codes of the leaving chord that are down
    #chordWhole = false;  // all of it was down, and nothing else since
    #resume = false;      // captured when the window lost the focus

    /// stage is the focusable element that gets all events.
    constructor(store, stage, keyboard, pointer, zoom) {
        this.#store = store;
        this.#stage = stage;
        this.#keyboard = keyboard;
        this.#pointer = pointer;
        this.#zoom = zoom;
        this.#touch = new Touch(this.#acts());
        const byFinger = (take, other) => (event) => (event.pointerType === 'touch' ? take(event) : other(event));
        const on = (type, take, options) => stage.addEventListener(type, take, options);
        on('keydown', (event) => this.#keydown(event));
        on('keyup', (event) => this.#keyup(event));
        on('pointerdown', byFinger((event) => this.#touched(event), (event) => this.#press(event)));
        on('pointerup', byFinger((event) => this.#touch.up(event),
                                 (event) => (this.#drag ? this.#dropped(event) : this.#button(event))));
        on('pointercancel', () => this.#cancelled());
        on('pointerleave', () => pointer.held || zoom.stay());
        on('pointermove', byFinger((event) => this.#touch.move(event), (event) => this.#move(event)));
        on('wheel', (event) => this.#wheel(event), {passive: false});
        on('contextmenu', (event) => event.preventDefault());
        on('auxclick', (event) => event.preventDefault());
        on('dragstart', (event) => event.preventDefault());
        on('focus', () => this.#resume && this.take());
        on('blur', () => this.#blurred());
        window.addEventListener('blur', () => this.#blurred());
        window.addEventListener('focus', () => this.#focused());
        window.addEventListener('pagehide', () => this.release());
        document.addEventListener('visibilitychange', () => document.hidden && this.#blurred());
        document.addEventListener('pointerlockchange', () => this.#lockChanged());
    }

    get captured() {
        return this.#store.facts.captured;
    }

    /// Gives keys and pointer to the computer; lock: the mouse is locked in where it has to be.
    take({lock = true} = {}) {
        this.#resume = false;
        if (document.activeElement !== this.#stage)
            this.#stage.focus({preventScroll: true});
        this.#store.set({captured: true});
        if (lock && this.#pointer.relative)
            this.#lock();
    }

    /// Gives keys and pointer back to the page; every key and button is let go.
    release() {
        this.letGo();
        this.#resume = false;
        this.#store.set({captured: false});
        if (document.pointerLockElement)
            document.exitPointerLock();
    }

    /// Lets go of every key and button, and stays captured.
    letGo() {
        this.#chord.clear();
        this.#chordWhole = false;
        this.#keyboard.release();
        this.#pointer.release();
        this.#zoom.stay();
        this.#touch.cancel();
    }

    /// Fingers are a trackpad, or the reverse; movement is reported by a trackpad only.
    setTrackpad(trackpad) {
        this.#touch.cancel();
        this.#touch.trackpad = trackpad;
    }

    /// Reports movement instead of position, or the reverse.
    setRelative(relative) {
        this.#pointer.release();
        this.#pointer.relative = relative;
        if (!relative && document.pointerLockElement)
            document.exitPointerLock();
        else if (relative && this.captured)
            this.#lock();
    }

    #keydown(event) {
        if (!this.captured) {
            if (event.code === 'Enter' || event.code === 'NumpadEnter') {
                event.preventDefault();
                this.take();
            } else if (this.#zoom.key(event)) {
                event.preventDefault();
            }
            return;
        }
        event.preventDefault();
        event.stopPropagation();
        if (event.repeat && this.#chordWhole)
            return;
        const of = CHORD.find((codes) => codes.includes(event.code));
        if (of)
            this.#chord.add(event.code);
        this.#chordWhole = Boolean(of) && CHORD.every(
            (codes) => codes.some((code) => this.#chord.has(code)));
        this.#keyboard.down(event);
    }

    #keyup(event) {
        if (!this.captured)
            return;
        event.preventDefault();
        event.stopPropagation();
        this.#chord.delete(event.code);
        if (this.#chordWhole)
            this.release();
        else
            this.#keyboard.up(event);
    }

    #press(event) {
        if (!this.captured && this.#zoom.roomy && event.button === 0) {
            this.#drag = {x: event.clientX, y: event.clientY, moved: false};
            this.#stage.setPointerCapture(event.pointerId);
            return;
        }
        if (!this.captured)
            this.take();
        else if (this.#pointer.relative && !document.pointerLockElement)
            this.#lock();
        if (!this.#pointer.relative)
            this.#stage.setPointerCapture(event.pointerId); // a drag goes on beside the stage
        this.#button(event);
    }

    #touched(event) {
        event.preventDefault(); // no mouse events after it
        this.#touch.down(event);
    }

    /// What fingers do; whatever the computer gets captures first.
    #acts() {
        const pointer = this.#pointer;
        const zoom = this.#zoom;
        const taken = (act) => (...values) => {
            if (!this.captured)
                this.take({lock: false});
            act(...values);
        };
        return {
            at: taken((clientX, clientY) => pointer.move({clientX, clientY})),
            by: taken((dx, dy) => {
                const at = pointer.by(dx, dy);
                if (at)
                    zoom.bring(at.clientX, at.clientY);
            }),
            press: taken((bits) => pointer.press(bits)),
            wheel: taken((steps) => pointer.roll(steps)),
            zoom: (factor, x, y) => zoom.by(factor, x, y),
            pan: (dx, dy) => zoom.pan(dx, dy),
            get roomy() { return zoom.roomy; },
        };
    }

    /// Before the computer has the mouse, a press that moves takes the picture along.
    #dragged({clientX, clientY}) {
        const [dx, dy] = [clientX - this.#drag.x, clientY - this.#drag.y];
        if (!this.#drag.moved && Math.hypot(dx, dy) < DRAG_PX)
            return;
        this.#zoom.pan(dx, dy);
        this.#drag = {x: clientX, y: clientY, moved: true};
    }

    /// One that did not move was a click.
    #dropped({clientX, clientY}) {
        const {moved} = this.#drag;
        this.#drag = null;
        if (moved)
            return;
        this.take();
        if (!this.#steers())
            return;
        for (const buttons of [1, 0])
            this.#pointer.button({clientX, clientY, buttons});
    }

    #cancelled() {
        this.#drag = null;
        this.#touch.cancel();
        this.#pointer.release();
    }

    #button(event) {
        event.preventDefault();
        if (this.captured && this.#steers())
            this.#pointer.button(event);
    }

    /// A button that changes while another stays down comes as a move.
    #move(event) {
        if (this.#drag) {
            this.#dragged(event);
            return;
        }
        if (!this.captured || !this.#steers())
            return;
        if (event.button > -1)
            this.#pointer.button(event);
        else
            this.#pointer.move(event);
        if (!this.#pointer.relative)
            this.#zoom.follow(event.clientX, event.clientY, () => this.#pointer.move(event));
    }

    #wheel(event) {
        if (event.ctrlKey && !(this.captured && this.#keyboard.size)) {
            event.preventDefault(); // a pinch comes as a wheel with a Ctrl that nobody holds
            this.#zoom.wheel(event);
            return;
        }
        if (!this.captured)
            return;
        event.preventDefault();
        this.#pointer.turn(event);
    }

    /// Whether the mouse steers: movement counts only once it is locked in.
    #steers() {
        return !this.#pointer.relative || document.pointerLockElement === this.#stage;
    }

    async #lock() {
        if (!this.#stage.requestPointerLock)
            return;
        try {
            await this.#stage.requestPointerLock({unadjustedMovement: true});
        } catch {
            // Not all systems can switch their acceleration off; a second refusal needs a click.
            await Promise.resolve(this.#stage.requestPointerLock()).catch(() => {});
        }
    }

    #lockChanged() {
        const locked = document.pointerLockElement === this.#stage;
        this.#store.set({locked});
        if (!locked)
            this.#pointer.release();
    }

    #blurred() {
        if (!this.captured)
            return;
        const away = !document.hasFocus() || document.hidden;
        this.release();
        this.#resume = away; // typing goes on when the person comes back to this window
    }

    #focused() {
        if (this.#resume && document.activeElement === this.#stage)
            this.take();
        this.#resume = false;
    }
}
