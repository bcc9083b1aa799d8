// SPDX-License-Identifier: LGPL-2.1-or-later
// What the virtual computer's screen must look like, and whether a decoded picture looks so.

import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {BUILD, until} from './daemon.mjs';

/// Parts of the 1280x720 screen.
export const REGION = {
    text: {x: 0, y: 30, width: 800, height: 300},
    held: {x: 400, y: 692, width: 560, height: 28},     // names of keys and buttons that are down
    pointer: {x: 1000, y: 692, width: 280, height: 28}, // its place and the wheel's
    whole: {x: 0, y: 0, width: 1280, height: 720},
};

/// Mean difference of an 8x8 block's luma (0..255) that coding alone does not make, measured as
/// below 12 at 3 Mbit/s; a character more or less makes over 40 in some block.
const SAME = 24;

/// A second virtual computer, fed with what the first one should have got.
export class ExpectedScreen {
    #process = spawn(path.join(BUILD, 'tests/tools/virtual-screen'),
                     {stdio: ['pipe', 'pipe', 'inherit']});
    #lines = createInterface({input: this.#process.stdout});
    #shots = 0;

    static async start() {
        const screen = new ExpectedScreen();
        screen.folder = await mkdtemp(path.join(tmpdir(), 'pantograph-screen-'));
        return screen;
    }

    /// Gives it commands (virtual_screen.cpp lists them), one a line.
    tell(...commands) {
        this.#process.stdin.write(commands.map((command) => `${command}\n`).join(''));
    }

    /// Types a text on its keyboard, by reports made here and not by the console's code.
    type(text) {
        for (const character of text) {
            const [modifier, usage] = REPORTS.get(character);
            this.tell(hex([modifier, 0, usage, 0, 0, 0, 0, 0]), '0000000000000000');
        }
    }

    /// Puts its pointer over a pixel, with buttons held and the wheel turned.
    point(x, y, buttons = 0, wheel = 0) {
        const [h, v] = [[x, 1280], [y, 720]].map(
            ([at, size]) => Math.floor((at + 0.5) / size * 0x7fff) + 1);
        this.tell(hex([buttons, h & 255, h >> 8, v & 255, v >> 8, wheel & 255]));
    }

    /// Clicks on a pixel, as capture() in page.mjs does.
    click(x, y) {
        for (const buttons of [0, 1, 0])
            this.point(x, y, buttons);
    }

    /// Its screen as PNG.
    async picture() {
        const file = path.join(this.folder, `${++this.#shots}.png`);
        const answered = new Promise((done) => this.#lines.once('line', done));
        this.tell(`shot ${file}`, 'leds');
        await answered;
        return readFile(file);
    }

    async stop() {
        this.#process.kill();
        await rm(this.folder, {recursive: true, force: true});
    }
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');

/// Character -> modifier and usage of a US keyboard (USB HID Usage Tables, page 7).
const REPORTS = new Map([
    ...[...'abcdefghijklmnopqrstuvwxyz'].flatMap((c, i) => [
        [c, [0, 4 + i]], [c.toUpperCase(), [2, 4 + i]]]),
    ...[...'1234567890'].map((c, i) => [c, [0, 0x1e + i]]),
    ...[...'!@#$%^&*()'].map((c, i) => [c, [2, 0x1e + i]]),
    ['\n', [0, 0x28]], [' ', [0, 0x2c]], ['-', [0, 0x2d]], ["'", [0, 0x34]], [',', [0, 0x36]],
    ['.', [0, 0x37]], ['/', [0, 0x38]], ['?', [2, 0x38]],
]);

/// How much the console's picture differs from a PNG within a region: the worst 8x8 block's mean
/// difference of luma, and the whole region's.
export function difference(page, png, region) {
    return page.evaluate(async ({base64, at}) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const expected = await createImageBitmap(new Blob([bytes], {type: 'image/png'}));
        const shown = ['direct', 'mjpeg'].includes(pantograph.facts().transport) ? pantograph.canvas
            : pantograph.video;
        const luma = (source) => {
            const canvas = new OffscreenCanvas(at.width, at.height);
            const context = canvas.getContext('2d', {willReadFrequently: true});
            context.drawImage(source, at.x, at.y, at.width, at.height, 0, 0, at.width, at.height);
            const {data} = context.getImageData(0, 0, at.width, at.height);
            return (x, y) => {
                const i = 4 * (y * at.width + x);
                return 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
            };
        };
        const [a, b] = [luma(expected), luma(shown)];
        let [worst, sum] = [0, 0];
        for (let y = 0; y + 8 <= at.height; y += 8) {
            for (let x = 0; x + 8 <= at.width; x += 8) {
                let block = 0;
                for (let i = 0; i < 64; ++i)
                    block += Math.abs(a(x + (i & 7), y + (i >> 3)) - b(x + (i & 7), y + (i >> 3)));
                worst = Math.max(worst, block / 64);
                sum += block;
            }
        }
        return {worst, mean: sum / at.width / at.height};
    }, {base64: png.toString('base64'), at: region});
}

/// Whether the console shows this picture now.
export const shows = async (page, png, region) => (await difference(page, png, region)).worst < SAME;

/// Waits until the console shows what the expected screen does; returns the difference.
export async function showsSoon(page, screen, region, ms = 5000) {
    const png = await screen.picture();
    let last;
    await until(async () => {
        last = await difference(page, png, region);
        return last.worst < SAME;
    }, 'the decoded picture is the expected screen', ms).catch((error) => {
        throw new Error(`${error.message}; worst block ${last?.worst}, mean ${last?.mean}`);
    });
    return last;
}
