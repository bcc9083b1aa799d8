// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings: each shows what the daemon says it is, changes it, and can be taken back.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {fact, openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';

const ANN = 'another long one';
let daemon;
let browser;
let page = null;

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});
afterEach(async () => {
    assert.deepEqual(page?.problems ?? [], []);
    await page?.context().close();
    page = null;
});

async function choose(id) {
    await page.click('summary[title="Account"]');
    await page.click(id);
}

async function openSettings(group) {
    page = await openLive(browser, daemon);
    await choose('#settings-open');
    await page.locator('#settings').waitFor();
    await page.locator('#settings-groups button', {hasText: group}).click();
}

/// What the daemon says.
const says = async (path) => (await page.evaluate((where) => fetch(where).then((reply) => reply.json()), path)).data;
const becomes = (path, right, what) => until(async () => right(await says(path)), what);
const row = (name) => page.locator(`#set-${name}`);
const value = (name) => page.locator(`#set-${name}-value`);
const apply = (name) => row(name).locator('[type="submit"]').click();
const undo = () => page.click('#settings-undo');
const told = (text) => until(async () => await page.textContent('#settings-words') === text, text);

/// Waits until the row shows what the daemon says.
const ready = (name) => until(() => value(name).isEnabled(), `${name} is known`);

test('A switch holds at once, and Undo takes it back', async () => {
    await openSettings('Picture and sound');
    await ready('still');
    assert.equal(await value('still').isChecked(), false);
    await value('still').check();
    await becomes('/api/stream/mjpeg/detect', ({enabled}) => enabled, 'the daemon has it so');
    await told('Send no JPEG picture twice: changed');
    await undo();
    await becomes('/api/stream/mjpeg/detect', ({enabled}) => !enabled, 'the daemon has it back');
    await told('Send no JPEG picture twice: as before');
    assert.equal(await value('still').isChecked(), false);
});

test('A number and a text hold once they are applied, and not before', async () => {
    await openSettings('Picture and sound');
    await ready('rest');
    const before = (await says('/api/vm/hdmi')).idleTimeout;
    assert.equal(await value('rest').inputValue(), String(before));
    assert.equal(await row('rest').locator('[type="submit"]').isDisabled(), true);
    await value('rest').fill('7');
    assert.equal((await says('/api/vm/hdmi')).idleTimeout, before);
    await apply('rest');
    await becomes('/api/vm/hdmi', ({idleTimeout}) => idleTimeout === 7, 'the daemon has it so');
    await told('Minutes until the capture rests: changed');
    await undo();
    await becomes('/api/vm/hdmi', ({idleTimeout}) => idleTimeout === before, 'the daemon has it back');
    await page.locator('#settings-groups button', {hasText: 'System'}).click();
    await ready('web-title');
    await value('web-title').fill('Rack 7');
    await apply('web-title');
    await becomes('/api/vm/web-title', ({title}) => title === 'Rack 7', 'the daemon has it so');
});

test('A choice holds once it is applied', async () => {
    await openSettings('Keyboard and mouse');
    await ready('jiggler');
    assert.equal(await value('jiggler').inputValue(), 'off');
    await value('jiggler').selectOption('absolute');
    assert.equal((await says('/api/vm/mouse-jiggler')).enabled, false);
    await apply('jiggler');
    await becomes('/api/vm/mouse-jiggler', ({enabled, mode}) => enabled && mode === 'absolute', 'it is so');
    await undo();
    await becomes('/api/vm/mouse-jiggler', ({enabled}) => !enabled, 'it is back');
});

test('What the daemon refuses is said in its words, and nothing changes', async () => {
    await openSettings('Network');
    await ready('hostname');
    const {hostname} = await says('/api/vm/hostname');
    await value('hostname').fill('a name');
    await apply('hostname');
    const error = row('hostname').locator('.error');
    await until(async () => /1 to 64 letters, digits and hyphens/.test(await error.textContent()), 'it is said');
    assert.equal((await says('/api/vm/hostname')).hostname, hostname);
    assert.equal(await value('hostname').inputValue(), 'a name', 'what was typed can be mended');
});

test('What the device has not is said, in place of a control that does nothing', async () => {
    await openSettings('Network');
    await until(async () => /This KVM has no Wi-Fi/.test(await row('wifi').textContent()), 'no Wi-Fi');
    assert.equal(await page.locator('#wifi-name').isVisible(), false);
    await page.locator('#settings-groups button', {hasText: 'System'}).click();
    await ready('swap');
    await until(async () => !await row('oled').isVisible(), 'no display');
});

test('The search finds settings of all groups by their words', async () => {
    await openSettings('Access');
    await page.fill('#settings-search', 'mouse jiggler');
    assert.equal(await row('jiggler').isVisible(), true);
    assert.equal(await page.locator('.setting:visible').count(), 1);
    await ready('jiggler');
    await page.fill('#settings-search', 'no such words');
    assert.equal(await page.locator('.setting:visible').count(), 0);
    assert.equal(await page.locator('text=No setting has these words.').isVisible(), true);
    await page.fill('#settings-search', '');
    assert.equal(await row('users').isVisible(), true);
});

test('Users are added, shut out, let in again and removed', async () => {
    await openSettings('Access');
    const ann = page.locator('#users li', {hasText: 'ann'});
    await page.fill('#user-name', 'ann');
    await page.fill('#user-password', ANN);
    await page.click('#user-add [type="submit"]');
    await ann.waitFor();
    assert.equal(await page.inputValue('#user-password'), '', 'the password is kept nowhere');
    const enabled = async () => (await says('/api/auth/users')).users.find(({username}) => username === 'ann')?.enabled;
    await ann.getByText('Lock', {exact: true}).click();
    await until(async () => await enabled() === false, 'the daemon shuts her out');
    await undo();
    await until(async () => await enabled() === true, 'and lets her in again');
    const guest = await openConsole(browser, daemon);
    await signIn(guest, 'ann', ANN);
    await playing(guest);
    await guest.click('summary[title="Account"]');
    await guest.click('#settings-open');
    assert.match(await guest.locator('#settings-no').textContent(), /only administrators change them.*ann/);
    assert.equal(await guest.locator('#log-open').isVisible(), false);
    assert.deepEqual(guest.problems, []);
    await guest.context().close();
    await ann.getByText('Remove', {exact: true}).click();
    await page.locator('#sure').waitFor();
    await page.click('#sure [value="yes"]');
    await until(async () => await enabled() === undefined, 'she is gone');
});

test('The key for programs is shown to those who ask for it, and made anew', async () => {
    await openSettings('Programs that act');
    await until(() => page.inputValue('#agent-key'), 'there is a key');
    const {apiKey} = await says('/api/mcp/config');
    assert.equal(await page.inputValue('#agent-key'), apiKey);
    assert.equal(await page.getAttribute('#agent-key', 'type'), 'password');
    await row('key').getByText('Show', {exact: true}).click();
    assert.equal(await page.getAttribute('#agent-key', 'type'), 'text');
    await row('key').getByText('Make a new key').click();
    await page.click('#sure [value="yes"]');
    await until(async () => await page.inputValue('#agent-key') !== apiKey, 'another key');
    assert.equal(await page.inputValue('#agent-key'), (await says('/api/mcp/config')).apiKey);
});

test('Another page’s change is what the settings show when they are opened', async () => {
    await openSettings('Picture and sound');
    await page.evaluate(() => fetch('/api/vm/hdmi/timeout', {method: 'POST', body: '{"minutes":3}'}));
    await page.keyboard.press('Escape');
    await choose('#settings-open');
    await ready('rest');
    assert.equal(await value('rest').inputValue(), '3');
    assert.equal(await fact(page, 'role'), 'admin');
});
