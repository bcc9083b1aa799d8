// SPDX-License-Identifier: LGPL-2.1-or-later
// A password in the form the sign-in and change-password calls take it in.
//
// This only hides a password from a glance at the traffic: the passphrase is public. Use https
// where the network is not trusted.
//
// Source  OpenSSL's EVP_BytesToKey with MD5, one round, and its "Salted__" file header

import {md5} from './md5.js';
import {aes256cbc} from './aes.js';

const PASSPHRASE = new TextEncoder().encode('nanokvm-sipeed-2024');
const HEADER = new TextEncoder().encode('Salted__');

function joined(...parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
    return out;
}

/// The 32-byte key and 16-byte IV that belong to a salt.
export function derive(salt) {
    const first = md5(joined(PASSPHRASE, salt));
    const second = md5(joined(first, PASSPHRASE, salt));
    return {key: joined(first, second), iv: md5(joined(second, PASSPHRASE, salt))};
}

async function encrypt({key, iv}, message) {
    const subtle = globalThis.crypto?.subtle;
    if (!subtle)
        return aes256cbc(key, iv, message);
    const name = 'AES-CBC';
    const secret = await subtle.importKey('raw', key, name, false, ['encrypt']);
    return new Uint8Array(await subtle.encrypt({name, iv}, secret, message));
}

/// The text to put into a password field. Pass a salt only to get a known result.
export async function wireForm(password, salt = crypto.getRandomValues(new Uint8Array(8))) {
    const secret = await encrypt(derive(salt), new TextEncoder().encode(password));
    const text = btoa(String.fromCharCode(...joined(HEADER, salt, secret)));
    return encodeURIComponent(text);
}
