// SPDX-License-Identifier: LGPL-2.1-or-later
// The menu of what is kept of the screen: a picture, a recording, the last minute after the fact, and the
// files there are. Only admins may record.
//
// Facts it sets  recording: what the daemon says of it (see api.js); null while nobody knows

import * as api from '../api.js';
import {clockTime, megabytes, moment, t} from '../i18n.js';
import {confirmed} from './dialog.js';
import {attempt, byId, entries, make, mark, onClick, spans} from './dom.js';
import {toast} from './status.js';

const ASK_MS = 1000;
const KEPT_S = 60;
const LISTED = 12; // files, the newest

/// Wires the menu; it asks while it is open and while something is recorded.
export function mindRecord(store) {
    const [menu, keep, save] = ['recorder', 'record-keep', 'record-save'].map(byId);
    let timer = 0;

    const ask = async () => {
        clearTimeout(timer);
        if (store.facts.role !== 'admin')
            return;
        const recording = await api.recording().catch(() => store.facts.recording);
        store.set({recording});
        clearTimeout(timer);
        if (menu.open || recording?.on)
            timer = setTimeout(ask, ASK_MS);
    };
    const list = async () => {
        if (store.facts.role === 'admin')
            byId('recordings').replaceChildren(...items(await api.recordings().catch(() => []), remove));
    };
    const remove = async (name) => {
        if (await confirmed(t('record.delete-title'), t('record.delete-text', {name}), t('record.delete')))
            act(async () => {
                await api.deleteRecording(name);
                return t('record.deleted', {name});
            });
    };
    const act = (action) => attempt(async () => {
        const said = await action();
        await ask();
        toast(said);
        await list();
    });

    menu.addEventListener('toggle', () => {
        if (menu.open) {
            ask();
            list();
        }
    });
    onClick('record', () => act(async () => {
        if (!store.facts.recording?.on) {
            await api.startRecording();
            return t('record.running');
        }
        return t('record.saved', await api.stopRecording());
    }));
    onClick('record-save', () => act(async () => {
        const {names} = await api.saveKept();
        return t('record.saved', {name: names.join(', ')});
    }));
    keep.addEventListener('change', () => act(async () => {
        await api.keepSeconds(keep.checked ? KEPT_S : 0);
        return '';
    }));

    store.on(['role'], ({role}) => (role === 'admin' ? ask() : store.set({recording: null})));
    store.on(['recording', 'language'], ({recording}) => {
        const {on = false, seconds = 0, reason = '', window: kept} = recording ?? {};
        mark(menu, 'data-on', on);
        const summary = menu.querySelector('summary');
        summary.title = summary.ariaLabel = t(on ? 'record.running' : 'record.open');
        byId('record').textContent = t(on ? 'record.stop' : 'record.start');
        byId('record-state').textContent = on ? t('record.for', {time: clockTime(seconds)})
            : reason && t('record.ended', {reason});
        keep.checked = Boolean(kept?.seconds);
        save.disabled = !(kept?.kept > 0);
        save.textContent = save.disabled ? t('record.save')
            : t('record.save-kept', {time: clockTime(kept.kept)});
    });
}

/// What the list shows of files: each as a download that can be deleted, but for the one that is being
/// written.
function items(files, remove) {
    const whole = files.filter(({recording}) => !recording)
        .sort((a, b) => b.modified - a.modified).slice(0, LISTED);
    return entries(whole.map(({name, size, modified}) => {
        const link = document.createElement('a');
        link.href = `/api/stream/recordings/${encodeURIComponent(name)}`;
        link.download = name;
        link.append(...spans(moment(modified), megabytes(size)));
        const words = t('record.delete');
        const button = make('button', {type: 'button', className: 'quiet', textContent: words,
                                       ariaLabel: `${words}: ${name}`});
        button.addEventListener('click', () => remove(name));
        return make('span', {className: 'pair'}, link, button);
    }), t('record.none'));
}
