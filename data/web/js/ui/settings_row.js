// SPDX-License-Identifier: LGPL-2.1-or-later
// One row of the settings' table on the page: what it is, what it is now, and how it is changed.

import * as api from '../api.js';
import {known, t} from '../i18n.js';
import {confirmed} from './dialog.js';
import {make} from './dom.js';

/// In words where there are any; such as the name of a preset stands for itself.
const label = (name, value) => [`settings.${name}-${value}`, value === 'off' && 'settings.off', value === '' && 'settings.own']
    .filter((key) => key && known(key)).map((key) => t(key))[0] ?? value;

/// What each kind is made of: an element, and how a value is shown in it, read from it and noticed.
const KINDS = {
    switch: () => {
        const box = make('input', {type: 'checkbox', role: 'switch'});
        return {box, show: (value) => { box.checked = value; }, read: () => box.checked, atOnce: true};
    },
    choice: ({name, choices}) => {
        const box = make('select');
        return {box, read: () => box.value, show: (value, data) => {
            const all = choices(data);
            box.replaceChildren(...(all.includes(value) ? all : [value, ...all]).map(
                (one) => make('option', {value: one, textContent: label(name, one)})));
            box.value = value;
        }};
    },
    number: ({min, max}) => {
        const box = make('input', {type: 'number', required: true, min, max, step: 1});
        return {box, show: (value) => { box.value = value; }, read: () => box.valueAsNumber};
    },
    text: ({most}) => {
        const box = make('input', {type: 'text', maxLength: most, autocomplete: 'off', spellcheck: false});
        return {box, show: (value) => { box.value = value; }, read: () => box.value.trim()};
    },
    lines: () => {
        const box = make('textarea', {rows: 4, autocomplete: 'off', spellcheck: false, required: true});
        return {box, show: (value) => { box.value = value; }, read: () => box.value.trim()};
    },
};

/// The row of a setting. shell: {said(words, undo), again(path)}: shows what became of it, with a function
/// that takes it back; and reads a path anew.
export function rowOf(setting, shell) {
    const {name, kind, path, when, sure, force} = setting;
    const title = t(`settings.${name}`);
    const error = make('p', {className: 'error', role: 'alert'});
    const about = make('p', {id: `set-${name}-about`, className: 'soft',
        textContent: [t(`settings.${name}.about`), when && t(`settings.when-${when}`)].filter(Boolean).join(' ')});
    const row = make('section', {id: `set-${name}`, className: 'setting'});
    const act = async (action) => {
        error.textContent = '';
        try {
            return await action();
        } catch (failure) {
            error.textContent = failure.message;
            return undefined;
        }
    };
    if (kind === 'part') {
        const {load, parts} = setting.part({...shell, act});
        row.append(make('h4', {textContent: title}), about, ...parts, error);
        return {row, words: `${title} ${about.textContent}`, load: () => act(load)};
    }

    const {box, show, read, atOnce} = KINDS[kind](setting);
    box.id = `set-${name}-value`;
    box.setAttribute('aria-describedby', about.id);
    box.disabled = true; // until its value is known
    const note = make('p', {className: 'soft note'});
    const apply = make('button', {type: 'submit', textContent: t('settings.apply'), disabled: true,
                                  ariaLabel: `${t('settings.apply')}: ${title}`});
    const anyway = make('button', {type: 'button', className: 'danger', textContent: t('settings.anyway'), hidden: true});
    const form = make('form', {className: 'control'}, box, ...(atOnce ? [] : [apply]), anyway);
    row.append(make('label', {htmlFor: box.id, textContent: title}), form, about, note, error);
    let data = null;

    const changed = () => { apply.disabled = data === null || read() === setting.value(data); };
    const fill = (got) => {
        data = got;
        row.hidden = Boolean(setting.there) && !setting.there(data);
        show(setting.value(data), data);
        note.textContent = setting.note?.(data) ?? '';
        box.disabled = false;
        changed();
    };
    const send = ([method, where, body]) => api.call(method, where, body);
    const write = async (forced) => {
        const [before, value] = [data, read()];
        const asked = !sure || await confirmed(t(`settings.${name}-sure`), t(`settings.${name}-sure.about`), t('settings.apply'));
        if (!asked)
            return fill(before);
        anyway.hidden = true;
        box.disabled = apply.disabled = true;
        const [method, where, body] = setting.put(value);
        const done = await act(async () => {
            await send([method, where, forced ? {...body, force: true} : body]);
            return true;
        });
        box.disabled = false;
        if (!done) {
            anyway.hidden = !force || forced;
            return atOnce ? show(setting.value(before), before) : changed();
        }
        const back = setting.back === undefined ? setting.put(setting.value(before)) : setting.back?.(before);
        shell.said(t('settings.done', {setting: title}), back && (() => act(async () => {
            await send(back);
            await shell.again(path);
            shell.said(t('settings.undone', {setting: title}));
        })));
        return shell.again(path);
    };
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        write(false);
    });
    box.addEventListener(atOnce ? 'change' : 'input', () => atOnce ? write(false) : changed());
    anyway.addEventListener('click', () => write(true));
    return {row, path, fill, words: `${title} ${about.textContent}`,
            fail: (failure) => {
                if (setting.none && failure.kind === 'refused')
                    fill(setting.none);
                else
                    error.textContent = failure.message;
            }};
}
