// SPDX-License-Identifier: LGPL-2.1-or-later
// The first sign-in to a KVM whose password nobody has set yet: the code it printed, and a password.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {byId, make} from './dom.js';

const OWNER = 'admin'; // as the first account is called

/// Shows it in the place of the sign-in form; signedIn() hears when it is done.
export function open(signedIn) {
    const field = (id, autocomplete, more) => make('input', {
        id, type: 'password', autocomplete, required: true, ...more});
    const code = field('setup-code', 'one-time-code', {
        type: 'text', spellcheck: false, autocapitalize: 'none'});
    const next = field('setup-password', 'new-password', {minLength: 8, maxLength: 72});
    const again = field('setup-again', 'new-password');
    const label = (input, key) => make('label', {htmlFor: input.id, textContent: t(key)});
    const error = make('p', {className: 'error', id: 'setup-error', role: 'alert'});
    const go = make('button', {className: 'primary', type: 'submit', textContent: t('setup.go')});
    const other = make('button', {
        className: 'quiet', type: 'button', id: 'setup-other', textContent: t('setup.other')});
    const mark = byId('signin').querySelector('.mark').cloneNode();
    const form = make('form', {id: 'setup', className: 'card', autocomplete: 'on'}, mark,
        make('h1', {textContent: t('setup.title')}), make('p', {className: 'soft', textContent: t('setup.about')}), error,
        make('input', {type: 'text', name: 'username', autocomplete: 'username', value: OWNER, hidden: true}),
        label(code, 'setup.code'), code, label(next, 'password.new'), next, label(again, 'password.again'), again, go, other);
    const close = () => {
        form.remove();
        byId('signin').hidden = false;
    };
    other.addEventListener('click', () => {
        close();
        byId('password').focus();
    });
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        error.textContent = '';
        if (next.value !== again.value) {
            error.textContent = t('password.differ');
            again.focus();
            return;
        }
        go.disabled = true;
        try {
            await api.login(OWNER, code.value.trim());
            await api.changePassword(code.value.trim(), next.value);
            await api.login(OWNER, next.value);
            close();
            await signedIn();
        } catch (failure) {
            error.textContent = failure.code === -2 ? t('setup.wrong') : failure.message;
            code.select();
        }
        go.disabled = false;
    });
    byId('signin').hidden = true;
    byId('signin').before(form);
    code.focus();
}
