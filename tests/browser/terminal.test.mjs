// SPDX-License-Identifier: LGPL-2.1-or-later
// The terminal of the KVM: what is typed is what its shell runs, what it says is what is shown.

import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {openLive, startBrowser} from './page.mjs';

let daemon;
let browser;
let folder;
let page = null;

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pantograph-terminal-'));
    const config = path.join(folder, 'server.yaml');
    await writeFile(config, 'system: {terminal: true, user: "", shell: /bin/bash}\n');
    [daemon, browser] = await Promise.all([Daemon.start('--config', config), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
    await rm(folder, {recursive: true, force: true});
});
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

async function open() {
    await page.click('#device > summary');
    await page.click('#terminal-open');
}

const shown = () => page.locator('#terminal-place .xterm-rows').innerText();
const shows = (words) => until(async () => words.test(await shown()), `${words} is shown`);
const state = async (words) => {
    let text = '';
    const told = async () => words.test(text = await page.locator('#terminal-state').textContent());
    await until(told, `${words} is told`).catch(({message}) => assert.fail(`${message}, but ${text}`));
};
const line = async (text) => {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
};

async function opened(options) {
    page = await openLive(browser, daemon, options);
    await open();
    await state(/^Connected$/);
}

test('What is typed is what the shell runs, in its colours', async () => {
    await opened();
    await line('echo $((6 * 7)) naïve 漢字');
    await shows(/^42 naïve 漢字$/m);
    await line(String.raw`printf '\e[38;2;255;140;0mORANGE\e[0m \e[31mRED\e[0m\n'`);
    await shows(/^ORANGE RED$/m);
    const colour = (text) => page.evaluate((words) => getComputedStyle([...document.querySelectorAll(
        '#terminal-place .xterm-rows span')].find((part) => part.textContent === words)).color, text);
    assert.equal(await colour('ORANGE'), 'rgb(255, 140, 0)', 'a colour of no palette');
    assert.notEqual(await colour('RED'), await colour('ORANGE'));
});

test('The shell knows how much room there is, also when that changes', async () => {
    await opened({viewport: {width: 1280, height: 860}});
    const size = async () => {
        await line('clear; echo "size $(stty size)"');
        await shows(/^size \d+ \d+$/m);
        return /size (\d+) (\d+)/.exec(await shown()).slice(1).map(Number);
    };
    const [rows, columns] = await size();
    assert.ok(rows > 20 && columns > 90, `${rows} by ${columns}`);
    await page.setViewportSize({width: 420, height: 500});
    await until(async () => (await size())[1] < columns, 'it has become narrower');
    const [, narrow] = await size();
    assert.ok(narrow > 20);
});

test('Escape and Tab go to the shell; the chord leaves it, and Escape closes then', async () => {
    await opened();
    await line('read -rsn1 key; printf "got %q\\n" "$key"');
    await page.keyboard.press('Escape');
    await shows(/^got \$'\\E'$/m);
    await line('IFS= read -rsn1 -d "" key; printf "then %q\\n" "$key"');
    await page.keyboard.press('Tab');
    await shows(/^then \$'\\t'$/m);
    assert.equal(await page.locator('#terminal').isVisible(), true);
    for (const key of ['ControlLeft', 'AltLeft', 'ShiftLeft'])
        await page.keyboard.down(key);
    for (const key of ['ShiftLeft', 'AltLeft', 'ControlLeft'])
        await page.keyboard.up(key);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'terminal-copy');
    await page.keyboard.press('Escape');
    await page.locator('#terminal').waitFor({state: 'detached'});
    assert.equal(await page.evaluate(() => document.adoptedStyleSheets.length), 0, 'nothing is left of it');
});

test('What is selected is copied, and what was copied is pasted', async () => {
    await opened({permissions: ['clipboard-read', 'clipboard-write']});
    await page.click('#terminal-copy');
    assert.match(await page.locator('#terminal .error').textContent(), /^Nothing is selected/);
    await page.click('#terminal-place .xterm-screen');
    await line('clear; echo copied-$((40 + 2))');
    await shows(/^copied-42$/m);
    const word = page.locator('#terminal-place .xterm-rows > div', {hasText: /^copied-42/});
    const box = await word.boundingBox();
    await page.mouse.dblclick(box.x + 20, box.y + box.height / 2);
    await page.keyboard.press('Control+Shift+C');
    await until(async () => await page.evaluate(() => navigator.clipboard.readText()) === 'copied-42', 'it is copied');
    await line('clear');
    await page.keyboard.type('echo ');
    await page.click('#terminal-paste');
    await shows(/echo copied-42/);
    await page.keyboard.press('Enter');
    await until(async () => (await shown()).split('\n').filter((text) => text.trim() === 'copied-42').length === 1,
                'it is pasted, and run');
});

test('A shell that ends is told, and a new one begins when it is asked for', async () => {
    await opened();
    await line('exit');
    await state(/^The shell has ended\.$/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'terminal-again');
    await page.keyboard.press('Enter');
    await state(/^Connected$/);
    await line('echo new-$((1 + 1))');
    await shows(/^new-2$/m);
    await daemon.stop('SIGKILL');
    await state(/^The connection is lost/);
    await daemon.run();
    await page.click('#terminal-again');
    await state(/^Connected$/);
});

test('For screen readers there is what was said as text', async () => {
    await opened();
    assert.equal(await page.locator('#terminal-place textarea').getAttribute('aria-label'),
                 'Terminal: what is typed goes to the shell');
    await page.check('#terminal-reader');
    await page.focus('#terminal-place textarea');
    await line('echo spoken-$((3 + 4))');
    await until(async () => /spoken-7/.test(await page.locator('#terminal-place .xterm-accessibility').innerText()),
                'it is there to be read');
});

test('A KVM without xterm.js says so', async () => {
    page = await openLive(browser, daemon);
    await page.route('**/vendor/**', (route) => route.fulfill({status: 404}));
    await open();
    await until(async () => /xterm\.js, did not come/.test(await page.locator('#notice').textContent()), 'it is said');
});

test('Where the terminal is switched off it says so, and how to switch it on', async () => {
    const other = await Daemon.start();
    try {
        page = await openLive(browser, other);
        await open();
        await state(/^The KVM gives no terminal: .*set system\.terminal in server\.yaml$/);
    } finally {
        await other.remove();
    }
});
