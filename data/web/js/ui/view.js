// SPDX-License-Identifier: LGPL-2.1-or-later
// How things look: picture size, mouse mode, colours, full screen; and where the picture is.
//
// Facts it sets  view: "fit" or "actual"; mouse: "absolute" or "relative"; theme: "auto", "light"
//                or "dark"

import {pictureRect} from '../geometry.js';
import {t} from '../i18n.js';
import {byId, notify, onClick, recall, remember} from './dom.js';

const CHOICES = {
    view: ['fit', 'actual'],
    mouse: ['absolute', 'relative'],
    theme: ['auto', 'light', 'dark'],
};

/// The remembered choices, as facts.
export const remembered = () => Object.fromEntries(
    Object.entries(CHOICES).map(([name, allowed]) => [name, recall(name, allowed)]));

const onCanvas = (transport) => transport === 'direct' || transport === 'mjpeg';

/// The element that shows the picture now, and that picture's size in its own pixels.
function shown({transport}) {
    const [video, canvas] = [byId('video'), byId('canvas')];
    return onCanvas(transport)
        ? {element: canvas, width: canvas.width, height: canvas.height}
        : {element: video, width: video.videoWidth, height: video.videoHeight};
}

/// The picture's rectangle on the page, or null.
export function pictureBox(facts) {
    const {element, width, height} = shown(facts);
    return pictureRect(element.getBoundingClientRect(), width, height);
}

/// Wires the view menu and the full-screen button.
export function mindView(store) {
    for (const name of Object.keys(CHOICES)) {
        for (const radio of document.querySelectorAll(`input[name="${name}"]`)) {
            radio.checked = radio.value === store.facts[name];
            radio.addEventListener('change', () => {
                remember(name, radio.value);
                store.set({[name]: radio.value});
            });
        }
    }
    store.on(['theme'], ({theme}) => { document.documentElement.dataset.theme = theme; });
    const size = () => {
        const {element, width, height} = shown(store.facts);
        const scale = store.facts.view === 'actual' && width ? 1 / devicePixelRatio : 0;
        element.style.width = scale ? `${width * scale}px` : '';
        element.style.height = scale ? `${height * scale}px` : '';
    };
    store.on(['view', 'transport', 'mouse'], ({view, transport, mouse}) => {
        Object.assign(byId('stage').dataset, {view, mouse});
        byId('video').hidden = onCanvas(transport);
        byId('canvas').hidden = !onCanvas(transport);
        size();
    });
    for (const id of ['video', 'canvas'])
        byId(id).addEventListener('resize', size);
    window.addEventListener('resize', size);
    mindFullScreen();
}

function mindFullScreen() {
    const screen = byId('screen');
    byId('fullscreen').hidden = !document.fullscreenEnabled;
    onClick('fullscreen', async () => {
        try {
            await screen.requestFullscreen({navigationUI: 'hide'});
            byId('stage').focus();
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
