// SPDX-License-Identifier: LGPL-2.1-or-later
// The console for those who do not see, do not use a mouse, or need other colours: what axe-core knows of
// WCAG 2.2 AA, in both themes, of every state of the page.

import {readFileSync} from 'node:fs';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {capture, leave, openConsole, openLive, playing, signIn, startBrowser, WAYS} from './page.mjs';

const AXE = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

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
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

/// Has axe-core find nothing on the page as it is now.
async function clean(what) {
    await page.evaluate(AXE);
    const found = await page.evaluate(async (values) => {
        const {violations, passes} = await axe.run(document, {runOnly: {type: 'tag', values}});
        return {passes: passes.length, bad: violations.flatMap(({id, help, nodes}) => nodes.map(
            ({html, failureSummary}) => `${id}: ${help}: ${html}\n${failureSummary}`))};
    }, TAGS);
    assert.ok(found.passes > 10, `${what}: axe-core looked at nothing`);
    assert.equal(found.bad.join('\n'), '', what);
}

/// Every control that is shown is at least so large, or its label is.
async function largeEnough(what) {
    const small = await page.evaluate(() => [...document.querySelectorAll(
        'button, summary, a, input, select, textarea, [tabindex]')]
        .filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 0)
        .map((part) => [part, (part.closest('label') ?? part).getBoundingClientRect()])
        .filter(([, {width, height}]) => width < 24 || height < 24)
        .map(([part, {width, height}]) => `${part.outerHTML}: ${width} × ${height}`));
    assert.deepEqual(small, [], what);
}

const menus = () => page.locator('details.menu > summary').all();

async function choose(id) {
    await page.locator('details.menu', {has: page.locator(id)}).locator('summary').click();
    await page.click(id);
}

for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [{width: 1280, height: 800}, {width: 360, height: 740}]) {
        test(`axe-core finds nothing in the ${colorScheme} console at ${viewport.width} pixels`, async () => {
            page = await openConsole(browser, daemon, {colorScheme, viewport, init: WAYS.direct});
            await page.locator('#signin').waitFor({state: 'visible'});
            await clean('sign-in');
            await largeEnough('sign-in');
            await signIn(page, daemon.user, 'wrong');
            await until(() => page.locator('#signin-error').textContent(), 'the error is shown');
            await clean('sign-in with an error');
            await signIn(page, daemon.user, daemon.password);
            await playing(page);
            await page.locator('#fallback').waitFor({state: 'visible'});
            await clean('console');
            await largeEnough('console');
            for (const summary of await menus()) {
                await summary.click();
                const name = await summary.getAttribute('title');
                await clean(name);
                await largeEnough(name);
                await page.keyboard.press('Escape');
            }
            for (const id of ['#power-short', '#change-password', '#wol-open', '#settings-open', '#doctor-open', '#terminal-open', '#media-manage', '#scripts-open']) {
                await choose(id);
                await page.locator('dialog[open]').waitFor();
                await clean(id);
                await largeEnough(id);
                await page.keyboard.press('Escape');
            }
            await choose('#adjust');
            await page.locator('[name="jiggler"]:enabled').waitFor();
            await clean('mouse and picture');
            await largeEnough('mouse and picture');
            await page.keyboard.press('Escape');
            await page.evaluate(() => fetch('/api/network/wol/mac/name', {
                method: 'POST', headers: {'Content-Type': 'application/json'},
                body: JSON.stringify({mac: '02:00:00:00:00:07', name: 'rack 7'})}));
            await choose('#wol-open');
            await page.getByRole('button', {name: 'Delete: rack 7'}).click();
            await clean('asked whether to delete');
            await largeEnough('asked whether to delete');
            await page.keyboard.press('Escape');
            await page.keyboard.press('Escape');
            await page.click('summary[title="More keys"]');
            await page.getByRole('button', {name: 'Edit shortcuts…'}).click();
            await page.locator('#shortcuts').waitFor();
            await clean('shortcuts');
            await largeEnough('shortcuts');
            await page.keyboard.press('Escape');
            await page.click('summary[title="More keys"]');
            await page.click('#macros-open');
            await page.locator('#macros input[type="file"]').setInputFiles({name: 'one.json', mimeType: 'application/json',
                buffer: Buffer.from('{"type": "pantograph-macro", "version": 1, "name": "one", "steps": [{"ms": 0, "code": "F1", "down": true}]}')});
            await page.locator('#macro-list .row').waitFor();
            await clean('macros');
            await largeEnough('macros');
            await page.keyboard.press('Escape');
            await page.click('#paste');
            await page.fill('#paste-text', 'naïve');
            await until(() => page.locator('#paste-left-out').textContent(), 'it says what is left out');
            await clean('paste');
            await largeEnough('paste');
            await page.keyboard.press('Escape');
            await page.click('#board-open');
            await page.locator('#board [data-code]').first().waitFor();
            await page.click('#board [data-code="ShiftLeft"]');
            await clean('on-screen keyboard');
            await largeEnough('on-screen keyboard');
            await page.click('#board-open');
            await choose('#hold-keep');
            await until(async () => /^You keep/.test(await page.locator('#hold-state').textContent()), 'it is kept');
            const other = await openLive(browser, daemon);
            await other.click('#viewers summary');
            await other.click('#hold-ask');
            await page.locator('#asked').waitFor();
            await page.click('#viewers summary');
            await page.locator('#hold-here button').waitFor();
            await clean('somebody asks for the input');
            await largeEnough('somebody asks for the input');
            await page.keyboard.press('Escape');
            await other.context().close();
            await choose('#hold-let-go');
            await page.click('#chart-open');
            await until(async () => await page.locator('#chart-plot path[d*="M"]').count() >= 2, 'it plots');
            await clean('figures');
            await largeEnough('figures');
            await capture(page, 200, 200);
            await clean('captured');
        });
    }
}

const focused = () => page.evaluate(() => {
    const part = document.activeElement;
    const frame = part.id === 'stage' ? document.querySelector('#screen') : part;
    const {outlineStyle, outlineWidth} = getComputedStyle(frame);
    return {name: part.id || part.title || (part === document.body ? 'nothing' : part.textContent.trim()), inside: part.closest('dialog')?.id ?? '',
            visible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2};
});

test('Tab reaches everything, in the order of the page, and where it is can be seen', async () => {
    page = await openConsole(browser, daemon);
    await page.locator('#signin').waitFor({state: 'visible'});
    await page.focus('#username');
    await page.keyboard.press('Tab');
    await page.keyboard.type(daemon.password);
    await page.keyboard.press('Enter');
    await playing(page);
    assert.equal((await focused()).name, 'stage', 'Enter is enough from here');
    const all = await page.evaluate(() => [...document.querySelectorAll(
        'button, summary, a, input, select, [tabindex="0"]')]
        .filter((part) => part.checkVisibility() && !part.closest('details:not([open]) .sheet'))
        .map((part) => part.id || part.title));
    await page.focus(`#${all[0]}`);
    const reached = [all[0]];
    while (reached.length < all.length) {
        await page.keyboard.press('Tab');
        const {name, visible} = await focused();
        assert.ok(visible, `after ${reached} ${name} has the focus, which cannot be seen`);
        reached.push(name);
    }
    assert.deepEqual(reached, all);
});

test('Menus and dialogs are used by keyboard, and give the focus back', async () => {
    page = await openLive(browser, daemon);
    await page.focus('summary[title="Power and reset"]');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    assert.equal((await focused()).name, 'power-short');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    assert.equal((await focused()).name, 'power-reset', 'behind the first comes the last');
    await page.keyboard.press('Escape');
    assert.equal((await focused()).name, 'Power and reset');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.deepEqual(await focused(), {name: 'Cancel', inside: 'confirm', visible: true});
    for (let i = 0; i < 6; ++i) {
        await page.keyboard.press('Tab');
        assert.ok(['confirm', ''].includes((await focused()).inside), 'only the browser is besides');
    }
    await page.keyboard.press('Escape');
    assert.equal((await focused()).name, 'Power and reset');
    await page.focus('summary[title="Account"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal((await focused()).name, 'password-now');
    await page.keyboard.press('Escape');
    assert.equal((await focused()).name, 'Account');
});

test('The screen is entered by Enter and left by the chord, which it tells', async () => {
    page = await openLive(browser, daemon);
    const described = await page.evaluate(() => document.querySelector(
        `#${document.querySelector('#stage').getAttribute('aria-describedby')}`).textContent);
    assert.match(described, /Press Enter.*Ctrl, Alt and Shift together/);
    await page.keyboard.press('Enter');
    const grip = page.locator('#grip[role="status"]');
    await until(async () => /^You type on the computer/.test(await grip.textContent()), 'it is said');
    await page.keyboard.press('Tab');
    assert.equal((await focused()).name, 'stage', 'Tab is the computer’s now');
    await leave(page);
    await page.keyboard.press('Tab');
    assert.notEqual((await focused()).name, 'stage');
    assert.match(await grip.textContent(), /^Click the screen/);
});

test('Lights that change are said, but not the one that flickers', async () => {
    page = await openLive(browser, daemon);
    await page.evaluate(() => {
        window.said = [];
        new MutationObserver(() => window.said.push(document.querySelector('#said').textContent))
            .observe(document.querySelector('#said[role="status"]'), {childList: true});
    });
    await page.keyboard.press('Enter');
    await page.keyboard.press('CapsLock');
    await until(() => page.evaluate(() => window.said.includes('Caps: on')), 'caps lock is said');
    await page.keyboard.press('CapsLock');
    await until(() => page.evaluate(() => window.said.includes('Caps: off')), 'caps lock is said again');
    assert.ok(!(await page.evaluate(() => window.said)).some((text) => /Disk/.test(text)));
});

test('Who asks for less motion sees none', async () => {
    page = await openConsole(browser, daemon, {reducedMotion: 'reduce'});
    await page.locator('#signin').waitFor({state: 'visible'});
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].flatMap((part) =>
        ['', '::before'].map((pseudo) => getComputedStyle(part, pseudo || null))
            .filter(({animationDuration, transitionDuration, transitionProperty}) => parseFloat(animationDuration) > 0
                || parseFloat(transitionDuration) > 0 && transitionProperty !== 'none')
            .map(() => part.outerHTML.slice(0, 80))));
    assert.deepEqual(moving, []);
});

test('In the system’s own colours lights and focus are still told apart', async () => {
    page = await openLive(browser, daemon, {forcedColors: 'active'});
    const paint = (selector, pseudo) => page.evaluate(([part, where]) => {
        const {backgroundColor, borderColor, outlineStyle} = getComputedStyle(document.querySelector(part), where);
        return {backgroundColor, borderColor, outlineStyle};
    }, [selector, pseudo]);
    await page.locator('[data-led="pwr"][data-on]').waitFor();
    assert.notDeepEqual(await paint('[data-led="pwr"]', '::before'), await paint('[data-led="hdd"]', '::before'));
    const focus = await paint('#screen');
    assert.equal(focus.outlineStyle, 'dashed');
    await capture(page);
    await until(async () => (await paint('#screen')).backgroundColor !== focus.backgroundColor,
                'the frame says who has the keyboard');
    await clean('forced colours');
});

test('Who asks for more contrast reads everything at 7 to 1', async () => {
    for (const colorScheme of ['light', 'dark']) {
        await page?.context().close();
        page = await openLive(browser, daemon, {contrast: 'more', colorScheme});
        await page.evaluate(AXE);
        const bad = await page.evaluate(async () => (await axe.run(document, {runOnly: {
            type: 'rule', values: ['color-contrast-enhanced']}})).violations.flatMap(({nodes}) => nodes)
            .map(({html, failureSummary}) => `${html} ${failureSummary}`));
        assert.deepEqual(bad, [], colorScheme);
    }
});

test('axe-core finds nothing where the first password is set, or a session has ended', async () => {
    const fresh = await Daemon.startIn({PANTOGRAPH_PASSWORD: ''});
    try {
        page = await openConsole(browser, fresh);
        await page.locator('#setup').waitFor();
        await clean('first run');
        await largeEnough('first run');
        await page.context().close();
    } finally {
        await fresh.remove();
    }
    page = await openLive(browser, daemon);
    await page.evaluate(() => fetch('/api/auth/logout', {method: 'POST'}));
    await page.locator('#again #signin').waitFor({timeout: 15_000});
    await clean('a session that has ended');
    await largeEnough('a session that has ended');
});
