// SPDX-License-Identifier: LGPL-2.1-or-later
// AES-256-CBC encryption in plain JavaScript, for pages that plain http serves to another machine.
//
// WebCrypto exists in secure contexts only; password.js prefers it where it is there. What this
// protects is no secret anyway: the key is public (see password.js), so timing does not matter.
//
// Source  FIPS 197, section 5; PKCS#7 padding as in RFC 5652, section 6.3

const double = (x) => ((x << 1) ^ ((x & 0x80) ? 0x1b : 0)) & 0xff;

const SBOX = (() => {
    const box = new Uint8Array(256);
    let p = 1;
    let q = 1; // always the inverse of p
    do {
        p ^= double(p);
        q ^= q << 1;
        q ^= q << 2;
        q ^= q << 4;
        q &= 0xff;
        if (q & 0x80)
            q ^= 0x09;
        const rotated = (n) => (q << n) | (q >> (8 - n));
        box[p] = (q ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63) & 0xff;
    } while (p !== 1);
    box[0] = 0x63;
    return box;
})();

/// The 15 round keys of a 32-byte key, one after the other.
function expand(key) {
    const words = new Uint8Array(240);
    words.set(key);
    let rcon = 1;
    for (let at = 32; at < 240; at += 4) {
        let last = words.slice(at - 4, at);
        if (at % 32 === 0) {
            last = Uint8Array.of(last[1], last[2], last[3], last[0]).map((b) => SBOX[b]);
            last[0] ^= rcon;
            rcon = double(rcon);
        } else if (at % 32 === 16) {
            last = last.map((b) => SBOX[b]);
        }
        for (let i = 0; i < 4; ++i)
            words[at + i] = words[at - 32 + i] ^ last[i];
    }
    return words;
}

function add(block, words, round) {
    for (let i = 0; i < 16; ++i)
        block[i] ^= words[16 * round + i];
}

/// SubBytes and ShiftRows in one go: column-major bytes, row r turns left by r.
const substituted = (block) => block.map((_, i) => SBOX[block[(i + 4 * (i & 3)) & 15]]);

function mix(block) {
    for (let c = 0; c < 16; c += 4) {
        const [w, x, y, z] = block.subarray(c, c + 4);
        const all = w ^ x ^ y ^ z;
        block[c] ^= all ^ double(w ^ x);
        block[c + 1] ^= all ^ double(x ^ y);
        block[c + 2] ^= all ^ double(y ^ z);
        block[c + 3] ^= all ^ double(z ^ w);
    }
}

function encrypted(block, words) {
    add(block, words, 0);
    for (let round = 1; round < 15; ++round) {
        block = substituted(block);
        if (round < 14)
            mix(block);
        add(block, words, round);
    }
    return block;
}

/// Pads and encrypts; key is 32 bytes, iv 16, the result a whole number of 16-byte blocks.
export function aes256cbc(key, iv, message) {
    const words = expand(key);
    const fill = 16 - (message.length % 16);
    const out = new Uint8Array(message.length + fill).fill(fill);
    out.set(message);
    let chain = iv;
    for (let at = 0; at < out.length; at += 16) {
        chain = encrypted(out.slice(at, at + 16).map((b, i) => b ^ chain[i]), words);
        out.set(chain, at);
    }
    return out;
}
