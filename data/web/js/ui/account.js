// SPDX-License-Identifier: LGPL-2.1-or-later
// Signing in and out, and the dialog that changes the password.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {attempt, byId, onClick} from './dom.js';

/// In words of ours, where the daemon's code says which it is.
const LOGIN_ERRORS = new Map([[-2, 'signin.wrong'], [-5, 'signin.too-many']]);

/// Wires sign-in, sign-out and change of password, and shows who it is; signedIn() and signedOut(why)
/// hear of them.
export function mindAccount(store, {signedIn, signedOut}) {
    mindSignIn(signedIn);
    mindPassword(signedOut);
    store.on(['role'], ({role}) => {
        for (const part of document.querySelectorAll('[data-role]'))
            part.hidden = part.dataset.role !== role; // what an account may not do is not shown
    });
    store.on(['user', 'language'], ({user}) => { byId('user').textContent = user || t('account.tool'); });
    onClick('signout', () => attempt(async () => {
        await api.logout();
        signedOut('', {here: true});
    }));
}

/// Shows the sign-in form with a line that says why.
export function askToSignIn(why) {
    byId('signin-error').textContent = why;
    byId('password').value = '';
    byId('password').focus();
}

function mindSignIn(signedIn) {
    const form = byId('signin');
    const button = form.querySelector('button');
    const error = byId('signin-error');
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const {username, password} = form.elements;
        button.disabled = true;
        button.textContent = t('signin.going');
        error.textContent = '';
        try {
            await api.login(username.value, password.value);
            password.value = '';
            await signedIn();
        } catch (failure) {
            const ours = LOGIN_ERRORS.get(failure.code);
            error.textContent = ours ? t(ours) : failure.message;
            password.select();
        }
        button.disabled = false;
        button.textContent = t('signin.go');
    });
}

function mindPassword(signedOut) {
    const box = byId('password-box');
    const form = box.querySelector('form');
    const error = box.querySelector('.error');
    const [now, next, again] = ['password-now', 'password-new', 'password-again'].map(byId);
    onClick('change-password', () => {
        error.textContent = '';
        box.showModal();
    });
    box.querySelector('[data-close]').addEventListener('click', () => box.close());
    box.addEventListener('close', () => form.reset());
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (next.value !== again.value) {
            error.textContent = t('password.differ');
            again.focus();
            return;
        }
        try {
            await api.changePassword(now.value, next.value);
            box.close();
            signedOut(t('signin.changed'));
        } catch (failure) {
            error.textContent = failure.message;
        }
    });
}
