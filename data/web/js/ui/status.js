// SPDX-License-Identifier: LGPL-2.1-or-later
// What the page says about the state of things: upper line, notices, lights, figures.

import {t} from '../i18n.js';
import {fallbackText, figureTexts, keeperOf, otherOwner, stateLine, waitingText} from '../words.js';
import {byId, mark, onClick} from './dom.js';

const TOAST_MS = 4000;

/// Shows the facts; tryWebrtc() is called by the button of the fallback notice.
export function mindStatus(store, tryWebrtc) {
    const told = ['online', 'socket', 'wasConnected', 'video', 'transport', 'troubles', 'signal',
                  'stale', 'late', 'way', 'language'];
    store.on(told, (facts) => {
        const {tone, text} = stateLine(facts);
        const state = byId('state');
        state.dataset.tone = tone;
        if (state.textContent !== text) // a live region speaks at every change, so change only then
            state.textContent = state.title = text;
        byId('waiting').textContent = waitingText(facts);
        const fallback = fallbackText(facts);
        byId('fallback').hidden = !fallback;
        byId('fallback').querySelector('span').textContent = fallback;
        byId('try-webrtc').textContent = t(facts.way === 'auto' ? 'fallback.again' : 'way.auto');
    });
    onClick('try-webrtc', tryWebrtc);
    byId('notice').querySelector('button').addEventListener('click', () => {
        byId('notice').hidden = true;
    });
    store.on(['leds', 'language'], ({leds}) => {
        light('num', leds?.numLock);
        light('caps', leds?.capsLock);
        light('scroll', leds?.scrollLock);
    });
    store.on(['power', 'language'], ({power}) => {
        light('pwr', power?.pwr);
        light('hdd', power?.hdd);
    });
    store.on(['figures', 'signal', 'language'], ({figures, signal}) => {
        for (const [name, text] of Object.entries(figureTexts(figures, signal)))
            document.querySelector(`[data-figure="${name}"]`).textContent = text;
    });
    store.on(['captured', 'locked', 'mouse', 'owner', 'hold', 'language'], (facts) => showGrip(facts));
    store.on(['host'], ({host}) => {
        byId('host').textContent = host;
        document.title = host ? `${host} – Pantograph` : 'Pantograph';
    });
}

const lights = new Map(); // what each was; undefined while nobody knows

/// Shows a light; who does not see it hears of its change.
function light(name, on) {
    const led = document.querySelector(`[data-led="${name}"]`);
    mark(led, 'data-on', on);
    led.textContent = t(`light.${name}`);
    const state = on === undefined ? 'light.unknown' : on ? 'light.on' : 'light.off';
    led.ariaLabel = t(state, {light: led.textContent});
    const before = lights.get(name);
    lights.set(name, on);
    if (![before, on].includes(undefined) && on !== before && name !== 'hdd') // that one flickers
        byId('said').textContent = led.ariaLabel;
}

let fading = 0;

/// Shows a sentence over the screen for a few seconds; "" takes it away.
export function toast(text) {
    clearTimeout(fading);
    byId('toast').textContent = text;
    fading = setTimeout(() => { byId('toast').textContent = ''; }, TOAST_MS);
}

let gripSpoke = false; // over the screen; what others said there is left alone

/// Who has the keyboard, in the lower bar, at the frame and, in full screen, for a moment over it.
function showGrip({captured, locked, mouse, owner, hold}) {
    mark(byId('screen'), 'data-captured', captured);
    mark(byId('stage'), 'data-captured', captured);
    const grip = byId('grip');
    const kept = keeperOf(hold)?.name;
    const other = kept || otherOwner(owner);
    mark(grip, 'data-other', captured && other);
    grip.replaceChildren(...gripParts({captured, locked, mouse, other, kept}));
    const speaks = captured && Boolean(other || document.fullscreenElement);
    if (speaks || gripSpoke)
        toast(speaks ? grip.textContent : '');
    gripSpoke = speaks;
}

function gripParts({captured, locked, mouse, other, kept}) {
    if (!captured) {
        const last = kept ? t('hold.theirs', {name: kept}) : other && t('grip.last', {owner: other});
        return [t('grip.free'), last && ` ${last}`];
    }
    const key = kept ? 'hold.grip' : other ? 'grip.other' : 'grip.yours';
    const [before, after] = t(key, {owner: other, chord: '\n'}).split('\n');
    const chord = ['key.ctrl', 'key.alt', 'key.shift'].flatMap((key, i) => {
        const cap = document.createElement('kbd');
        cap.textContent = t(key);
        return i ? [' + ', cap] : [cap];
    });
    // In full screen Escape is the computer's.
    const words = !locked ? 'grip.lock' : document.fullscreenElement ? '' : 'grip.locked';
    const rest = mouse === 'relative' && words ? ` ${t(words)}` : '';
    return [before, ...chord, after + rest];
}
