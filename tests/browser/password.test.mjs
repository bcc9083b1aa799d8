// SPDX-License-Identifier: LGPL-2.1-or-later
// The password form of data/web/js against known answers and against OpenSSL's own arithmetic.

import {test} from 'node:test';
import assert from 'node:assert/strict';
import {createCipheriv, createHash, randomBytes, webcrypto} from 'node:crypto';
import {md5} from '../../data/web/js/md5.js';
import {aes256cbc} from '../../data/web/js/aes.js';
import {derive, wireForm} from '../../data/web/js/password.js';

globalThis.crypto ??= webcrypto; // node 18 has it, but not as a global

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

test('MD5 agrees with OpenSSL for every length around its block size', () => {
    for (let length = 0; length < 140; ++length) {
        const message = randomBytes(length);
        assert.equal(hex(md5(message)), createHash('md5').update(message).digest('hex'));
    }
});

test('AES-256-CBC agrees with OpenSSL for every length around its block size', () => {
    for (let length = 0; length < 50; ++length) {
        const [key, iv, message] = [randomBytes(32), randomBytes(16), randomBytes(length)];
        const cipher = createCipheriv('aes-256-cbc', key, iv);
        const expected = Buffer.concat([cipher.update(message), cipher.final()]);
        assert.equal(hex(aes256cbc(key, iv, message)), hex(expected));
    }
});

test('The key and IV of a known salt are the documented ones', () => {
    const {key, iv} = derive(salt);
    assert.equal(hex(key), '42c3fe5fe864ee325657646ae8c9d363ba0b3496e5a88c44ba6ce6eea6c952fe');
    assert.equal(hex(iv), '116c9a4f3b5668e5f13c47b174267d36');
});

test('A password becomes the documented text', async () => {
    assert.equal(await wireForm('admin', salt), 'U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ%3D');
    const long = 'U2FsdGVkX18BAgMEBQYHCOLRbhNYdvZvm7RmtoZSeBBex8SIOSXXoJTbScdA1nzoBazOoUqKPg6Ob2'
        + 'dXlnsKTQ==';
    assert.equal(await wireForm('correct horse battery staple 1234567890', salt),
                 encodeURIComponent(long));
});

test('Without WebCrypto, as on plain http, the text is the same', async (t) => {
    const subtle = t.mock.getter(crypto, 'subtle', () => undefined);
    assert.equal(await wireForm('admin', salt), 'U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ%3D');
    assert.ok(subtle.mock.callCount() > 0);
});

test('Two forms of one password differ, because the salt is random', async () => {
    assert.notEqual(await wireForm('admin'), await wireForm('admin'));
});
