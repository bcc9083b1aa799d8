// SPDX-License-Identifier: LGPL-2.1-or-later
// MD5 of bytes; only the password form of the wire needs it, and WebCrypto does not offer it.
//
// Source  RFC 1321, sections 3.3 to 3.5

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Uint32Array.from({length: 64}, (_, i) => Math.abs(Math.sin(i + 1)) * 2 ** 32);

/// One of the four rounds: the mixing function and the word it takes.
function step(i, b, c, d) {
    switch (i >> 4) {
    case 0: return [(b & c) | (~b & d), i];
    case 1: return [(d & b) | (~d & c), (5 * i + 1) & 15];
    case 2: return [b ^ c ^ d, (3 * i + 5) & 15];
    default: return [c ^ (b | ~d), (7 * i) & 15];
    }
}

/// The message with its 1 bit, zeros and 64-bit length appended.
function padded(message) {
    const out = new Uint8Array(((message.length + 72) >> 6) << 6);
    out.set(message);
    out[message.length] = 0x80;
    const view = new DataView(out.buffer);
    view.setUint32(out.length - 8, message.length << 3, true);
    view.setUint32(out.length - 4, message.length >>> 29, true);
    return view;
}

/// The 16-byte digest of a Uint8Array.
export function md5(message) {
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    const blocks = padded(message);
    for (let at = 0; at < blocks.byteLength; at += 64) {
        let [a, b, c, d] = state;
        for (let i = 0; i < 64; ++i) {
            const [mix, word] = step(i, b, c, d);
            const sum = (a + mix + SINES[i] + blocks.getUint32(at + 4 * word, true)) | 0;
            const by = SHIFTS[((i >> 4) << 2) | (i & 3)];
            [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
        }
        [a, b, c, d].forEach((value, i) => { state[i] = (state[i] + value) | 0; });
    }
    const digest = new DataView(new ArrayBuffer(16));
    state.forEach((value, i) => digest.setInt32(4 * i, value, true));
    return new Uint8Array(digest.buffer);
}
