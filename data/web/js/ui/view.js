// SPDX-License-Identifier: LGPL-2.1-or-later
// How things look: picture size, mouse mode, colours, full screen; and where the picture is.
//
// Facts it sets  view: "fit", "fill" or "actual"; mouse: "absolute" or "relative"; theme: "auto", "light"
//                or "dark"; touch: "direct" or "trackpad"; cursor: "cross", "dot", "arrow" or "none";
//                codec: "h264" or "h265", by WebRTC; speed and wheel: how much a movement and a notch
//                count; direction: "usual" or "reversed";
//                modifiers: one of MODIFIER_CHOICES

import {pictureRect} from '../geometry.js';
import {t} from '../i18n.js';
import {MODIFIER_CHOICES} from '../keyboard.js';
import {ZOOM_STEP} from '../zoom.js';
import {attempt, byId, loadPart, notify, onClick, recall, remember} from './dom.js';
import {toast} from './status.js';

const CHOICES = {
    view: ['fit', 'fill', 'actual'],
    mouse: ['absolute', 'relative'],
    modifiers: MODIFIER_CHOICES,
    theme: ['auto', 'light', 'dark'],
    codec: ['h264', 'h265'],
    touch: ['direct', 'trackpad'],
    cursor: ['cross', 'dot', 'arrow', 'none'],
    speed: ['1', '0.5', '2', '3'],
    wheel: ['1', '0.5', '2', '3'],
    direction: ['usual', 'reversed'],
};

/// What one can choose of a fact.
export const choices = (name) => CHOICES[name];

/// Chooses it, and remembers that.
export function choose(store, name, value) {
    remember(name, value);
    store.set({[name]: value, ...(name === 'view' && {zoom: 1})});
}

/// The remembered choices, as facts.
export const remembered = () => Object.fromEntries(
    Object.entries(CHOICES).map(([name, allowed]) => [name, recall(name, allowed)]));

const onCanvas = (transport) => transport === 'direct' || transport === 'mjpeg';

/// The element that shows the picture now, and that picture's size in its own pixels.
export function shown({transport}) {
    const [video, canvas] = [byId('video'), byId('canvas')];
    return onCanvas(transport)
        ? {element: canvas, width: canvas.width, height: canvas.height}
        : {element: video, width: video.videoWidth, height: video.videoHeight};
}

/// The picture's rectangle on the page, and how it is turned; or null.
export function pictureBox(facts) {
    const {element, width, height} = shown(facts);
    return pictureRect(element.getBoundingClientRect(), width, height, facts.turn);
}

/// Wires the view menu and the full-screen button.
export function mindView(store, zoom) {
    for (const name of Object.keys(CHOICES)) {
        for (const radio of document.querySelectorAll(`input[name="${name}"]`)) {
            radio.checked = radio.value === store.facts[name];
            radio.addEventListener('change', () => choose(store, name, radio.value));
        }
    }
    store.on(['theme'], ({theme}) => { document.documentElement.dataset.theme = theme; });
    store.on(['transport', 'mouse', 'cursor'], ({transport, mouse, cursor}) => {
        Object.assign(byId('stage').dataset, {mouse, cursor});
        byId('video').hidden = onCanvas(transport);
        byId('canvas').hidden = !onCanvas(transport);
    });
    onClick('zoom-in', () => zoom.by(ZOOM_STEP));
    onClick('zoom-out', () => zoom.by(1 / ZOOM_STEP));
    onClick('zoom-reset', () => zoom.reset());
    onClick('zoom-turn', () => zoom.turnRight());
    byId('pip').hidden = !document.pictureInPictureEnabled;
    onClick('pip', () => attempt(async () => (await loadPart(() => import('./pip.js'))).open(store)));
    onClick('adjust', () => attempt(async () => (await loadPart(() => import('./adjust.js'), 'adjust')).open(store)));
    mindFullScreen();
}

function mindFullScreen() {
    const screen = byId('screen');
    byId('fullscreen').hidden = !document.fullscreenEnabled;
    onClick('fullscreen', async () => {
        try {
            await screen.requestFullscreen({navigationUI: 'hide'});
            byId('stage').focus();
            if (!navigator.keyboard?.lock)
                toast(t('view.no-lock'));
        } catch {
            notify(t('error.full-screen'));
        }
    });
    document.addEventListener('fullscreenchange', () => {
        const on = document.fullscreenElement === screen;
        // Gives Alt-Tab, Meta and Escape to the computer; held, Escape still leaves full screen.
        if (on)
            navigator.keyboard?.lock?.().catch(() => {});
        else
            navigator.keyboard?.unlock?.();
    });
}
