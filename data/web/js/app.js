// SPDX-License-Identifier: LGPL-2.1-or-later
// App: makes the console's parts, connects them, and decides between sign-in and console.

import {STALE_MS, ageOf} from './age.js';
import * as api from './api.js';
import {Capture} from './capture.js';
import {ServerClock} from './clock.js';
import {Figures, NONE} from './figures.js';
import {percent, t} from './i18n.js';
import {Keyboard} from './keyboard.js';
import {Line} from './line.js';
import {Picture} from './picture.js';
import {Pointer} from './pointer.js';
import {Socket} from './socket.js';
import {Store} from './store.js';
import {Telling} from './telling.js';
import {askToSignIn, mindAccount} from './ui/account.js';
import {keepPicture, signInAgain} from './ui/again.js';
import {mindChart, rememberedChart} from './ui/chart.js';
import {mindChords} from './ui/chords.js';
import {attempt, byId, loadPart, onClick} from './ui/dom.js';
import {mindHold, tellHold} from './ui/hold.js';
import {beginSpeaking, mindLanguage} from './ui/language.js';
import {mindBoard} from './ui/later.js';
import {mindMenus} from './ui/menus.js';
import {mindPaste} from './ui/paste.js';
import {mindMachine} from './ui/machine.js';
import {mindPower} from './ui/power.js';
import {mindMedia} from './ui/media.js';
import {mindRecord} from './ui/record.js';
import {mindSoftKeyboard} from './ui/soft.js';
import {mindService} from './ui/service.js';
import {mindSound} from './ui/sound.js';
import {mindStatus, toast} from './ui/status.js';
import {mindView, pictureBox, remembered, shown} from './ui/view.js';
import {mindViewers} from './ui/viewers.js';
import {Zoom, keptZoom} from './zoom.js';
import {keeperOf} from './words.js';

const FIGURES_MS = 1000;
const TICK_MS = 250;

const store = new Store({
    language: await spokenLanguage(),
    session: 'unknown', user: '', role: '', host: '', online: navigator.onLine,
    socket: false, wasConnected: false,
    video: 'idle', way: 'auto', transport: '', troubles: [], signal: null, stale: false, late: false,
    leds: null, power: null, owner: null, shortcuts: [], hold: null,
    media: null, uploading: null, recording: null, audible: false, listening: false, sound: null,
    captured: false, locked: false,
    figures: NONE, chart: rememberedChart(), ...remembered(), ...keptZoom(),
});

/// No text is shown before there is a language to show it in.
async function spokenLanguage() {
    try {
        return await beginSpeaking();
    } catch (error) {
        document.documentElement.dataset.start = 'failed';
        throw error;
    }
}

const clock = new ServerClock();
const socket = new Socket({
    open: socketOpened, closed: socketClosed, message: (text) => take(text, 'socket'), signedOut,
    ping: () => clock.ping(),
});
const line = new Line(socket, () => keyboard.size > 0 || pointer.held);
const send = (report) => line.send(report);
const keyboard = new Keyboard(send, {mac: /Mac|iP(hone|ad)/.test(navigator.platform)});
const pointer = new Pointer(line, () => pictureBox(store.facts));
const zoom = new Zoom(store, byId('stage'), () => shown(store.facts),
                      (share) => toast(t('zoom.now', {share: percent(share)})));
const capture = new Capture(store, byId('stage'), keyboard, pointer, zoom);
const figures = new Figures(byId('video'), clock);
const telling = new Telling(figures);
const elements = {video: byId('video'), canvas: byId('canvas'), speaker: byId('speaker')};
const picture = new Picture(store, elements, {
    signedOut,
    channel: {
        open: (channel) => useChannel(channel),
        closed: () => useChannel(null),
        message: (text) => take(text, 'data channel'),
    },
});

/// Status messages of the daemon: which fact each kind is.
const FACTS = new Map([
    ['hid-led-status', 'leds'], ['input-owner', 'owner'], ['signal', 'signal'], ['power', 'power'],
    ['sound', 'sound'], ['input-hold', 'hold'],
]);

/// Takes a text message from the socket or the data channel. Who owns the input is told to each way
/// by itself, so only the way that input takes is believed.
function take(text, way) {
    let message;
    try {
        message = JSON.parse(text);
        if (clock.take(message, way === line.way))
            return;
        if (message.type === 'input-refused')
            refused(keeperOf(store.facts.hold));
        if (message.type === 'hold-event')
            tellHold(JSON.parse(message.data));
        if (message.type === 'hold-refused')
            toast(t('hold.not-done', JSON.parse(message.data)));
        if (message.type === 'consumer-keys')
            keyboard.consumer = JSON.parse(message.data).on;
        const fact = FACTS.get(message.type);
        if (fact && (fact !== 'owner' || way === line.way))
            store.set({[fact]: known(JSON.parse(message.data))});
    } catch {
        console.warn('a status message was not understood');
    }
}

const refused = (keeper) => toast(keeper ? t('hold.theirs', {name: keeper.name}) : t('grip.refused'));

/// Of a signal that nobody watched, nothing is.
const known = (value) => value.state === 'unknown' ? null : value;

function useChannel(channel) {
    capture.letGo(); // by the way it was pressed; the daemon knows each way by itself
    line.use(channel);
    listen.use(channel);
    line.send(clock.ping());
    store.set({owner: null});
}

function socketOpened() {
    line.socketOpened();
    socket.send(clock.ping());
    store.set({socket: true, wasConnected: true});
    picture.start();
    const learn = (call, fact) => call().then((value) => store.set({[fact]: value}), () => {});
    learn(api.power, 'power');
    learn(api.leds, 'leds');
}

function socketClosed() {
    if (line.way === '')
        capture.letGo();
    clock.reset();
    store.set({socket: false, owner: null, hold: null});
}

let last = ''; // who this page was for
let way = '';  // by which the picture came: it may have ended first

/// Shows the console when there is a session. It stays as it was for whom it was, and nobody else.
async function enter() {
    const {username, role} = await api.account();
    const who = `${role} ${username}`;
    if (last && last !== who)
        return location.reload();
    last = who;
    const again = store.facts.session === 'ended'; // the focus is where it was
    store.set({session: 'signed-in', user: username, role});
    if (!again)
        byId('stage').focus({preventScroll: true}); // Enter is enough from here
    api.info().then(({mdns, ips}) => store.set({host: mdns || ips?.[0]?.addr || ''}), () => {});
    socket.start();
    return undefined;
}

/// Ends what the session allowed. Who did not sign out here finds all as it was after signing in again.
function signedOut(why = t('signin.ended'), {here = false} = {}) {
    const {session} = store.facts;
    if (session === 'signed-out' || session === 'ended')
        return;
    const ended = session === 'signed-in' && !here;
    capture.release();
    if (ended)
        keepPicture(shown({transport: way}));
    picture.stop();
    store.set({session: ended ? 'ended' : 'signed-out', wasConnected: false, signal: null});
    socket.stop();
    if (ended)
        return signInAgain(store, why);
    store.set({user: '', role: ''});
    for (const dialog of document.querySelectorAll('dialog[open]'))
        dialog.close();
    return askToSignIn(why);
}

store.on(['session'], ({session}) => {
    document.body.dataset.session = session;
    byId('unstarted').hidden = session !== 'unknown';
    byId('welcome').hidden = session !== 'signed-out';
    byId('console').hidden = session !== 'signed-in' && session !== 'ended';
});
store.on(['transport'], ({transport}) => { way = transport || way; });
store.on(['modifiers'], ({modifiers}) => keyboard.setModifiers(modifiers));
store.on(['mouse'], ({mouse}) => capture.setRelative(mouse === 'relative'));
store.on(['mouse', 'touch'], ({mouse, touch}) => capture.setTrackpad(mouse === 'relative' || touch === 'trackpad'));
store.on(['way', 'codec'], () => store.facts.socket && picture.start());
store.on(['speed'], ({speed}) => { pointer.speed = Number(speed); });
store.on(['wheel', 'direction'], ({wheel, direction}) => pointer.setWheel(Number(wheel), direction === 'reversed'));

mindLanguage(store); // first: the others write into what it has written
mindMenus();
mindView(store, zoom);
mindStatus(store, () => (store.facts.way === 'auto' ? picture.start() : store.set({way: 'auto'})));
mindAccount(store, {signedIn: enter, signedOut});
mindPower(store);
mindMachine(store);
mindViewers(() => picture.session?.name);
mindHold(store, (deed, to) => socket.open && socket.send(JSON.stringify({hold: deed, to})));
const chart = mindChart(store, () => picture.session?.name);
mindRecord(store);
mindMedia(store);
const listen = mindSound(store);
mindPaste(() => capture.letGo());
mindSoftKeyboard((codes) => keyboard.tap(codes));
mindChords(store, keyboard, () => capture.take());
mindBoard(store, keyboard);
mindService(store);
onClick('reset-hid', () => attempt(api.resetHid));
window.addEventListener('pagehide', () => picture.stop());
window.addEventListener('pageshow', ({persisted}) => persisted && location.reload());
for (const type of ['online', 'offline'])
    window.addEventListener(type, () => store.set({online: navigator.onLine}));
window.addEventListener('online', () => store.facts.session === 'signed-in' && socket.start());

setInterval(async () => {
    if (line.way)
        line.send(clock.ping());
    const {session} = picture;
    const read = await figures.read(session);
    store.set({figures: read});
    chart.add(read);
    telling.tick(session);
}, FIGURES_MS);

let ticked = performance.now();

setInterval(() => {
    const now = performance.now();
    const awake = Math.min(now - ticked, 2 * TICK_MS); // what comes while it sleeps waits for it
    ticked = now;
    socket.tick(awake);
    picture.tick(awake);
    const shown = picture.session?.shown;
    const stale = ageOf(shown, clock, now) > STALE_MS;
    store.set({stale, late: stale && now - shown.at <= STALE_MS});
}, TICK_MS);

/// For tests and the curious, read only; see README.md.
Object.defineProperty(window, 'pantograph', {
    value: Object.freeze({
        facts: () => store.facts,
        stats: () => store.facts.figures,
        input: () => line.way,
        clockOffset: () => clock.offset,
        pictureBox: () => pictureBox(store.facts),
        video: byId('video'),
        canvas: byId('canvas'),
    }),
});

/// Asks to sign in, or to set the password where nobody has yet.
async function welcome(why) {
    signedOut(why);
    if (await api.setupDue().catch(() => false))
        await attempt(async () => (await loadPart(() => import('./ui/setup.js'))).open(enter));
}

/// Begins, and begins again while the daemon does not answer.
async function begin() {
    try {
        await enter();
    } catch (error) {
        if (error.kind !== 'unreachable')
            return welcome(error.kind === 'signed-out' ? '' : error.message);
        setTimeout(begin, FIGURES_MS);
    }
    return undefined;
}
begin();
