// SPDX-License-Identifier: LGPL-2.1-or-later
// Macros of this page: recorded from the keys that go to the computer, played, saved and read as files.
//
// They are in memory only, and are gone with the page or the session; see docs/decisions/0016.

import {clockTime, t} from '../i18n.js';
import {duration, fromText, play, Recorder, toText} from '../macro.js';
import {confirmed, openDialog} from './dialog.js';
import {byId, entries, make, mark, spans} from './dom.js';

const MOST_BYTES = 4 << 20; // of a file that is read

let macros = []; // {name, steps}
let numbered = 0; // names given so far
let recorder = null;
let watching = false;

/// Opens the dialog. keyboard is what keys are recorded from and played on, back() gives it to the computer.
export async function open(store, keyboard, back) {
    watch(store, keyboard);
    if (recorder)
        return stopRecording();
    const list = make('ul', {id: 'macro-list', className: 'rows'});
    const said = make('p', {className: 'soft said', role: 'status'});
    const pace = make('select', {id: 'macro-pace'}, ...['timed', 'steady'].map(
        (value) => make('option', {value}, t(`macros.${value}`))));
    const progress = make('progress', {max: 1, value: 0, hidden: true, ariaLabel: t('macros.progress')});
    const file = make('input', {type: 'file', accept: '.json,application/json', hidden: true});
    const stop = make('button', {type: 'button', id: 'macro-stop', textContent: t('macros.stop'), hidden: true});
    const read = make('button', {type: 'button', textContent: t('macros.read')});
    const record = make('button', {type: 'button', id: 'macro-record', className: 'primary', textContent: t('macros.record')});
    const {dialog, act} = openDialog('macros', t('macros.title'), [
        make('p', {className: 'soft', textContent: t('macros.about')}), list,
        make('label', {htmlFor: pace.id, textContent: t('macros.pace')}), pace, progress, said, file,
    ], [stop, read, record]);
    let playing = null; // what stops it

    const fill = () => list.replaceChildren(...entries(macros.map(row), t('macros.none')));
    const busy = (on) => {
        progress.hidden = stop.hidden = !on;
        for (const part of [record, read, pace, ...list.querySelectorAll('button, input')])
            part.disabled = on;
        if (on)
            stop.focus();
    };
    const halt = () => playing?.abort();

    async function playOne({name, steps}) {
        playing = new AbortController();
        busy(true);
        said.textContent = '';
        const whole = await play(steps, keyboard, {
            steady: pace.value === 'steady', signal: playing.signal, told: (share) => { progress.value = share; }});
        playing = null;
        busy(false);
        said.textContent = t(whole ? 'macros.played' : 'macros.stopped', {name});
        record.focus();
    }

    function row(macro) {
        const name = make('input', {value: macro.name, maxLength: 64, ariaLabel: t('macros.name'), autocomplete: 'off',
                                    spellcheck: false});
        name.addEventListener('change', () => {
            macro.name = name.value.trim() || macro.name;
            fill();
        });
        const button = (key, action) => {
            const made = make('button', {type: 'button', className: 'quiet', textContent: t(key),
                                         ariaLabel: `${t(key)}: ${macro.name}`});
            made.addEventListener('click', action);
            return made;
        };
        const about = t('macros.length', {count: macro.steps.filter(({down}) => down).length,
                                          time: clockTime(duration(macro.steps) / 1000)});
        return make('span', {className: 'row'}, make('span', {className: 'what'}, name, ...spans(about)),
            button('macros.play', () => playOne(macro)),
            button('macros.save', () => save(macro)),
            button('macros.drop', () => {
                macros = macros.filter((one) => one !== macro);
                fill();
                record.focus();
            }));
    }

    record.addEventListener('click', () => {
        dialog.close();
        startRecording(store, back);
    });
    stop.addEventListener('click', halt);
    const closed = new AbortController();
    for (const type of ['blur', 'pagehide'])
        window.addEventListener(type, halt, closed); // what nobody sees is not typed; timers are late then
    dialog.addEventListener('close', () => {
        halt();
        closed.abort();
    });
    read.addEventListener('click', () => file.click());
    file.addEventListener('change', () => act(async () => {
        const [chosen] = file.files;
        file.value = '';
        const macro = chosen.size <= MOST_BYTES ? fromText(await chosen.text()) : null;
        if (!macro)
            throw new Error(t('macros.no-macro'));
        macros.push(macro);
        fill();
    }));
    fill();
    record.focus();
    return undefined;
}

/// Listens to keyboard and session, once.
function watch(store, keyboard) {
    if (watching)
        return;
    watching = true;
    keyboard.watch(() => {
        recorder?.take(keyboard.codes, performance.now());
        count();
    });
    store.on(['captured'], ({captured}) => {
        if (!captured)
            recorder?.left();
        count();
    });
    store.on(['session'], ({session}) => {
        if (session === 'signed-in')
            return;
        macros = []; // of somebody who is gone
        recorder = null;
        count();
    });
    byId('macro-end').addEventListener('click', () => byId('macros-open').click());
}

function startRecording(store, back) {
    recorder = new Recorder();
    count();
    back();
}

/// Keeps what was recorded, and opens the dialog again where it is listed.
function stopRecording() {
    const {steps} = recorder;
    recorder = null;
    count();
    if (steps.length)
        macros.push({name: t('macros.numbered', {number: ++numbered}), steps});
    byId('macros-open').click();
}

/// Says at the top of the page how much is recorded.
function count() {
    const bar = byId('macro-bar');
    mark(bar, 'hidden', !recorder);
    if (recorder)
        bar.querySelector('span').textContent = t('macros.recording', {
            count: recorder.steps.filter(({down}) => down).length});
}

/// Saves one as a file, once the person knows what that means.
async function save(macro) {
    if (!await confirmed(t('macros.save-title'), t('macros.save-text'), t('macros.save')))
        return;
    const url = URL.createObjectURL(new Blob([toText(macro)], {type: 'application/json'}));
    make('a', {href: url, download: `${macro.name.replace(/[^\p{L}\p{N} _-]/gu, '_')}.json`}).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
