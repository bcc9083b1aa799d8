// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may sign in: users are added, made admins or not, shut out, given a new password, removed.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {wireForm} from '../password.js';
import {confirmed} from './dialog.js';
import {byId, make} from './dom.js';

const ROLES = ['user', 'admin'];
const LEAST = 8; // characters of a password
const MOST = 72;

const roles = (value) => {
    const box = make('select', {}, ...ROLES.map((role) => make('option', {value: role, textContent: t(`settings.role-${role}`)})));
    box.value = value;
    return box;
};
const button = (key, about, action) => {
    const made = make('button', {type: 'button', className: 'quiet', textContent: t(key), ariaLabel: `${t(key)}: ${about}`});
    made.addEventListener('click', action);
    return made;
};
const where = (name) => `/api/auth/users/${encodeURIComponent(name)}`;
const secret = (id) => make('input', {id, type: 'password', required: true, minLength: LEAST, maxLength: MOST,
                                      autocomplete: 'new-password'});

export function users({said, act, store}) {
    const list = make('ul', {id: 'users', className: 'users'});
    const load = async () => list.replaceChildren(...(await api.call('GET', '/api/auth/users')).users.map(row));
    const does = (action, words, back) => act(async () => {
        await action();
        said(words, back && (() => does(back, t('settings.undone', {setting: words}))));
        await load();
    });
    const set = (name, body) => () => api.call('PUT', where(name), body);

    function row({username, role, enabled, systemAccount}) {
        const own = username === store.facts.user;
        const name = make('span', {className: 'what'}, make('b', {textContent: username}), make('span', {
            className: 'soft', textContent: [t(`settings.role-${role}`), own && t('settings.you'),
                                             !enabled && t('settings.shut-out')].filter(Boolean).join(' · ')}));
        const item = make('li', {}, name);
        if (systemAccount || own) {
            if (!own)
                item.append(button('account.change', username, () => renew(username)));
            return item;
        }
        const other = ROLES.find((one) => one !== role);
        item.append(
            button(`settings.make-${other}`, username, () => does(set(username, {role: other}),
                t('settings.user-changed', {user: username}), set(username, {role}))),
            button(enabled ? 'settings.shut' : 'settings.let-in', username, () => does(set(username, {enabled: !enabled}),
                t('settings.user-changed', {user: username}), set(username, {enabled}))),
            button('account.change', username, () => renew(username)),
            button('settings.remove', username, async () => {
                const sure = await confirmed(t('settings.remove-sure', {user: username}), t('settings.remove-sure.about'), t('settings.remove'));
                if (sure)
                    does(() => api.call('DELETE', where(username)), t('settings.removed', {user: username}));
            }));
        return item;
    }

    const name = make('input', {id: 'user-name', required: true, maxLength: 32, pattern: '[A-Za-z0-9_.\\-]+',
                                title: t('settings.users.about'), autocomplete: 'off', autocapitalize: 'none', spellcheck: false});
    const password = secret('user-password');
    const role = roles('user');
    role.id = 'user-role';
    const add = make('form', {id: 'user-add', className: 'fields'},
        make('label', {htmlFor: name.id, textContent: t('signin.user')}), name,
        make('label', {htmlFor: password.id, textContent: t('password.new')}), password,
        make('label', {htmlFor: role.id, textContent: t('settings.role')}), role,
        make('button', {type: 'submit', textContent: t('settings.add-user')}));
    add.addEventListener('submit', (event) => {
        event.preventDefault();
        does(async () => {
            await api.call('POST', '/api/auth/users', {username: name.value, password: await wireForm(password.value), role: role.value});
            add.reset();
        }, t('settings.added', {user: name.value}));
    });

    // One form for everybody's new password, shown for whom it is.
    const next = secret('user-renew');
    const renewed = make('label', {htmlFor: next.id});
    const renewal = make('form', {className: 'fields', hidden: true}, renewed, next,
        make('button', {type: 'submit', textContent: t('password.go')}));
    let whose = '';
    const renew = (username) => {
        whose = username;
        renewed.textContent = `${username}: ${t('password.new')}`;
        renewal.hidden = false;
        next.value = '';
        next.focus();
    };
    renewal.addEventListener('submit', (event) => {
        event.preventDefault();
        does(async () => {
            await api.call('POST', `${where(whose)}/password`, {password: await wireForm(next.value)});
            next.value = '';
            renewal.hidden = true;
        }, t('settings.user-changed', {user: whose}));
    });
    return {load, parts: [list, renewal, add]};
}

/// One's own password has a dialog of its own, for everybody.
export function ownPassword() {
    const change = make('button', {type: 'button', textContent: t('account.change')});
    change.addEventListener('click', () => byId('change-password').click());
    return {load: async () => {}, parts: [change]};
}
