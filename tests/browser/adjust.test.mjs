// SPDX-License-Identifier: LGPL-2.1-or-later
// The dialog for mouse and picture, and the way of the picture that is chosen there.

import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {capture, fact, leave, openConsole, openLive, over, signIn, startBrowser, WAYS} from './page.mjs';
import {ExpectedScreen, REGION, showsSoon} from './screen.mjs';

let daemon;
let browser;
let page;

before(async () => {
    daemon = await Daemon.start();
    browser = await startBrowser();
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

async function openDialog() {
    await page.click('summary[title="Mouse and view"]');
    await page.click('#adjust');
    await page.locator('#adjust-box').waitFor({state: 'visible'});
}

const close = async () => {
    await page.keyboard.press('Escape');
    await page.locator('#adjust-box').waitFor({state: 'detached'});
};

test('The wheel turns the other way, and further, where that is chosen, and so it stays', async () => {
    page = await openLive(browser, daemon);
    await openDialog();
    await page.selectOption('[name="wheel"]', '3');
    await page.selectOption('[name="direction"]', 'reversed');
    await close();
    await page.reload();
    await until(() => fact(page, 'video').then((video) => video === 'playing'), 'it plays again');
    await capture(page, 640, 360);
    await page.mouse.move(...await over(page, 640, 360));
    await page.mouse.wheel(0, 120);
    const screen = await ExpectedScreen.start();
    screen.click(640, 360);
    for (let i = 0; i < 3; ++i)
        screen.point(640, 360, 0, 1);
    await showsSoon(page, screen, REGION.pointer);
    await screen.stop();
    await leave(page);
});

test('Over the picture the mouse is a cross, a dot, an arrow or nothing', async () => {
    page = await openLive(browser, daemon);
    const cursors = {cross: /^crosshair$/, dot: /dot\.svg/, arrow: /^default$/, none: /^none$/};
    for (const [name, css] of Object.entries(cursors)) {
        await openDialog();
        await page.selectOption('[name="cursor"]', name);
        await close();
        await capture(page);
        assert.match(await page.locator('#stage').evaluate((stage) => getComputedStyle(stage).cursor), css);
        await leave(page);
    }
});

test('The mouse’s back and forward buttons are the computer’s, and the page stays', async () => {
    page = await openLive(browser, daemon);
    await page.evaluate(() => history.pushState({}, '', '#second'));
    await capture(page, 640, 360);
    const client = await page.context().newCDPSession(page);
    const [x, y] = await over(page, 640, 360);
    const screen = await ExpectedScreen.start();
    screen.click(640, 360);
    for (const [button, buttons, bit] of [['back', 8, 8], ['forward', 16, 16]]) {
        await client.send('Input.dispatchMouseEvent', {type: 'mousePressed', x, y, button, buttons, clickCount: 1});
        screen.point(640, 360, bit);
        await showsSoon(page, screen, REGION.held);
        await client.send('Input.dispatchMouseEvent', {type: 'mouseReleased', x, y, button, buttons: 0, clickCount: 1});
        screen.point(640, 360);
        await showsSoon(page, screen, REGION.held);
    }
    await screen.stop();
    assert.equal(new URL(page.url()).hash, '#second');
    assert.equal(await fact(page, 'captured'), true);
    await leave(page);
});

test('An admin has the mouse move by itself, and sets the picture of all', async () => {
    page = await openLive(browser, daemon, {init: WAYS.direct});
    await openDialog();
    await page.locator('[name="jiggler"]:enabled').check();
    const jiggler = () => page.evaluate(() => fetch('/api/vm/mouse-jiggler').then((answer) => answer.json()));
    await until(async () => (await jiggler()).data.enabled, 'the daemon has it so');
    await close();
    await openDialog();
    const box = page.locator('[name="jiggler"]:enabled');
    await until(() => box.isChecked(), 'and the dialog knows');
    await box.uncheck();
    await until(async () => !(await jiggler()).data.enabled, 'the daemon has it so no more');
    const size = page.locator('#adjust-all select').first();
    for (const [value, height] of [['480', 480], ['0', 720]]) {
        await size.selectOption(value);
        await page.click('#adjust-all button');
        await until(() => page.evaluate((lines) => pantograph.canvas.height === lines, height), `${height} lines`);
    }
    assert.match(await page.locator('#adjust-all [role="status"]').textContent(), /^It is set\.$/);
    await close();
});

test('Who is no admin is not offered what an account may not do', async () => {
    page = await openLive(browser, daemon);
    const made = await page.evaluate(async () => {
        const {wireForm} = await import('/js/password.js');
        const answer = await fetch('/api/auth/users', {
            method: 'POST', headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({username: 'guest', password: await wireForm('guest only here'), role: 'user'})});
        return (await answer.json()).code;
    });
    assert.equal(made, 0);
    await page.context().close();
    page = await openConsole(browser, daemon);
    await signIn(page, 'guest', 'guest only here');
    await until(() => fact(page, 'video').then((video) => video === 'playing'), 'it plays');
    await openDialog();
    assert.equal(await page.locator('[name="wheel"]').count(), 1);
    assert.equal(await page.locator('[name="jiggler"], #adjust-all').count(), 0);
    await close();
});

test('A way that is chosen is kept to, and is as good as any', async () => {
    page = await openLive(browser, daemon);
    for (const way of ['mjpeg', 'direct', 'webrtc']) {
        await openDialog();
        await page.selectOption('[name="way"]', way);
        await close();
        await until(async () => await fact(page, 'transport') === way, `it comes by ${way}`);
        assert.equal(await page.locator('#fallback').isVisible(), false);
        assert.equal(await page.locator('#state').getAttribute('data-tone'), 'good');
    }
});

test('A chosen way that gives no picture says so, and offers to choose by itself', async () => {
    page = await openLive(browser, daemon, {init: WAYS.mjpeg});
    assert.equal(await fact(page, 'transport'), 'mjpeg');
    await openDialog();
    await page.selectOption('[name="way"]', 'webrtc');
    await close();
    const notice = page.locator('#fallback');
    await until(async () => /^\s*Only WebRTC is chosen.*this browser has no WebRTC\./.test(await notice.textContent()),
                'the notice says so');
    assert.equal(await fact(page, 'video'), 'connecting');
    await page.getByRole('button', {name: 'Choose automatically'}).click();
    await until(async () => await fact(page, 'transport') === 'mjpeg', 'MJPEG is back');
});

test('A browser that forbids WebRTC while the page is open is asked again, quietly', async () => {
    page = await openLive(browser, daemon, {init: () => {
        const wait = window.setTimeout; // minutes are seconds here
        window.setTimeout = (call, ms, ...more) => wait(call, ms >= 45_000 ? ms / 60 : ms, ...more);
        window.tried = 0;
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
            return set.call(this, {...answer, sdp: answer.sdp.replace(/^a=candidate:.*\r\n/gm, '')
                .replace(/^a=ice-pwd:.*$/gm, 'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa')});
        };
    }});
    await until(async () => await fact(page, 'transport') === 'direct', 'the WebSocket takes over', 30_000);
    await page.evaluate(() => {
        window.RTCPeerConnection = class {
            constructor() {
                ++window.tried;
                throw new Error('forbidden by now');
            }
        };
    });
    await until(() => page.evaluate(() => window.tried >= 2), 'it is tried more than once', 30_000);
    assert.equal(await fact(page, 'transport'), 'direct');
});

test('The picture goes into a small window by each way, and comes back when the way changes', async () => {
    const fake = () => { // a browser without a screen has no such window
        Object.defineProperty(Document.prototype, 'pictureInPictureEnabled', {get: () => true});
        window.small = null;
        Object.defineProperty(Document.prototype, 'pictureInPictureElement', {get: () => window.small});
        HTMLVideoElement.prototype.requestPictureInPicture = async function () {
            if (this.disablePictureInPicture || !this.videoWidth)
                throw new Error('not this one');
            window.small = this;
        };
        Document.prototype.exitPictureInPicture = async () => {
            const {small} = window;
            window.small = null;
            small.dispatchEvent(new Event('leavepictureinpicture'));
        };
    };
    page = await openLive(browser, daemon, {init: fake});
    const press = async () => {
        await page.click('summary[title="Mouse and view"]');
        await page.click('#pip');
    };
    const size = () => page.evaluate(() => window.small && [window.small.videoWidth, window.small.videoHeight]);
    await press();
    await until(async () => String(await size()) === '1280,720', 'the video is in it');
    await openDialog();
    await page.selectOption('[name="way"]', 'mjpeg');
    await close();
    await until(async () => await size() === null, 'it is closed');
    await until(async () => await fact(page, 'transport') === 'mjpeg', 'the picture comes as MJPEG');
    await press();
    await until(async () => String(await size()) === '1280,720', 'the canvas is in it');
    await press();
    await until(async () => await size() === null, 'the button closes it');
    await page.evaluate(() => { HTMLVideoElement.prototype.requestPictureInPicture = () => Promise.reject(); });
    await press();
    await page.getByText('The browser does not allow picture in picture here.').waitFor();
});
