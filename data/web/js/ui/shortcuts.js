// SPDX-License-Identifier: LGPL-2.1-or-later
// The dialog of the shortcuts that are kept on the device: admins add and delete them, for everybody.
//
// Keys are pressed together, or chosen one by one where the browser keeps them to itself.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {MODIFIERS, USAGES} from '../keys.js';
import {capOf, shortcutText, spokenCap} from './caps.js';
import {openDialog} from './dialog.js';
import {entries, make, spans} from './dom.js';

const MOST_KEYS = 16; // the daemon keeps no more

/// Keys to choose from: modifiers first, and of those no second name of one.
const CHOICES = [...[...MODIFIERS.keys()].filter((code) => !code.startsWith('OS')), ...USAGES.keys()];

/// Opens it. changed() is called after every change, and answers with all shortcuts.
export async function open(changed) {
    const list = make('ul', {id: 'shortcut-list', className: 'rows'});
    const chord = make('p', {id: 'shortcut-chord', role: 'status'});
    const record = make('button', {type: 'button', id: 'shortcut-record', 'aria-pressed': 'false'});
    const choice = make('select', {id: 'shortcut-key'}, make('option', {value: ''}, t('shortcuts.choose')),
        ...CHOICES.map((code) => make('option', {value: code}, spokenCap(code, capOf(code)))));
    const clear = make('button', {type: 'button', textContent: t('shortcuts.clear')});
    const keep = make('button', {type: 'button', id: 'shortcut-keep', className: 'primary', textContent: t('shortcuts.keep')});
    const {dialog, act} = openDialog('shortcuts', t('shortcuts.title'), [
        make('p', {className: 'soft', textContent: t('shortcuts.about')}), list, chord,
        make('div', {className: 'buttons'}, record, clear),
        make('label', {htmlFor: choice.id, textContent: t('shortcuts.pick')}), choice,
    ], [keep]);
    let codes = [];         // the shortcut that is being made
    const down = new Set(); // keys that are down while it is recorded
    let recording = false;

    const show = () => {
        chord.textContent = codes.length ? shortcutText(keysOf(codes)) : t('shortcuts.no-key');
        record.textContent = t(recording ? 'shortcuts.press' : 'shortcuts.record');
        record.setAttribute('aria-pressed', recording);
        keep.disabled = recording || !codes.length;
    };
    const turn = (on) => {
        recording = on;
        down.clear();
        if (on)
            codes = [];
        show();
    };
    const add = (code) => {
        if (!codes.includes(code) && codes.length < MOST_KEYS)
            codes = [...codes, code];
        show();
    };
    const fill = (all) => list.replaceChildren(...entries(all.map(row), t('shortcuts.none')));
    const does = (action) => act(async () => {
        await action();
        fill(await changed());
    });

    function row({id, keys}) {
        const text = shortcutText(keys);
        const drop = make('button', {type: 'button', className: 'quiet', textContent: t('shortcuts.drop'),
                                     ariaLabel: `${t('shortcuts.drop')}: ${text}`});
        drop.addEventListener('click', () => does(() => api.dropShortcut(id)));
        return make('span', {className: 'row'}, make('span', {className: 'what'}, ...spans(text)), drop);
    }

    record.addEventListener('click', () => turn(!recording));
    record.addEventListener('blur', () => recording && turn(false));
    clear.addEventListener('click', () => {
        codes = [];
        show();
    });
    choice.addEventListener('change', () => {
        if (choice.value)
            add(choice.value);
        choice.value = '';
    });
    keep.addEventListener('click', async () => {
        if (await does(() => api.addShortcut(keysOf(codes))))
            codes = [];
        show();
    });
    dialog.addEventListener('keydown', (event) => {
        if (!recording)
            return;
        event.preventDefault();
        event.stopPropagation();
        if (!MODIFIERS.has(event.code) && !USAGES.has(event.code))
            return;
        down.add(event.code);
        add(event.code);
    }, {capture: true});
    dialog.addEventListener('keyup', (event) => {
        if (!recording)
            return;
        event.preventDefault(); // the button is not pressed by the Space that is recorded
        down.delete(event.code);
        if (codes.length && !down.size)
            turn(false); // all are up again: that was it
    }, {capture: true});
    show();
    await act(async () => fill(await changed()));
    record.focus();
}

/// Keys as the daemon keeps them, with what people call them.
const keysOf = (codes) => codes.map((code) => ({code, label: capOf(code)}));
