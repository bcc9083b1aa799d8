// SPDX-License-Identifier: LGPL-2.1-or-later
// The computer's drive: images go into it and out, and come from this machine across interruptions.

import {createHash} from 'node:crypto';
import {createServer} from 'node:http';
import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, ROOT, until} from './daemon.mjs';
import {fact, openLive, startBrowser} from './page.mjs';

const PICTURES = path.join(ROOT, 'build-test/pictures');
const BIG = 24 << 20; // three parts
const LONG_MS = 60_000;
let daemon;
let browser;
let folder;
let page = null;

before(async () => {
    await mkdir(PICTURES, {recursive: true});
    folder = await mkdtemp(path.join(tmpdir(), 'pantograph-images-'));
    const config = path.join(folder, 'server.yaml');
    await writeFile(config, `storage: {directory: ${folder}/images, lun: virtual}\n`);
    await mkdir(path.join(folder, 'images'));
    await writeFile(path.join(folder, 'images/small.img'), Buffer.alloc(4 << 20));
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

const open = () => page.click('#media > summary');
const words = (id) => page.locator(id).textContent();
const image = (name) => page.locator('#media-images button', {hasText: name});
const toast = (text) => until(async () => (await words('#toast')).includes(text), text, LONG_MS);

/// What this machine has, and what the daemon made of it.
function noise(bytes) {
    const data = Buffer.alloc(bytes);
    for (let i = 0, value = 1; i < bytes; i += 4)
        data.writeUInt32LE(value = (Math.imul(value, 1664525) + 1013904223) >>> 0, i);
    return data;
}
const sum = (data) => createHash('sha256').update(data).digest('hex');
const stored = async (name) => sum(await readFile(path.join(folder, 'images', name)));
const choose = (name, buffer) =>
    page.setInputFiles('#media-file', {name, mimeType: 'application/octet-stream', buffer});

/// What this page's network is like from now on: offline, or with room for so many bytes in a second.
async function network() {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    return (offline, bytes = -1) => session.send('Network.emulateNetworkConditions', {
        offline, latency: 0, downloadThroughput: -1, uploadThroughput: bytes});
}

test('An image goes into the drive and out of it again', async () => {
    page = await openLive(browser, daemon);
    await open();
    await until(async () => await words('#media-drive') === 'The drive is empty', 'what is in it');
    assert.equal(await page.locator('#media-eject').isDisabled(), true);
    assert.match(await image('small.img').textContent(), /disk.*4\.2\sMB/);
    await image('small.img').click();
    await toast('Put into the drive: small.img');
    await open();
    await until(async () => await words('#media-drive') === 'In the drive: small.img', 'that it is there');
    assert.equal(await image('small.img').isDisabled(), true, 'it is there already');
    await page.screenshot({path: path.join(PICTURES, 'media.png')});
    await page.click('#media-eject');
    await toast('Ejected');
    assert.equal((await fact(page, 'media')).drives[0].file, '');
});

test('An upload tells how far it is, and goes on where it was after an interruption', async () => {
    page = await openLive(browser, daemon);
    const data = noise(BIG);
    const become = await network();
    await become(false, 6 << 20);
    await choose('big.img', data);
    await open();
    await until(async () => /^big\.img: 33\.3% of 25\.2\sMB, .* per second · 0:\d\d left$/.test(await words('#media-progress span')),
                'a part is there', LONG_MS);
    await page.screenshot({path: path.join(PICTURES, 'upload.png')});
    await become(true);
    await until(async () => /interrupted at (33\.3|66\.6)%/.test(await words('#media-progress span')),
                'it is told', LONG_MS);
    await become(false);
    await toast('Uploaded: big.img');
    assert.equal(await stored('big.img'), sum(data));
    await until(() => image('big.img').isVisible(), 'it is listed');
});

test('An upload that is cancelled leaves nothing', async () => {
    page = await openLive(browser, daemon);
    await (await network())(false, 4 << 20);
    await choose('never.img', noise(BIG));
    await open();
    await until(async () => /33\.3%/.test(await words('#media-progress span')), 'a part is there', LONG_MS);
    await page.click('#media-cancel');
    await until(async () => await fact(page, 'uploading') === null, 'it is over');
    await until(async () => (await readdir(path.join(folder, 'images/.parts'))).length === 0, 'nothing is left');
    assert.equal(await image('never.img').count(), 0);
});

async function openImages() {
    await open();
    await page.click('#media-manage');
    await page.locator('#images').waitFor();
}
const row = (name) => page.locator('#images-list .row', {hasText: name});
const says = (id, words) => until(async () => words.test(await page.locator(id).textContent()), `${words}`, LONG_MS);

test('Each image says what it is, and one is deleted only after it was asked for again', async () => {
    await writeFile(path.join(folder, 'images/odd.img'), Buffer.alloc((1 << 20) + 100));
    page = await openLive(browser, daemon);
    await openImages();
    await says('#images-room', /^[\d,.]+\sMB free of [\d,.]+\sMB$/);
    assert.match(await row('odd.img').innerText(), /disk · 1\sMB.*⚠ its last 100 bytes/s, 'the inspector’s advice');
    await row('odd.img').getByRole('button', {name: 'Delete: odd.img'}).click();
    assert.match(await words('#sure-text'), /^odd\.img is deleted from the KVM/);
    await page.keyboard.press('Enter');
    await page.locator('#sure').waitFor({state: 'detached'});
    assert.ok((await readdir(path.join(folder, 'images'))).includes('odd.img'), 'Cancel has the focus');
    await row('odd.img').getByRole('button', {name: 'Delete: odd.img'}).click();
    await page.click('#sure [value="yes"]');
    await says('#images-state', /^Deleted: odd\.img$/);
    assert.ok(!(await readdir(path.join(folder, 'images'))).includes('odd.img'));
    assert.equal(await row('odd.img').count(), 0);
});

test('An image that is in the drive is not deleted, and the page says why', async () => {
    page = await openLive(browser, daemon);
    await openImages();
    await row('small.img').getByRole('button', {name: 'Put into the drive: small.img'}).click();
    await toast('Put into the drive: small.img');
    await openImages();
    await row('small.img').getByRole('button', {name: 'Delete: small.img'}).click();
    await page.click('#sure [value="yes"]');
    await says('#images .error', /mounted/);
    await page.keyboard.press('Escape');
    await open();
    await page.click('#media-eject');
    await toast('Ejected');
});

/// A web server whose answers end when they are let: {url, sum, finish()}.
async function server(data) {
    let finish;
    const finished = new Promise((done) => { finish = done; });
    const made = createServer(async (_request, answer) => {
        answer.writeHead(200, {'Content-Length': data.length});
        answer.write(data.subarray(0, data.length / 2));
        await finished;
        answer.end(data.subarray(data.length / 2));
    });
    await new Promise((done) => made.listen(0, '127.0.0.1', done));
    return {url: `http://127.0.0.1:${made.address().port}`, sum: sum(data), finish,
            close: () => { finish(); made.closeAllConnections(); made.close(); }};
}

test('An image comes from a URL, says how far it is, and is checked against its sum', async () => {
    const data = noise(4 << 20);
    const web = await server(data);
    try {
        page = await openLive(browser, daemon);
        await openImages();
        await page.fill('#images-url', `${web.url}/fetched.img`);
        await page.fill('#images-sum', 'nonsense');
        await page.click('#images-fetch');
        assert.equal(await page.locator('#images-sum').evaluate((field) => field.validity.patternMismatch), true);
        await page.fill('#images-sum', web.sum);
        await page.click('#images-fetch');
        await says('#images-state', /^Fetching fetched\.img: \d+(\.\d+)?%$/);
        assert.equal(await page.locator('#images-fetch').isDisabled(), true, 'one at a time');
        web.finish();
        await says('#images-state', /^Fetched: fetched\.img$/);
        assert.equal(await stored('fetched.img'), web.sum);
        await row('fetched.img').waitFor();
        await page.fill('#images-url', `${web.url}/wrong.img`);
        await page.fill('#images-sum', '0'.repeat(64));
        await page.click('#images-fetch');
        await says('#images-state', /^wrong\.img was thrown away/);
        assert.ok(!(await readdir(path.join(folder, 'images'))).includes('wrong.img'));
    } finally {
        web.close();
    }
});

test('A download is cancelled, also by somebody who has come later', async () => {
    const web = await server(noise(4 << 20));
    try {
        page = await openLive(browser, daemon);
        await openImages();
        await page.fill('#images-url', `${web.url}/long.img`);
        await page.click('#images-fetch');
        await says('#images-state', /^Fetching long\.img/);
        await page.keyboard.press('Escape');
        await openImages();
        await says('#images-state', /^Fetching long\.img/);
        await page.click('#images-cancel');
        await says('#images-state', /^The download was cancelled\.$/);
        assert.equal(await page.locator('#images-cancel').isHidden(), true);
        assert.ok(!(await readdir(path.join(folder, 'images'))).includes('long.img'));
        await page.fill('#images-url', 'http://127.0.0.1:1/none.img');
        await page.click('#images-fetch');
        await says('#images-state', /^none\.img was not fetched: .+/);
    } finally {
        web.close();
    }
});

test('An upload is checked against its sum when that is given', async () => {
    page = await openLive(browser, daemon);
    const data = noise(1 << 20);
    const upload = async (name, known) => {
        await openImages();
        await page.fill('#images-sum', known);
        const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#images-upload')]);
        await chooser.setFiles({name, mimeType: 'application/octet-stream', buffer: data});
    };
    await upload('false.img', '0'.repeat(64));
    await until(async () => /sha256 mismatch/.test(await words('#notice')), 'it is refused');
    await upload('true.img', sum(data));
    await toast('Uploaded: true.img');
    assert.equal(await stored('true.img'), sum(data));
});

test('What is dropped on the screen is sent; what is no image is refused with the reason', async () => {
    page = await openLive(browser, daemon);
    const drop = (name, where = '#video') => page.evaluate(([called, place]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(2 << 20)], called));
        return document.querySelector(place).dispatchEvent(
            new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }, [name, where]);
    assert.equal(await drop('beside.iso', 'header'), false, 'the browser would leave the page');
    await drop('dropped.iso');
    await toast('Uploaded: dropped.iso');
    assert.equal(await stored('dropped.iso'), sum(Buffer.alloc(2 << 20)));
    assert.equal(await image('beside.iso').count(), 0);
    await drop('notes.txt');
    await until(async () => /\.iso/.test(await words('#notice')), 'why not');
    await drop('dropped.iso');
    await until(async () => /exists/.test(await words('#notice')), 'nothing is replaced');
});
