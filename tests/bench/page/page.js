// SPDX-License-Identifier: LGPL-2.1-or-later
// The measuring page: connects by WHEP, reads the stamp in each presented frame, and times keys.
// Where window.relayed(answer) is there, it connects by a relay only: it says nothing of its own
// addresses, and is told none but the relay's.
const video = document.getElementById('video');
const canvas = document.createElement('canvas');
const kBits = 32;
const kCell = 16; // pixels of a stamp's cell
let pc, channel, session;

window.connect = async () => {
    pc = new RTCPeerConnection();
    pc.addTransceiver('video', {direction: 'recvonly'});
    channel = pc.createDataChannel('hid');
    const open = new Promise((done) => { channel.onopen = done; });
    pc.ontrack = (event) => { video.srcObject = new MediaStream([event.track]); };
    await pc.setLocalDescription();
    const {sdp} = pc.localDescription;
    const answer = await fetch('/whep', {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                         body: window.relayed ? sdp.replace(/a=candidate.*\r\n/g, '') : sdp});
    session = answer.headers.get('Location');
    if (answer.status !== 201) throw new Error(`whep: ${answer.status}`);
    const said = await answer.text();
    await pc.setRemoteDescription({type: 'answer', sdp: window.relayed ? await window.relayed(said) : said});
    await open;
    await nextFrame();
};

window.disconnect = async () => {
    pc.close();
    await fetch(session, {method: 'DELETE'});
};

const nextFrame = () => new Promise((done) => video.requestVideoFrameCallback(() => done()));
const wallNow = () => performance.timeOrigin + performance.now();

/** The stamp of the frame on show, in steps of 0.1 ms modulo 2^32; null when it cannot be read. */
function readStamp() {
    canvas.width = kBits * 4;
    canvas.height = 8;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(video, 0, 0, kBits * kCell, 2 * kCell, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const bit = (row, i) => (pixels[(row * canvas.width + i * 4 + 2) * 4] > 128 ? 1 : 0);
    let value = 0;
    let complement = 0;
    for (let i = 0; i < kBits; i++) {
        value = ((value << 1) | bit(2, i)) >>> 0;
        complement = ((complement << 1) | bit(6, i)) >>> 0;
    }
    return value === (~complement >>> 0) ? value : null;
}

/** Milliseconds from drawn to presented, one for each frame. */
window.glassToGlass = async (seconds) => {
    const out = [];
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
        await nextFrame();
        const now = Math.floor(wallNow() * 10) % 2 ** 32;
        const stamp = readStamp();
        if (stamp !== null) out.push(((now - stamp) | 0) / 10);
    }
    return out;
};

function picture() {
    canvas.width = 1280;
    canvas.height = 200;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(video, 0, 0, 1280, 200, 0, 0, 1280, 200);
    return context.getImageData(0, 30, 1280, 170).data;
}

function differs(a, b) {
    let changed = 0;
    for (let i = 1; i < a.length; i += 4) if (Math.abs(a[i] - b[i]) > 60) changed++;
    return changed > 20;
}

const report = (usage) => channel.send(new Uint8Array([1, 0, 0, usage, 0, 0, 0, 0, 0]));

/** Milliseconds from sending a key report to a frame that shows it. */
window.keyToPixel = async (count) => {
    const out = [];
    const kA = 4, kBackspace = 0x2a;
    for (let i = 0; i < count; i++) {
        await new Promise((done) => setTimeout(done, 120 + Math.random() * 60));
        await nextFrame();
        const before = picture();
        const start = performance.now();
        report(i % 2 ? kBackspace : kA);
        while (performance.now() - start < 1000) {
            await nextFrame();
            if (differs(before, picture())) {
                out.push(performance.now() - start);
                break;
            }
        }
        report(0);
    }
    return out;
};

/** What the browser counted since it connected. */
window.stats = async () => [...(await pc.getStats()).values()].find((s) => s.type === 'inbound-rtp');
