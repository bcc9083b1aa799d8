// SPDX-License-Identifier: LGPL-2.1-or-later
// Consumer keys in the console, of a daemon whose configuration asks for them.

import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Daemon, until} from './daemon.mjs';
import {capture, openLive, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, shows} from './screen.mjs';

const HOME = '2302'; // the report of usage 0x223
const PLAY = 'cd00';

let daemon;
let browser;

/// The screen after this report, as PNG.
async function screenAfter(hex) {
    const screen = await ExpectedScreen.start();
    screen.tell(hex);
    const png = await screen.picture();
    await screen.stop();
    return png;
}

/// Chromium's driver knows no such key, so the event is made on the page.
const press = (page, type, code) => page.evaluate(
    ([kind, which]) => document.activeElement.dispatchEvent(
        new KeyboardEvent(kind, {code: which, bubbles: true, cancelable: true})), [type, code]);

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
    await daemon.stop();
    const config = path.join(daemon.state, 'consumer.yaml');
    await writeFile(config, 'hid: {consumer: virtual}\n');
    daemon.args = ['--config', config];
    await daemon.run();
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});

test('A browser key of the operator is held and let go on the computer', async () => {
    const page = await openLive(browser, daemon);
    await capture(page);
    const [held, idle] = [await screenAfter(HOME), await screenAfter('0000')];
    // A held key repeats; without that, a busy machine may let it go before anybody looks.
    await until(async () => {
        await press(page, 'keydown', 'BrowserHome');
        return shows(page, held, REGION.held);
    }, 'the key is seen held');
    await press(page, 'keyup', 'BrowserHome');
    await until(() => shows(page, idle, REGION.held), 'the key is seen up');
    assert.deepEqual(page.problems, []);
});

test('The on-screen keyboard has them', async () => {
    const page = await openLive(browser, daemon);
    const [held, idle] = [await screenAfter(PLAY), await screenAfter('0000')];
    await page.click('#board-open');
    await page.hover('#board [data-code="MediaPlayPause"]');
    await page.mouse.down();
    await until(() => shows(page, held, REGION.held), 'the key is seen held');
    await page.mouse.up();
    await until(() => shows(page, idle, REGION.held), 'the key is seen up');
    assert.deepEqual(page.problems, []);
});
