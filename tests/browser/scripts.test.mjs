// SPDX-License-Identifier: LGPL-2.1-or-later
// The scripts of the KVM: kept, run with what they say, and those that run at each of its starts.

import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {Daemon, until} from './daemon.mjs';
import {openLive, startBrowser} from './page.mjs';

let daemon;
let browser;
let folder;
let page = null;

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pantograph-scripts-'));
    const config = path.join(folder, 'server.yaml');
    await writeFile(config, 'system: {user: ""}\n');
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

async function opened() {
    page = await openLive(browser, daemon);
    await page.click('#device > summary');
    await page.click('#scripts-open');
    await page.locator('#scripts-box').waitFor();
}

const says = (id, words) => until(async () => words.test(await page.locator(id).textContent()), `${words}`);
const names = (id) => page.locator(`${id} .what`).allTextContents();
const choose = async (button, name, text) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click(button)]);
    await chooser.setFiles({name, mimeType: 'text/x-shellscript', buffer: Buffer.from(text)});
    await says('#scripts-state', new RegExp(`^Saved: ${name}$`));
};
const press = (name) => page.getByRole('button', {name, exact: true}).click();

test('A script is stored, run, and what it says is shown, also when it fails', async () => {
    await opened();
    await says('#scripts-list', /^None yet$/);
    await choose('#scripts-upload', 'hello.sh', '#!/bin/sh\necho hello $((40 + 2))\n');
    assert.deepEqual(await names('#scripts-list'), ['hello.sh']);
    await press('Run: hello.sh');
    await says('#scripts-state', /^hello\.sh has ended\.$/);
    assert.equal(await page.locator('#scripts-output').textContent(), 'hello 42\n');
    await choose('#scripts-upload', 'fails.sh', '#!/bin/sh\necho no such disk >&2\nexit 3\n');
    assert.equal(await page.locator('#scripts-output').isHidden(), true, 'what another said is gone');
    await press('Run: fails.sh');
    await says('#scripts-state', /^fails\.sh has failed\.$/);
    assert.match(await page.locator('#scripts-output').textContent(), /exit status 3\nno such disk/);
});

test('One that runs in the background is not waited for', async () => {
    await opened();
    const done = path.join(folder, 'done');
    await choose('#scripts-upload', 'long.sh', `#!/bin/sh\nread -r go < ${folder}/go\necho "$go" > ${done}\n`);
    execFileSync('mkfifo', [path.join(folder, 'go')]);
    await press('Run in the background: long.sh');
    await says('#scripts-state', /^long\.sh runs in the background\./);
    await writeFile(path.join(folder, 'go'), 'went\n');
    await until(async () => await readFile(done, 'utf8').catch(() => '') === 'went\n', 'it runs to its end');
});

test('What is no name of a script is refused with the reason', async () => {
    await opened();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#scripts-upload')]);
    await chooser.setFiles({name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('nothing')});
    await says('#scripts-box .error', /^invalid arguments: .+/);
});

test('A script is deleted only after it was asked for again', async () => {
    await opened();
    await until(async () => (await names('#scripts-list')).includes('hello.sh'), 'it is there');
    await press('Delete: hello.sh');
    assert.match(await page.locator('#sure-text').textContent(), /^hello\.sh is deleted from the KVM/);
    await page.keyboard.press('Escape');
    await page.locator('#sure').waitFor({state: 'detached'});
    await press('Delete: hello.sh');
    await page.click('#sure [value="yes"]');
    await says('#scripts-state', /^Deleted: hello\.sh$/);
    await until(async () => !(await names('#scripts-list')).includes('hello.sh'), 'it is gone');
});

test('What runs at each start is stored, shown and deleted', async () => {
    await opened();
    await choose('#autostart-upload', '10-first', '#!/bin/sh\ntrue\n');
    assert.deepEqual(await names('#autostart-list'), ['10-first']);
    await press('Show: 10-first');
    await until(async () => await page.locator('#scripts-output').textContent() === '#!/bin/sh\ntrue\n', 'its text');
    await press('Delete: 10-first');
    await page.click('#sure [value="yes"]');
    await says('#autostart-list', /^None yet$/);
});
