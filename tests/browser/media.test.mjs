// SPDX-License-Identifier: LGPL-2.1-or-later
// The computer's drive: images go into it and out, and come from this machine across interruptions.

import {createHash} from 'node:crypto';
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
    await until(async () => /^big\.img: 33\.3% of 25\.2\sMB, .* per second$/.test(await words('#media-progress span')),
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
