// SPDX-License-Identifier: LGPL-2.1-or-later
// How the console looks: light, dark and narrow, as pictures in build-test/pictures to be looked at.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {capture, openConsole, openLive, startBrowser, type} from './page.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
let daemon;
let browser;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});

/// Text and ground of every part that is to be read.
const contrasts = (page) => page.evaluate(() => {
    const parse = (colour) => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const bright = ([r, g, b]) => [r, g, b].map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255)
                return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll('button, .tool span, p, dt, dd, li, label, h1, h2')]
        .filter((element) => element.checkVisibility() && element.textContent.trim()
                && !element.matches('.unseen'))
        .map((element) => {
            const [a, b] = [bright(parse(getComputedStyle(element).color)), bright(ground(element))];
            return {text: element.textContent.trim().slice(0, 30),
                    ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)};
        });
});

for (const colorScheme of ['light', 'dark']) {
    test(`The ${colorScheme} console can be read`, async () => {
        const page = await openConsole(browser, daemon, {colorScheme});
        await page.locator('#signin').waitFor({state: 'visible'});
        await page.screenshot({path: path.join(PICTURES, `signin-${colorScheme}.png`)});
        await page.context().close();

        const live = await openLive(browser, daemon, {colorScheme});
        await capture(live, 900, 420);
        await type(live, 'echo Hello from Pantograph\n');
        await live.waitForTimeout(2200); // until the figures have been counted
        await live.screenshot({path: path.join(PICTURES, `console-${colorScheme}.png`)});
        for (const {text, ratio} of await contrasts(live))
            assert.ok(ratio >= 4.5, `“${text}” has a contrast of ${ratio.toFixed(1)} only`);
        await live.click('summary[title="Power and reset"]');
        await live.click('#power-long');
        await live.screenshot({path: path.join(PICTURES, `power-${colorScheme}.png`)});
        await live.context().close();
    });
}

test('In a low window every menu can be scrolled to its end', async () => {
    const page = await openLive(browser, daemon, {viewport: {width: 700, height: 360}});
    for (const summary of await page.locator('summary').all()) {
        await summary.click();
        const sheet = page.locator('details[open] .sheet');
        const last = sheet.locator('button:enabled, a, input').last();
        await last.focus(); // as the arrow keys do
        await until(async () => { // a list may come only now
            const [box, end] = await Promise.all([sheet.boundingBox(), last.boundingBox()]);
            return box.x >= 0 && box.x + box.width <= 700 && box.y >= 0 && box.y + box.height <= 360
                && end.y >= box.y && end.y + end.height <= box.y + box.height;
        }, `the end of ${await sheet.textContent()} in its sheet, and that in the window`);
        if (await sheet.getAttribute('id') === 'keys')
            await page.screenshot({path: path.join(PICTURES, 'menu-low.png')});
        await page.keyboard.press('Escape');
    }
    await page.context().close();
});

test('At 320 pixels nothing is cut off and every tool has a name', async () => {
    const page = await openLive(browser, daemon, {viewport: {width: 320, height: 640}});
    await page.screenshot({path: path.join(PICTURES, 'console-narrow.png')});
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
    for (const summary of await page.locator('summary').all()) {
        await summary.click();
        const sheet = await page.locator('details[open] .sheet').boundingBox();
        assert.ok(sheet.x >= 0 && sheet.x + sheet.width <= 320 && sheet.y >= 0
                  && sheet.y + sheet.height <= 640, JSON.stringify(sheet));
        await page.keyboard.press('Escape');
    }
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, summary')]
        .filter((tool) => tool.checkVisibility() && !tool.textContent.trim() && !tool.ariaLabel)
        .map((tool) => tool.outerHTML));
    assert.deepEqual(nameless, []);
    await page.context().close();
});

test('What the state is called breaks no bar, and a capture that is switched off is said over the picture', async () => {
    const page = await openLive(browser, daemon, {viewport: {width: 1280, height: 800}});
    const top = () => page.locator('#stage').evaluate((stage) => stage.getBoundingClientRect().top);
    const before = await top();
    const turn = (way) => page.evaluate((path) => fetch(path, {method: 'POST'}), `/api/vm/hdmi/${way}`);
    await turn('disable');
    try {
        await page.getByText('No picture: the capture is switched off').nth(1).waitFor({state: 'visible'});
        await page.screenshot({path: path.join(PICTURES, 'switched-off.png')});
    } finally {
        await turn('enable');
    }
    await page.locator('#waiting').waitFor({state: 'hidden'});
    await page.locator('#state').evaluate((state) => { state.textContent = 'word '.repeat(60); });
    assert.equal(await top(), before);
    await page.context().close();
});
