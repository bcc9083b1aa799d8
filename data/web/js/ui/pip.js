// SPDX-License-Identifier: LGPL-2.1-or-later
// Picture in picture: the computer's screen in a small window over all others; fetched on first use.
//
// The video is shown itself; of a canvas, which the other ways draw on, a stream is. When the picture
// changes its way the window closes, which is said.

import {t} from '../i18n.js';
import {byId, make} from './dom.js';
import {toast} from './status.js';
import {shown} from './view.js';

let way = null;  // by which the picture came when the window was opened; null while there is none
let copy = null; // the video that shows the canvas' stream
let watched = false;

/// Opens it, or closes it when it is open; throws where the browser does not let it.
export async function open(store) {
    if (document.pictureInPictureElement) {
        await document.exitPictureInPicture();
        return;
    }
    if (!watched)
        store.on(['transport'], ({transport}) => way !== null && transport !== way && close());
    watched = true;
    try {
        const {element} = shown(store.facts);
        const video = element === byId('video') ? element : await copied(element);
        video.disablePictureInPicture = false;
        video.addEventListener('leavepictureinpicture', () => left(video), {once: true});
        await video.requestPictureInPicture();
        way = store.facts.transport;
    } catch {
        throw new Error(t('pip.error'));
    }
}

function close() {
    way = null;
    document.exitPictureInPicture().catch(() => {});
    toast(t('pip.closed'));
}

/// A video of what is drawn on the canvas, once it has its first picture.
async function copied(canvas) {
    copy = make('video', {muted: true, srcObject: canvas.captureStream()});
    await copy.play();
    return copy;
}

function left(video) {
    way = null;
    video.disablePictureInPicture = true; // no button of the browser's over the computer's screen
    if (video !== copy)
        return;
    for (const track of copy.srcObject.getTracks())
        track.stop();
    copy = null;
}
