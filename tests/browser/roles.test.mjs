// SPDX-License-Identifier: LGPL-2.1-or-later
// What an account may not do is not shown: all that the least role is shown is tried, and nothing refused.

import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {addUser, openConsole, openLive, playing, signIn, startBrowser} from './page.mjs';

const USER = {username: 'ann', password: 'a good long one', role: 'user'};
const LAST = 'signout';
let daemon;
let browser;
let page;
let refused; // "POST /api/..." of each request that was answered 403

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
    const admin = await openLive(browser, daemon);
    await addUser(admin, USER);
    await admin.context().close();
    page = await openConsole(browser, daemon);
    refused = [];
    page.on('response', (response) => response.status() === 403 && refused.push(
        `${response.request().method()} ${new URL(response.url()).pathname}`));
    await signIn(page, USER.username, USER.password);
    await playing(page);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});

const shown = (inside) => page.locator(`${inside} :is(button, a, summary, input, select):visible`).all();

/// Does what a control is there for, and all that a dialog offers which it opens.
async function tryOut(control) {
    const href = await control.getAttribute('href');
    if (href)
        return page.evaluate((where) => fetch(where).then((reply) => reply.body.cancel()), href);
    if (await control.evaluate((part) => part.localName === 'select'))
        return undefined; // of languages: nothing is asked for
    await control.focus();
    await page.keyboard.press(await control.evaluate((part) => part.localName === 'input') ? 'Space' : 'Enter');
    if ((await control.textContent()).trim().endsWith('…')) // it asks for more, in a part that may have to come first
        await page.locator('dialog[open]').waitFor();
    await page.evaluate(() => { // at once: one of them may close the dialog
        for (const button of document.querySelectorAll('dialog[open] button:not([data-close]):not([value="no"])'))
            button.click();
    });
    await until(async () => {
        await page.keyboard.press('Escape');
        return await page.locator('dialog[open]').count() === 0;
    }, 'dialogs are closed');
    return undefined;
}

test('Nothing that a user is shown is refused for the account’s role', async () => {
    const tried = [];
    for (const summary of await page.locator('#console details.menu:visible > summary').all()) {
        const menu = `details.menu:has(> summary[title="${await summary.getAttribute('title')}"])`;
        await summary.click();
        const all = await Promise.all((await shown(`${menu} .sheet`)).map((part) => part.evaluate(
            (found) => found.id || found.getAttribute('href') || `${found.name}=${found.value}`)));
        await page.keyboard.press('Escape');
        for (const name of all.filter((found) => found !== LAST)) {
            await summary.click();
            const [attribute, value] = name.startsWith('/') ? ['href', name] : ['id', name];
            const control = page.locator(name.includes('=') ? `${menu} input[value="${name.split('=')[1]}"]`
                : `${menu} [${attribute}="${value}"]`).first();
            if (await control.isVisible()) // one choice may take the place of another
                await tryOut(control);
            await page.keyboard.press('Escape');
            tried.push(name);
        }
    }
    for (const id of ['ctrl-alt-del', 'paste', 'chart-open', 'chart-close'])
        await tryOut(page.locator(`#${id}`));
    assert.ok(['power-short', 'wol-open', 'hold-keep', 'change-password', '/api/stream/snapshot']
        .every((name) => tried.includes(name)), `${tried}`);
    assert.deepEqual(refused, []);
});

test('What only an admin may do is not shown to a user', async () => {
    for (const id of ['media', 'record', 'recordings', 'reset-hid', 'hold-take']) {
        assert.equal(await page.locator(`#${id}`).evaluate((part) => part.checkVisibility()), false, id);
    }
    await page.evaluate(() => fetch('/api/hid/reset', {method: 'POST'}));
    assert.deepEqual(refused, ['POST /api/hid/reset'], 'the daemon refuses it, and this test would see it');
});
