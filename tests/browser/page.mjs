// SPDX-License-Identifier: LGPL-2.1-or-later
// The console in Debian's Chromium, and what a person does with it.

import {chromium} from 'playwright-core';
import {until} from './daemon.mjs';

const FLAGS = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
    '--autoplay-policy=no-user-gesture-required',
];

/// Starts a Chromium; close() it in the end.
export const startBrowser = () => chromium.launch(
    {executablePath: '/usr/bin/chromium', headless: true, args: FLAGS});

/// Opens the console of a daemon in a window of its own. init runs before the page's own scripts;
/// errors on the page end up in page.problems.
export async function openConsole(browser, daemon, {init, ...options} = {}) {
    const context = await browser.newContext({viewport: {width: 1280, height: 860}, ...options});
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(error.stack));
    page.on('console', (message) => {
        if (message.text().includes('Content Security Policy'))
            page.problems.push(message.text());
    });
    if (init)
        await page.addInitScript(init);
    await page.goto(daemon.url);
    return page;
}

/// Fills in the sign-in form and sends it.
export async function signIn(page, user, password) {
    await page.locator('#signin').waitFor({state: 'visible'});
    await page.fill('#username', user);
    await page.fill('#password', password);
    await page.click('#signin button');
}

/// What a page has to be without, before it begins, to get its picture by each way.
export const WAYS = {
    webrtc: undefined,
    direct: () => { delete window.RTCPeerConnection; },
    mjpeg: () => {
        delete window.RTCPeerConnection;
        delete window.VideoDecoder;
    },
};

/// The console, signed in and with a picture.
export async function openLive(browser, daemon, options) {
    const page = await openConsole(browser, daemon, options);
    await signIn(page, daemon.user, daemon.password);
    await playing(page);
    return page;
}

/// Makes an account, on the page of an admin.
export const addUser = (page, {username, password, role}) => page.evaluate(async (account) => {
    const {wireForm} = await import('/js/password.js');
    const reply = await fetch('/api/auth/users', {
        method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({...account, password: await wireForm(account.password)})});
    if ((await reply.json()).code !== 0)
        throw new Error(`there is no account ${account.username}`);
}, {username, password, role});

/// A fact the console knows (js/app.js lists them); before it has started it knows none.
export const fact = (page, name) => page.evaluate((key) => window.pantograph?.facts()[key], name);

/// Waits until the console shows a picture.
export async function playing(page) {
    const video = () => page.evaluate(() => window.pantograph?.facts().video);
    await until(async () => await video() === 'playing', 'the console shows a picture', 30_000);
}

/// The page position over a pixel of the picture.
export async function over(page, x, y, width = 1280, height = 720) {
    const {turn, ...box} = await page.evaluate(() => pantograph.pictureBox());
    const [u, v] = [(x + 0.5) / width, (y + 0.5) / height];
    const [right, down] = {0: [u, v], 90: [1 - v, u], 180: [1 - u, 1 - v], 270: [v, 1 - u]}[turn];
    return [box.left + right * box.width, box.top + down * box.height];
}

/// Captures keys and mouse with a click over a pixel of the picture.
export async function capture(page, x = 900, y = 400) {
    await page.mouse.click(...await over(page, x, y));
}

/// The chord that gives keys and mouse back to the page.
export async function leave(page) {
    for (const key of ['ControlLeft', 'AltLeft', 'ShiftLeft'])
        await page.keyboard.down(key);
    for (const key of ['ShiftLeft', 'AltLeft', 'ControlLeft'])
        await page.keyboard.up(key);
}

/// Types as a person does: with Shift held for what needs it.
export async function type(page, text) {
    for (const character of text) {
        const [code, shift] = KEYS.get(character);
        if (shift)
            await page.keyboard.down('ShiftLeft');
        await page.keyboard.press(code);
        if (shift)
            await page.keyboard.up('ShiftLeft');
    }
}

/// Which key of a US keyboard types a character, and whether with Shift.
const KEYS = new Map([
    ...[...'abcdefghijklmnopqrstuvwxyz'].flatMap((c) => [
        [c, [`Key${c.toUpperCase()}`, false]], [c.toUpperCase(), [`Key${c.toUpperCase()}`, true]]]),
    ...[...'1234567890'].map((c) => [c, [`Digit${c}`, false]]),
    ...[...'!@#$%^&*()'].map((c, i) => [c, [`Digit${(i + 1) % 10}`, true]]),
    [' ', ['Space', false]], [',', ['Comma', false]], ['.', ['Period', false]],
    ['/', ['Slash', false]], ['?', ['Slash', true]], ['-', ['Minus', false]],
    ["'", ['Quote', false]], ['\n', ['Enter', false]],
]);
