// SPDX-License-Identifier: LGPL-2.1-or-later
// The book of computers that are woken over the network: anybody wakes; admins name and forget.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {confirmed, openDialog, rowOf} from './dialog.js';
import {entries, make} from './dom.js';

/// 52:54:00:12:34:56, with hyphens, with dots or with nothing between, as the daemon reads it.
const MAC = '([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}'
    + '|([0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}';

/// Opens it.
export async function open(store) {
    const admin = store.facts.role === 'admin';
    const list = make('ul', {id: 'wol-list', className: 'rows'});
    const mac = make('input', {id: 'wol-mac', required: true, pattern: MAC, title: t('wol.mac-help'),
                               placeholder: '52:54:00:12:34:56', autocomplete: 'off', spellcheck: false});
    const name = make('input', {id: 'wol-name', maxLength: 64, autocomplete: 'off', spellcheck: false});
    const wakeIt = make('button', {type: 'submit', id: 'wol-wake', className: 'primary', textContent: t('wol.wake')});
    const keep = make('button', {type: 'submit', id: 'wol-keep', value: 'keep', textContent: t('wol.keep')});
    const said = make('p', {id: 'wol-said', className: 'soft', role: 'status'});
    const form = make('form', {className: 'fields'},
        make('label', {htmlFor: mac.id, textContent: t('wol.mac')}), mac,
        ...(admin ? [make('label', {htmlFor: name.id, textContent: t('wol.name')}), name] : []),
        make('div', {className: 'buttons'}, wakeIt, ...(admin ? [keep] : [])));
    const {act} = openDialog('wol', t('wol.title'),
        [make('p', {className: 'soft', textContent: t('wol.about')}), list, said, form]);

    const fill = async () => {
        const all = await api.wakeable();
        list.replaceChildren(...entries(all.map(row), t('wol.none')));
    };
    const does = (action, words) => act(async () => {
        said.textContent = '';
        await action();
        said.textContent = words;
        await fill();
    });
    const wake = (address, called) => does(() => api.wake(address), t('wol.sent', {name: called || address}));

    function row({mac: address, name: called}) {
        const one = called || address;
        const rename = () => {
            [mac.value, name.value] = [address, called];
            name.focus();
            name.select();
        };
        const forget = async () => {
            if (await confirmed(t('wol.forget-title'), t('wol.forget-text', {name: one}), t('wol.forget')))
                does(() => api.forgetWakeable(address), t('wol.forgotten', {name: one}));
        };
        return rowOf(one, called ? [address] : [], [
            {key: 'wol.wake', action: () => wake(address, called)},
            ...(admin ? [{key: 'wol.rename', action: rename}, {key: 'wol.forget', action: forget}] : []),
        ]);
    }

    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const [address, called] = [mac.value.trim(), name.value.trim()];
        if (event.submitter !== keep)
            return wake(address, called);
        if (!called) {
            name.focus();
            return act(() => { throw new Error(t('wol.no-name')); });
        }
        const kept = await does(() => api.nameWakeable(address, called), t('wol.kept', {name: called}));
        if (kept)
            form.reset();
        return kept;
    });
    await act(fill);
    mac.focus();
}
