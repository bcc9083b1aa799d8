// SPDX-License-Identifier: LGPL-2.1-or-later
// Two people at one computer: who keeps keyboard and mouse, who asks for them, who takes them.

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {addUser, capture, fact, leave, openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
const BOB = {username: 'bob', password: 'a good long one', role: 'user'};

let daemon;
let browser;
let [ann, bob] = []; // windows of an admin and of a user

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
    const page = await openLive(browser, daemon);
    await addUser(page, BOB);
    await page.context().close();
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
beforeEach(async () => {
    ann = await openLive(browser, daemon);
    bob = await openConsole(browser, daemon);
    await signIn(bob, BOB.username, BOB.password);
    await playing(bob);
    for (const page of [ann, bob])
        await until(async () => await page.evaluate(() => pantograph.input()) === 'data channel', 'input has its way');
});
afterEach(async () => {
    assert.deepEqual([...ann.problems, ...bob.problems], []);
    for (const page of [ann, bob]) { // else the next test would wait for a hold to end
        if (await keeper(page) && await keeper(page) === await number(page))
            await act(page, 'let-go');
    }
    await until(async () => await keeper(ann) === 0, 'nobody keeps the input');
    await ann.context().close();
    await bob.context().close();
});

const number = async (page) => (await fact(page, 'hold'))?.you;
const keeper = async (page) => (await fact(page, 'hold'))?.keeper;
const keeps = (page) => until(async () => await keeper(page) === await number(page), 'it keeps the input');
const toast = (page, words) => until(async () => words.test(await page.locator('#toast').textContent()), `${words}`);
const state = (page) => page.locator('#hold-state').textContent();

async function act(page, deed) {
    await page.click('#viewers summary');
    await page.click(`#hold-${deed}`);
}

/// The choices of the menu that are shown.
async function choices(page) {
    await page.click('#viewers summary');
    const shown = await page.locator('#hold button:visible').evaluateAll((all) => all.map(({id, ariaLabel}) => id || ariaLabel));
    await page.keyboard.press('Escape');
    return shown;
}

test('Who keeps the input is told to everybody, and keeps it while it pauses', async () => {
    assert.match(await state(ann), /^Nobody keeps keyboard and mouse/);
    assert.deepEqual(await choices(bob), ['hold-keep'], 'a user takes from nobody');
    await act(bob, 'keep');
    await keeps(bob);
    await until(async () => await state(ann) === 'bob@127.0.0.1 keeps keyboard and mouse.', 'it is told');
    assert.match(await state(bob), /^You keep keyboard and mouse/);
    assert.match(await ann.locator('#grip').textContent(), /bob@127\.0\.0\.1 keeps keyboard and mouse/);
    await ann.waitForTimeout(1200);
    await capture(ann);
    await ann.keyboard.press('F9');
    await toast(ann, /bob@127\.0\.0\.1 keeps keyboard and mouse/);
    assert.notEqual((await fact(ann, 'owner'))?.mine, true);
    await leave(ann);
    await capture(bob);
    await bob.keyboard.press('F9');
    await until(async () => (await fact(bob, 'owner'))?.mine, 'the keeper types');
});

test('Who asks is handed the input by the one that keeps it', async () => {
    await act(ann, 'keep');
    await keeps(ann);
    await until(async () => await keeper(bob), 'it is told');
    assert.deepEqual(await choices(bob), ['hold-ask']);
    await act(bob, 'ask');
    await ann.locator('#asked').waitFor();
    assert.match(await ann.locator('#asked').innerText(), /^bob@127\.0\.0\.1 asks for keyboard and mouse\./);
    assert.match(await state(bob), /^Asked admin@127\.0\.0\.1/);
    await ann.screenshot({path: path.join(PICTURES, 'asked.png')});
    await ann.focus('#asked-give');
    await ann.keyboard.press('Enter');
    await toast(bob, /^admin@127\.0\.0\.1 handed keyboard and mouse to you\.$/);
    await keeps(bob);
    await ann.locator('#asked').waitFor({state: 'hidden'});
});

test('Who is refused is told so, and may take the question back', async () => {
    await act(ann, 'keep');
    await until(async () => await keeper(bob), 'it is told');
    await act(bob, 'ask');
    await ann.click('#asked-refuse');
    await toast(bob, /^admin@127\.0\.0\.1 does not hand over keyboard and mouse now\.$/);
    await act(bob, 'ask');
    await ann.locator('#asked').waitFor();
    await act(bob, 'withdraw');
    await ann.locator('#asked').waitFor({state: 'hidden'});
    await keeps(ann);
});

test('An admin takes the input, and the one that kept it finds out by whom', async () => {
    await act(bob, 'keep');
    await until(async () => await keeper(ann), 'it is told');
    assert.deepEqual(await choices(ann), ['hold-ask', 'hold-take']);
    await capture(bob);
    await bob.keyboard.down('F9');
    await act(ann, 'take');
    await keeps(ann);
    await until(async () => await bob.locator('#notice span').textContent()
        === 'admin@127.0.0.1 took keyboard and mouse from you.', 'it is told until it is closed');
    await bob.keyboard.up('F9');
    assert.match(await bob.locator('#grip').textContent(), /ask for them under Viewers/);
});

test('The one that keeps the input hands it to anybody who is here', async () => {
    await act(ann, 'keep');
    await keeps(ann);
    const name = `bob@127.0.0.1, window ${await number(bob)}`;
    assert.deepEqual(await choices(ann), ['hold-let-go', `Hand over: ${name}`]);
    await ann.click('#viewers summary');
    await ann.click('#hold-here button');
    await keeps(bob);
});
