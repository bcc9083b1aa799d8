// SPDX-License-Identifier: LGPL-2.1-or-later
// What a program needs to act on the computer by MCP: the address and its key.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {copyText} from './copy.js';
import {confirmed} from './dialog.js';
import {make} from './dom.js';

export function agentKey({act, said}) {
    const address = make('code', {textContent: `${location.origin}/api/mcp`});
    const key = make('input', {id: 'agent-key', type: 'password', readOnly: true, autocomplete: 'off', spellcheck: false});
    const show = make('button', {type: 'button', textContent: t('settings.key-show'), ariaPressed: 'false'});
    const copy = make('button', {type: 'button', textContent: t('copy')});
    const renew = make('button', {type: 'button', className: 'danger', textContent: t('settings.key-new')});
    const row = make('div', {className: 'deeds'}, show, copy, renew);
    show.addEventListener('click', () => {
        const hidden = key.type === 'text';
        key.type = hidden ? 'password' : 'text';
        show.ariaPressed = String(!hidden);
    });
    copy.addEventListener('click', async () => said(t(await copyText(key.value, row) ? 'copied' : 'copy.failed')));
    renew.addEventListener('click', async () => {
        if (await confirmed(t('settings.key-sure'), t('settings.key-sure.about'), t('settings.key-new')))
            act(async () => {
                key.value = (await api.call('POST', '/api/mcp/key/regenerate')).apiKey;
                said(t('settings.done', {setting: t('settings.key')}));
            });
    });
    const load = async () => { key.value = (await api.call('GET', '/api/mcp/config')).apiKey; };
    return {load, parts: [make('p', {}, t('settings.key-address'), ' ', address),
                          make('label', {htmlFor: key.id, textContent: t('settings.key-value')}), key, row]};
}
