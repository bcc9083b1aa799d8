// SPDX-License-Identifier: LGPL-2.1-or-later
// The scripts of the KVM: what there are, what one says when it is run, and those of each start. For admins.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {confirmed, openDialog, rowOf} from './dialog.js';
import {entries, make} from './dom.js';

/// Opens it.
export async function open() {
    const state = make('p', {id: 'scripts-state', className: 'soft', role: 'status'});
    const output = make('pre', {id: 'scripts-output', hidden: true, tabIndex: 0, role: 'region',
                                ariaLabel: t('scripts.output')});
    const show = (text) => {
        output.textContent = text;
        output.hidden = !text;
    };
    const ours = section('scripts', api.saveScript);
    const started = section('autostart', async (file) => api.saveAutostart(file.name, await file.text()));
    const {act} = openDialog('scripts-box', t('scripts.title'), [
        make('p', {className: 'soft', textContent: t('scripts.about')}), ...ours.parts, state, output,
        make('h3', {textContent: t('scripts.autostart')}), ...started.parts,
    ]);

    const does = (action, words) => act(async () => {
        show('');
        await action();
        state.textContent = words;
        await fill();
    });
    const deletion = (name, remove) => ({key: 'scripts.delete', action: async () => {
        if (await confirmed(t('scripts.delete-title'), t('scripts.delete-text', {name}), t('scripts.delete')))
            does(() => remove(name), t('scripts.deleted', {name}));
    }});

    /// Runs one to its end; what it said is shown, also when it failed.
    const run = (name) => act(async () => {
        show('');
        state.textContent = t('scripts.running', {name});
        try {
            show(await api.runScript(name, 'foreground'));
            state.textContent = t('scripts.ended', {name});
        } catch (error) {
            if (error.kind !== 'refused')
                throw error;
            show(error.message);
            state.textContent = t('scripts.failed', {name});
        }
    });
    const row = (name) => rowOf(name, [], [
        {key: 'scripts.run', action: () => run(name)},
        {key: 'scripts.start',
         action: () => does(() => api.runScript(name, 'background'), t('scripts.started', {name}))},
        deletion(name, api.deleteScript),
    ]);
    const startedRow = (name) => rowOf(name, [], [
        {key: 'scripts.show', action: () => act(async () => {
            show(await api.readAutostart(name));
            state.textContent = name;
        })},
        deletion(name, api.deleteAutostart),
    ]);
    const fill = async () => {
        const [scripts, autostart] = await Promise.all([api.scripts(), api.autostart()]);
        ours.list.replaceChildren(...entries(scripts.map(row), t('scripts.none')));
        started.list.replaceChildren(...entries(autostart.map(startedRow), t('scripts.none')));
    };
    for (const {chooser, save} of [ours, started])
        chooser.addEventListener('change', () => {
            const [file] = chooser.files;
            if (file)
                does(() => save(file), t('scripts.saved', {name: file.name}));
            chooser.value = ''; // so that the same one can be chosen again
        });
    await act(fill);
}

/// A list with a way to put more into it.
function section(id, save) {
    const list = make('ul', {id: `${id}-list`, className: 'rows'});
    const chooser = make('input', {id: `${id}-file`, type: 'file', hidden: true});
    const upload = make('button', {type: 'button', id: `${id}-upload`, textContent: t('scripts.upload')});
    upload.addEventListener('click', () => chooser.click());
    return {list, chooser, save, parts: [list, chooser, upload]};
}
