// SPDX-License-Identifier: LGPL-2.1-or-later
// Updates, from a server or from this machine, and a new start of the device.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {confirmed} from './dialog.js';
import {make} from './dom.js';

export function update({act, said}) {
    const now = make('p', {className: 'note', role: 'status'});
    const check = make('button', {type: 'button', textContent: t('settings.update-check')});
    const install = make('button', {type: 'button', className: 'primary', textContent: t('settings.update-install'), hidden: true});
    const file = make('input', {id: 'update-file', type: 'file', accept: '.deb'});
    const sure = (what) => confirmed(t('settings.update-sure', {what}), t('settings.update-sure.about'), t('settings.update-install'));
    const running = async (what, action) => {
        check.disabled = install.disabled = file.disabled = true;
        now.textContent = t('settings.update-running', {what});
        const done = await act(async () => {
            await action();
            return true;
        });
        check.disabled = install.disabled = file.disabled = false;
        now.textContent = done ? t('settings.update-done', {what}) : '';
        if (done)
            said(now.textContent);
    };
    let newest = '';
    check.addEventListener('click', () => act(async () => {
        const {current, latest} = await api.call('GET', '/api/application/version');
        newest = latest;
        install.hidden = current === latest;
        now.textContent = t(current === latest ? 'settings.update-none' : 'settings.update-there', {current, latest});
    }));
    install.addEventListener('click', async () => {
        if (await sure(newest))
            running(newest, () => api.call('POST', '/api/application/update'));
    });
    file.addEventListener('change', async () => {
        const [chosen] = file.files;
        if (chosen && await sure(chosen.name)) {
            const form = new FormData();
            form.append('file', chosen);
            await running(chosen.name, () => api.call('POST', '/api/application/update/offline', form));
        }
        file.value = '';
    });
    const load = async () => {
        const {image} = await api.call('GET', '/api/vm/info');
        now.textContent = image;
    };
    return {load, parts: [now, make('div', {className: 'deeds'}, check, install),
                          make('label', {htmlFor: file.id, textContent: t('settings.update-file')}), file]};
}

export function reboot({act, said}) {
    const go = make('button', {type: 'button', className: 'danger', textContent: t('settings.reboot-go')});
    go.addEventListener('click', async () => {
        if (await confirmed(t('settings.reboot-sure'), t('settings.reboot-sure.about'), t('settings.reboot-go')))
            act(async () => {
                await api.call('POST', '/api/vm/system/reboot');
                said(t('settings.asked', {what: t('settings.reboot-go')}));
            });
    });
    return {load: async () => {}, parts: [go]};
}
