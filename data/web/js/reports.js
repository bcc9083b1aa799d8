// SPDX-License-Identifier: LGPL-2.1-or-later
// The messages that go up: heartbeat, keyboard, pointer and consumer reports.
//
// Units   absolute x and y are 1..0x7fff over the whole picture; wheel +1 is away from the user
// Source  USB HID 1.11, appendix B (boot keyboard); the daemon's /api/ws, binary dialect

/// Nothing changed, but we are still here.
export const HEARTBEAT = Uint8Array.of(0);

/// DOM button number to report bit: left, middle, right, back, forward.
export const BUTTON_BITS = [0x01, 0x04, 0x02, 0x08, 0x10];

const KEYBOARD = 1;
const POINTER = 2;
const CONSUMER = 3;
const SLOTS = 6;

/// modifiers is the report's first byte, usages what else is down, oldest first.
export function keyboardReport(modifiers, usages) {
    const report = new Uint8Array(9);
    report[0] = KEYBOARD;
    report[1] = modifiers;
    report.set(usages.slice(0, SLOTS), 3);
    return report;
}

/// usage is the consumer key that is down, 0 for none.
export function consumerReport(usage) {
    return Uint8Array.of(CONSUMER, usage & 0xff, usage >> 8);
}

/// dx, dy and wheel are -127..127.
export function relativeReport(buttons, dx, dy, wheel) {
    return Uint8Array.of(POINTER, buttons, dx, dy, wheel);
}

/// x and y are fractions of the picture, 0 at its left or upper edge, 1 at the other.
export function absoluteReport(buttons, x, y, wheel) {
    const [h, v] = [absolute(x), absolute(y)];
    return Uint8Array.of(POINTER, buttons, h & 0xff, h >> 8, v & 0xff, v >> 8, wheel);
}

function absolute(fraction) {
    return Math.min(0x7fff, Math.max(1, Math.floor(fraction * 0x7fff) + 1));
}
