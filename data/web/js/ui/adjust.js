// SPDX-License-Identifier: LGPL-2.1-or-later
// The dialog for mouse and picture: what is set once, and then seldom; made when it is first opened.
//
// What concerns this page only holds at once; what concerns everybody who watches is sent by a button.

import * as api from '../api.js';
import {canDecode} from '../codecs.js';
import {t} from '../i18n.js';
import {openDialog} from './dialog.js';
import {make} from './dom.js';
import {choices, choose} from './view.js';

/// The names of what one can choose; a name that is the same everywhere is a text already.
const NAMES = {
    speed: {0.5: '½ ×', 1: '1 ×', 2: '2 ×', 3: '3 ×'},
    wheel: {0.5: '½ ×', 1: '1 ×', 2: '2 ×', 3: '3 ×'},
    direction: {usual: 'adjust.usual', reversed: 'adjust.reversed'},
    cursor: {cross: 'adjust.cross', dot: 'adjust.dot', arrow: 'adjust.arrow', none: 'adjust.none'},
    codec: {h264: 'H.264', h265: 'H.265'},
    way: {auto: 'adjust.auto', webrtc: 'WebRTC', direct: 'H.264, WebSocket', mjpeg: 'MJPEG'},
};
const LABELS = {
    speed: 'adjust.speed', wheel: 'adjust.wheel', direction: 'adjust.direction', cursor: 'adjust.cursor',
    way: 'adjust.way', codec: 'adjust.codec',
};

/// What is sent for everybody: the values and their unit, by the type of /api/vm/screen; quality is JPEG's
/// up to 100 and H.264's bit rate in kbit/s above.
const SHARED = [
    {label: 'adjust.size', type: 'resolution', values: [0, 1080, 720, 600, 480],
     name: (value) => (value ? `${value}p` : t('adjust.native'))},
    {label: 'adjust.fps', type: 'fps', values: [60, 30, 20, 10],
     name: (value) => t('unit.fps', {value})},
    {label: 'adjust.bits', type: 'quality', values: [20000, 8000, 5000, 3000, 2000, 1000, 500],
     name: (value) => t('unit.kbps', {value})},
    {label: 'adjust.jpeg', type: 'quality', values: [95, 80, 60, 40, 20], name: String},
];

const named = (name) => (name.includes('.') && /^[a-z]/.test(name) ? t(name) : name);

/// A choice with its label.
function field(label, options, value) {
    const select = make('select', {}, ...options.map(([key, name]) => make('option', {value: key}, name)));
    select.value = value;
    return [make('label', {}, t(label), select), select];
}

/// Opens the dialog; store has the facts.
export function open(store) {
    const parts = here(store);
    if (store.facts.role === 'admin')
        parts.push(jiggler(store), everybody());
    openDialog('adjust-box', t('adjust.title'), parts);
}

/// What holds for this page.
function here(store) {
    const fields = Object.entries(LABELS).map(([fact, label]) => {
        const options = [...choices(fact) ?? Object.keys(NAMES[fact])].sort((a, b) => a - b)
            .map((value) => [value, named(NAMES[fact][value])]);
        const [whole, select] = field(label, options, store.facts[fact]);
        select.name = fact;
        if (fact === 'codec')
            offerCodecs(whole);
        select.addEventListener('change',
            () => (choices(fact) ? choose(store, fact, select.value) : store.set({[fact]: select.value})));
        return whole;
    });
    const way = fields.pop();
    return [make('div', {className: 'pair'}, ...fields), way];
}

/// There is a choice where the KVM makes H.265 and this browser decodes it.
async function offerCodecs(whole) {
    whole.hidden = true;
    const {encoders} = canDecode('h265') ? await api.stats().catch(() => ({encoders: []})) : {encoders: []};
    whole.hidden = !encoders.some(({codec}) => codec === 'h265');
}

/// Whether the mouse moves by itself.
function jiggler(store) {
    const box = make('input', {type: 'checkbox', name: 'jiggler', disabled: true});
    const error = make('p', {className: 'error', role: 'alert'});
    api.jiggler().then(({enabled}) => Object.assign(box, {checked: enabled, disabled: false}),
                       (failure) => { error.textContent = failure.message; });
    box.addEventListener('change', async () => {
        error.textContent = '';
        try {
            await api.setJiggler(box.checked, store.facts.mouse);
        } catch (failure) {
            box.checked = !box.checked;
            error.textContent = failure.message;
        }
    });
    return make('div', {}, make('label', {className: 'check'}, box, t('adjust.jiggler')),
                make('p', {className: 'soft'}, t('adjust.jiggler-about')), error);
}

/// What holds for all who watch.
function everybody() {
    const said = make('p', {className: 'soft', role: 'status'});
    const error = make('p', {className: 'error', role: 'alert'});
    const fields = SHARED.map(({label, values, name}) => field(
        label, [['', t('adjust.as-is')], ...values.map((value) => [String(value), name(value)])], ''));
    const form = make('form', {id: 'adjust-all'},
                      make('h3', {}, t('adjust.all')),
                      make('p', {className: 'soft'}, t('adjust.all-about')),
                      make('div', {className: 'pair'}, ...fields.map(([whole]) => whole)), said, error,
                      make('button', {className: 'primary'}, t('adjust.set')));
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        said.textContent = error.textContent = '';
        try {
            for (const [i, [, select]] of fields.entries()) {
                if (select.value !== '')
                    await api.setScreen(SHARED[i].type, Number(select.value));
            }
            said.textContent = t('adjust.done');
        } catch (failure) {
            error.textContent = failure.message;
        }
    });
    return form;
}
