// SPDX-License-Identifier: LGPL-2.1-or-later
// Wi-Fi, and Tailscale where it is installed.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {make} from './dom.js';

const state = () => make('p', {className: 'note', role: 'status'});

/// A button that asks the daemon for something, says so, and has the part read anew.
function doing(key, path, {act, said}, load) {
    const made = make('button', {type: 'button', textContent: t(key)});
    made.addEventListener('click', () => act(async () => {
        await api.call('POST', path);
        said(t('settings.asked', {what: t(key)}));
        await load();
    }));
    return made;
}

export function wifi(shell) {
    const now = state();
    const name = make('input', {id: 'wifi-name', required: true, maxLength: 32, autocomplete: 'off', spellcheck: false});
    const password = make('input', {id: 'wifi-password', type: 'password', minLength: 8, maxLength: 63, autocomplete: 'off'});
    const join = make('form', {className: 'fields', hidden: true},
        make('label', {htmlFor: name.id, textContent: t('settings.wifi-name')}), name,
        make('label', {htmlFor: password.id, textContent: t('settings.wifi-password')}), password,
        make('button', {type: 'submit', textContent: t('settings.wifi-join')}));
    const load = async () => {
        const {supported, connected, ssid} = await api.call('GET', '/api/network/wifi');
        now.textContent = !supported ? t('settings.wifi-none')
            : connected ? t('settings.wifi-joined', {name: ssid}) : t('settings.wifi-off');
        join.hidden = !supported;
        leave.hidden = !connected;
    };
    const leave = doing('settings.wifi-leave', '/api/network/wifi/disconnect', shell, load);
    leave.hidden = true;
    join.addEventListener('submit', (event) => {
        event.preventDefault();
        shell.act(async () => {
            await api.call('POST', '/api/network/wifi/connect', {ssid: name.value, password: password.value});
            shell.said(t('settings.wifi-joined', {name: name.value}));
            join.reset();
            await load();
        });
    });
    return {load, parts: [now, leave, join]};
}

/// What can be asked of it in each of its states.
const DEEDS = {
    notInstall: [], notRunning: ['start'], notLogin: ['login', 'stop'],
    stopped: ['up', 'logout', 'stop'], running: ['down', 'logout', 'restart', 'stop'],
};

export function tailscale(shell) {
    const now = state();
    const deeds = make('div', {className: 'deeds'});
    const page = make('a', {target: '_blank', rel: 'noreferrer', hidden: true});
    const load = async () => {
        const {state: how, name, ip, account} = await api.call('GET', '/api/extensions/tailscale/status');
        now.textContent = [t(`settings.tailscale-${how}`), name, ip, account].filter(Boolean).join(' · ');
        deeds.replaceChildren(...(DEEDS[how] ?? []).map((deed) => deed === 'login' ? login
            : doing(`settings.tailscale-${deed}`, `/api/extensions/tailscale/${deed}`, shell, load)));
    };
    const login = make('button', {type: 'button', textContent: t('settings.tailscale-login')});
    login.addEventListener('click', () => shell.act(async () => {
        const {url} = await api.call('POST', '/api/extensions/tailscale/login');
        page.href = page.textContent = url;
        page.hidden = !/^https:\/\//.test(url);
        if (page.hidden)
            await load();
    }));
    return {load, parts: [now, deeds, page]};
}
