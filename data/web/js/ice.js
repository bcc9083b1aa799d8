// SPDX-License-Identifier: LGPL-2.1-or-later
// The STUN and TURN servers that a WHEP answer names, as RTCPeerConnection takes them.
//
// Source  RFC 9725, section 4.6; RFC 8288 and RFC 9110 for the field

const LINK = /<([^>]*)>((?:\s*;\s*[\w-]+=(?:"(?:\\.|[^"\\])*"|[^\s;,"]*))*)/g;
const PARAMETER = /([\w-]+)=(?:"((?:\\.|[^"\\])*)"|([^\s;,"]*))/g;

/// From the value of Link fields, several joined by commas; null: there is none.
export function iceServers(link) {
    const bytes = Uint8Array.from(link ?? '', (byte) => byte.charCodeAt(0)); // scripts get them so
    const servers = [];
    for (const [, urls, parameters] of new TextDecoder().decode(bytes).matchAll(LINK)) {
        const found = {};
        for (const [, name, quoted, bare] of parameters.matchAll(PARAMETER))
            found[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare;
        const {rel, username, credential} = found;
        if (rel === 'ice-server' && /^(stun|turn)s?:/.test(urls))
            servers.push(username === undefined ? {urls} : {urls, username, credential});
    }
    return servers;
}
