// SPDX-License-Identifier: LGPL-2.1-or-later
// Signing in and out, and the dialog that changes the password.

import * as api from '../api.js';
import {attempt, byId, onClick} from './dom.js';

/// In words of ours, where the daemon's code says which it is.
const LOGIN_ERRORS = new Map([
    [-2, 'User name or password is wrong.'],
    [-5, 'Too many wrong tries. Wait a while, then try again.'],
]);

/// Wires sign-in, sign-out and change of password; signedIn() and signedOut(why) hear of them.
export function mindAccount({signedIn, signedOut}) {
    mindSignIn(signedIn);
    mindPassword(signedOut);
    onClick('signout', () => attempt(async () => {
        await api.logout();
        signedOut('');
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
        button.textContent = 'Signing in…';
        error.textContent = '';
        try {
            await api.login(username.value, password.value);
            password.value = '';
            await signedIn();
        } catch (failure) {
            error.textContent = LOGIN_ERRORS.get(failure.code) ?? failure.message;
            password.select();
        }
        button.disabled = false;
        button.textContent = 'Sign in';
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
            error.textContent = 'The two new passwords differ.';
            again.focus();
            return;
        }
        try {
            await api.changePassword(now.value, next.value);
            box.close();
            signedOut('The password is changed. Sign in with the new one.');
        } catch (failure) {
            error.textContent = failure.message;
        }
    });
}
