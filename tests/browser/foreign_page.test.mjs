// SPDX-License-Identifier: LGPL-2.1-or-later
// A page that is not ours, served by --web-root: made as those of component libraries are, whose
// styles and workers come into being as they run.

import assert from 'node:assert/strict';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {Daemon} from './daemon.mjs';
import {startBrowser} from './page.mjs';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const PAGE = `<!doctype html><title>theirs</title><p id="text" style="margin-left: 7px">theirs</p>
<img id="pixel" src="pixel.gif"><script src="app.js"></script>`;
const SCRIPT = `
window.refused = [];
document.addEventListener('securitypolicyviolation', ({blockedURI}) => refused.push(blockedURI));
const style = document.createElement('style');
style.textContent = '#text {color: rgb(1, 2, 3)}';
document.head.append(style);
const source = new Blob(['postMessage(6 * 7)'], {type: 'text/javascript'});
new Worker(URL.createObjectURL(source)).onmessage = ({data}) => { window.answer = data; };
`;

let folder, daemon, browser, page;

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pantograph-page-'));
    await writeFile(path.join(folder, 'index.html'), PAGE);
    await writeFile(path.join(folder, 'app.js'), SCRIPT);
    await writeFile(path.join(folder, 'pixel.gif'), PIXEL);
    daemon = await Daemon.start('--web-root', folder);
    browser = await startBrowser();
    page = await browser.newPage();
    await page.goto(daemon.url);
});

after(async () => {
    await browser?.close();
    await daemon?.remove();
    await rm(folder, {recursive: true});
});

test('It has the styles that it makes itself', async () => {
    const styles = await page.evaluate(() => {
        const {color, marginLeft} = getComputedStyle(document.getElementById('text'));
        return {color, marginLeft};
    });
    assert.deepEqual(styles, {color: 'rgb(1, 2, 3)', marginLeft: '7px'});
});

test('A worker that it makes itself runs', async () => {
    await page.waitForFunction(() => window.answer === 42);
});

test('Its GIFs are shown', async () => {
    await page.waitForFunction(() => document.getElementById('pixel').naturalWidth === 1);
    assert.deepEqual(await page.evaluate(() => window.refused), []);
});

test('It loads nothing of other hosts', async () => {
    await page.evaluate(() => { new Image().src = 'http://192.0.2.1/spy.gif'; });
    await page.waitForFunction(() => window.refused.length > 0);
    assert.deepEqual(await page.evaluate(() => window.refused), ['http://192.0.2.1/spy.gif']);
});
