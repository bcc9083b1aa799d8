// SPDX-License-Identifier: LGPL-2.1-or-later
// What Chromium makes of an MJPEG stream: it paints a part when it has the next one's whole head.

import {after, before, test} from 'node:test';
import {Daemon, until} from './daemon.mjs';
import {openConsole, signIn, startBrowser} from './page.mjs';

let daemon;
let browser;

before(async () => {
    [daemon, browser] = await Promise.all([Daemon.start(), startBrowser()]);
});
after(async () => {
    await browser?.close();
    await daemon?.remove();
});

/// Whether the stream's image shows the very pixels of the newest picture.
function showsNewest() {
    const pixels = (image) => {
        const canvas = new OffscreenCanvas(1280, 720);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, 1280, 720).data;
    };
    return fetch('/api/stream/snapshot').then((answer) => answer.blob()).then(createImageBitmap)
        .then((newest) => {
            const shown = document.querySelector('#stream');
            if (shown.naturalWidth !== newest.width)
                return false;
            const [a, b] = [pixels(shown), pixels(newest)];
            return a.every((value, i) => value === b[i]);
        });
}

test('The last picture before a screen stands still is painted although none follows', async () => {
    const page = await openConsole(browser, daemon, {init: () => { delete window.RTCPeerConnection; }});
    await signIn(page, daemon.user, daemon.password);
    await until(() => page.evaluate(() => fetch('/api/stream/mjpeg/detect', {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"enabled":true}',
    }).then((answer) => answer.json()).then(({data}) => data?.enabled)), 'still pictures are sent once');
    await page.evaluate(() => {
        const image = document.createElement('img');
        image.id = 'stream';
        image.src = '/api/stream/mjpeg';
        document.body.append(image);
    });
    await until(() => page.evaluate(showsNewest), 'the newest picture is the one that is shown');
    // Half a second later it comes once more, and better: that, too, is painted.
    await new Promise((done) => setTimeout(done, 1500));
    await until(() => page.evaluate(showsNewest), 'the better picture is the one that is shown');
});
