// SPDX-License-Identifier: LGPL-2.1-or-later
// The computer's sound: muted until somebody wants it, as browsers demand; the daemon is told, so
// that nothing is captured for those who do not listen.
//
// Facts it sets  listening: whether it is to be heard

import {soundText} from '../words.js';
import {byId, onClick} from './dom.js';

/// Wires the button; store.facts.audible says whether there is sound. Returns what must know the
/// data channel: use(channel), null when there is none.
export function mindSound(store) {
    const [button, speaker] = [byId('sound'), byId('speaker')];
    let channel = null;
    const tell = () => channel?.send(JSON.stringify({sound: store.facts.listening}));

    onClick('sound', () => store.set({listening: !store.facts.listening}));
    store.on(['listening'], ({listening}) => {
        speaker.muted = !listening;
        if (listening)
            speaker.play().catch(() => {}); // it begins with the sound, if there is none yet
        tell();
    });
    store.on(['audible', 'listening', 'sound', 'language'], ({audible, listening, sound}) => {
        button.hidden = !audible;
        button.setAttribute('aria-pressed', listening);
        button.title = soundText(listening, sound);
        button.querySelector('use').setAttribute(
            'href', `icons/set.svg#${listening ? 'sound' : 'muted'}`);
    });
    return {
        use(open) {
            channel = open;
            tell();
        },
    };
}
