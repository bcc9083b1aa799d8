// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings: groups, a search over all of them, and what became of the last change with a way back.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {openDialog} from './dialog.js';
import {make} from './dom.js';
import {rowOf} from './settings_row.js';
import {GROUPS, SETTINGS} from './settings_table.js';

/// Opens them. Who is no admin is told so: everything here is for all who use the computer.
export async function open(store) {
    const {role, user} = store.facts;
    if (role !== 'admin') {
        openDialog('settings-no', t('settings.title'), [make('p', {textContent: t('settings.no', {user})})]);
        return;
    }
    const words = make('p', {id: 'settings-words', role: 'status'});
    const undo = make('button', {type: 'button', id: 'settings-undo', className: 'quiet', textContent: t('settings.undo'), hidden: true});
    let takeBack = null;
    const said = (text, back) => {
        words.textContent = text;
        takeBack = back ?? null;
        undo.hidden = !back;
    };
    undo.addEventListener('click', () => {
        undo.hidden = true;
        takeBack();
    });

    /// Asks the daemon for a path, once for all rows that show something of it.
    const again = async (path) => {
        const those = rows.filter((row) => row.path === path);
        try {
            const data = await api.call('GET', path);
            for (const {fill} of those)
                fill(data);
        } catch (failure) {
            for (const {fail} of those)
                fail(failure);
        }
    };
    const shell = {said, again, store};
    const rows = SETTINGS.map((setting) => ({group: setting.group, ...rowOf(setting, shell)}));
    const loaded = new Set();
    const load = async (group) => {
        if (loaded.has(group))
            return;
        loaded.add(group);
        const those = rows.filter((row) => row.group === group);
        const paths = new Set(those.map(({path}) => path).filter(Boolean));
        await Promise.all([...[...paths].map(again), ...those.map((row) => row.load?.())]);
    };

    const search = make('input', {type: 'search', id: 'settings-search', placeholder: t('settings.search'),
                                  ariaLabel: t('settings.search'), autocomplete: 'off', spellcheck: false});
    const sections = new Map(GROUPS.map((group) => [group, make('section', {className: 'group'},
        make('h3', {textContent: t(`settings.group-${group}`)}),
        ...rows.filter((row) => row.group === group).map(({row}) => row))]));
    const tabs = new Map(GROUPS.map((group) => [group, make('button', {
        type: 'button', className: 'tool', textContent: t(`settings.group-${group}`)})]));
    const none = make('p', {className: 'soft', textContent: t('settings.none'), hidden: true});
    let chosen = GROUPS[0];

    const show = () => {
        const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
        let found = 0;
        for (const [group, section] of sections) {
            const title = section.firstChild.textContent;
            let here = 0;
            for (const row of rows.filter((one) => one.group === group)) {
                const text = `${title} ${row.words}`.toLowerCase();
                const fits = wanted.every((word) => text.includes(word));
                row.row.classList.toggle('unsought', !fits);
                here += fits;
            }
            section.hidden = wanted.length ? here === 0 : group !== chosen;
            found += here;
            tabs.get(group).setAttribute('aria-current', String(!wanted.length && group === chosen));
            if (!section.hidden)
                load(group);
        }
        none.hidden = found > 0;
    };
    for (const [group, tab] of tabs) {
        tab.addEventListener('click', () => {
            chosen = group;
            search.value = '';
            show();
            panel.scrollTop = 0;
        });
    }
    search.addEventListener('input', show);
    const panel = make('div', {id: 'settings-panel'}, ...sections.values(), none);
    const nav = make('nav', {id: 'settings-groups', ariaLabel: t('settings.title')}, search, ...tabs.values());
    show();
    openDialog('settings', t('settings.title'),
        [make('div', {id: 'settings-body'}, nav, panel), make('div', {id: 'settings-said'}, words, undo)]);
}
