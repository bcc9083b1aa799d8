// SPDX-License-Identifier: LGPL-2.1-or-later
// The on-screen keyboard: what its keys do to the computer, by mouse, touch and keyboard.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {misplaced} from './layout.mjs';
import {capture, openLive, startBrowser} from './page.mjs';
import {ExpectedScreen, REGION, shows, showsSoon} from './screen.mjs';

const F9 = '0000420000000000';
const TEXT = {...REGION.text, height: 150};

let daemon;
let browser;
let page;

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(async () => {
    await restart();
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

/// Has the computer forget what the last test typed.
async function restart() {
    await page.reload();
    await until(() => page.evaluate(() => window.pantograph?.input()), 'the line is there');
    await page.click('#ctrl-alt-del');
    await until(async () => shows(page, await screenAfter(), {...REGION.whole, height: 690}), 'it has started anew', 20_000);
}

/// The screen after these reports, as PNG.
async function screenAfter(...reports) {
    const screen = await ExpectedScreen.start();
    screen.tell(...reports);
    const png = await screen.picture();
    await screen.stop();
    return png;
}

/// A page with the on-screen keyboard open.
async function openBoard({layout = 'us', ...options} = {}) {
    page = await openLive(browser, daemon, options);
    await page.evaluate((id) => localStorage.setItem('pantograph.layout', id), layout);
    await page.click('#board-open');
    await cap('KeyA').waitFor();
}

const cap = (code) => page.locator(`#board [data-code="${code}"]`);
const press = async (...codes) => {
    for (const code of codes)
        await cap(code).click();
};
const typed = async (text) => {
    const screen = await ExpectedScreen.start();
    screen.type(text);
    await showsSoon(page, screen, TEXT);
    await screen.stop();
};
const holds = async (report) => {
    const png = await screenAfter(report);
    await until(() => shows(page, png, REGION.held), `${report} is held`);
};
const nothingHeld = () => holds('0000000000000000');
const said = () => page.locator('#said').textContent();

test('A key is one by its place, with what the computer’s layout has on it', async () => {
    await openBoard({layout: 'de'});
    const text = (code) => cap(code).locator('span').textContent();
    assert.deepEqual(await Promise.all(['Semicolon', 'Quote', 'BracketLeft', 'KeyY', 'KeyZ', 'Minus', 'Equal'].map(text)),
                     ['ö', 'ä', 'ü', 'z', 'y', 'ß', '´']);
    await press('KeyY', 'Comma', 'KeyZ');
    await typed('y,z');
    await press('ShiftLeft');
    assert.deepEqual(await Promise.all(['Semicolon', 'Digit7', 'Minus'].map(text)), ['Ö', '/', '?']);
    await press('ShiftLeft', 'ShiftLeft', 'AltRight');
    assert.deepEqual(await Promise.all(['KeyQ', 'KeyE', 'Digit7'].map(text)), ['@', '€', '{']);
    await page.selectOption('#board select', 'fr');
    assert.equal(await text('KeyQ'), 'a', 'AltGr is let go');
});

test('A key is held for as long as it is pressed, and longer than the lease', async () => {
    await openBoard();
    await cap('F9').hover();
    await page.mouse.down();
    await holds(F9);
    const held = await screenAfter(F9);
    const end = Date.now() + 1000;
    while (Date.now() < end)
        assert.ok(await shows(page, held, REGION.held), 'the key was let go');
    assert.equal(await cap('F9').getAttribute('data-down'), '');
    await page.mouse.move(5, 5); // beside the board
    await page.mouse.up();
    await nothingHeld();
});

test('A modifier is for the next key, pressed twice for all, pressed again for none', async () => {
    await openBoard();
    await press('ShiftLeft');
    assert.equal(await cap('ShiftLeft').getAttribute('aria-pressed'), 'true');
    assert.equal(await said(), 'Shift, left: held for the next key');
    await press('KeyA', 'KeyB', 'ShiftLeft', 'ShiftLeft');
    assert.equal(await said(), 'Shift, left: held until it is pressed again');
    await press('KeyC', 'KeyD', 'ShiftLeft');
    assert.equal(await said(), 'Shift, left: let go');
    assert.equal(await cap('ShiftLeft').getAttribute('aria-pressed'), 'false');
    await press('KeyE');
    await typed('AbCDe');
});

test('A modifier of the screen goes with a key of the keyboard', async () => {
    await openBoard();
    await capture(page, 640, 300);
    await press('ShiftLeft');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'stage', 'the focus stays');
    await page.keyboard.press('KeyA');
    await page.keyboard.press('KeyB');
    const screen = await ExpectedScreen.start();
    screen.type('Ab');
    await showsSoon(page, screen, TEXT);
    await screen.stop();
    await page.keyboard.down('KeyX');
    assert.equal(await cap('KeyX').getAttribute('data-down'), '', 'keys of the keyboard are seen, too');
    await page.keyboard.up('KeyX');
});

for (const [what, act] of [
    ['Closing the board', () => page.click('#board header .tool')],
    ['Leaving the window', () => page.evaluate(() => window.dispatchEvent(new Event('blur')))],
    ['Choosing another layout', () => page.selectOption('#board select', 'de')],
]) {
    test(`${what} lets go of every key of it`, async () => {
        await openBoard();
        await press('ControlLeft', 'ControlLeft', 'AltLeft');
        await holds('0500000000000000');
        await act();
        await nothingHeld();
        assert.equal(await page.locator('#board [data-down]').count(), 0);
    });
}

test('A pointer that is lost lets go of its key', async () => {
    await openBoard();
    await cap('F9').hover();
    await page.mouse.down();
    await holds(F9);
    await page.evaluate(() => {
        const caps = document.querySelector('#board .caps');
        caps.dispatchEvent(new PointerEvent('pointercancel', {pointerId: 1, bubbles: true}));
    });
    await nothingHeld();
    await page.mouse.up();
});

test('All of it goes by keyboard: arrows move, Space holds, Escape closes', async () => {
    page = await openLive(browser, daemon);
    await page.focus('#board-open');
    await page.keyboard.press('Enter');
    await cap('Escape').waitFor();
    const at = () => page.evaluate(() => document.activeElement.dataset.code ?? document.activeElement.id);
    await until(async () => await at() === 'Escape', 'the first key has the focus');
    for (const [key, code] of [['ArrowDown', 'Backquote'], ['ArrowRight', 'Digit1'], ['ArrowDown', 'KeyQ']]) {
        await page.keyboard.press(key);
        assert.equal(await at(), code);
    }
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await typed('qw');
    await page.keyboard.down('Space');
    await holds('00001a0000000000');
    await page.keyboard.press('Tab');
    await nothingHeld();
    await page.keyboard.press('Shift+Tab');
    assert.equal(await at(), 'KeyW', 'one key is reached by Tab');
    await page.keyboard.press('Escape');
    assert.equal(await at(), 'board-open');
    assert.equal(await page.locator('#board-open').getAttribute('aria-expanded'), 'false');
});

test('What assistive technology clicks is pressed and let go', async () => {
    await openBoard();
    await cap('KeyK').evaluate((button) => button.click());
    await typed('k');
    await nothingHeld();
});

test('The keys that lock show the computer’s lights, and letters follow Caps Lock', async () => {
    await openBoard();
    await press('CapsLock');
    await page.locator('#board [data-code="CapsLock"][aria-pressed="true"]').waitFor();
    assert.equal(await cap('KeyA').textContent(), 'A');
    await press('CapsLock');
    await page.locator('#board [data-code="CapsLock"][aria-pressed="false"]').waitFor();
    assert.equal(await cap('KeyA').textContent(), 'a');
});

test('On a telephone a finger types, and a part of the keys is shown at a time', async () => {
    await openBoard({viewport: {width: 360, height: 740}, hasTouch: true, isMobile: true});
    await cap('KeyH').tap();
    await cap('ShiftLeft').tap();
    await cap('KeyI').tap();
    await typed('hI');
    await page.getByRole('button', {name: 'F keys'}).tap();
    assert.equal(await cap('KeyH').count(), 0);
    await cap('Home').tap();
    await page.getByRole('button', {name: 'Numbers'}).tap();
    await cap('Numpad7').waitFor();
});

for (const width of [320, 700, 1280]) {
    test(`At ${width} pixels no key is cut off, in English and in German`, async () => {
        for (const locale of ['en', 'de']) {
            await page?.context().close();
            await openBoard({viewport: {width, height: 800}, locale});
            for (const part of await page.locator('#board .parts:not([hidden]) button').all()) {
                await part.click();
                assert.deepEqual(await misplaced(page, '#board'), [], await part.textContent());
            }
            assert.deepEqual(await misplaced(page, '#console'), []);
        }
    });
}
