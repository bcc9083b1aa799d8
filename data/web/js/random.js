// SPDX-License-Identifier: LGPL-2.1-or-later

/// A text that nobody else comes upon: 32 hexadecimal digits.
export const randomText = () => [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0')).join('');
