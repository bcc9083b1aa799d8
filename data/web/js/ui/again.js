// SPDX-License-Identifier: LGPL-2.1-or-later
// Signing in again over the console as it was, when its session has ended.

import {t} from '../i18n.js';
import {byId, make} from './dom.js';

/// Leaves the last picture on the screen, whatever becomes of the element that shows it.
export function keepPicture({element, width, height}) {
    byId('last')?.remove();
    if (!width || !height)
        return;
    const last = make('canvas', {id: 'last', width, height});
    last.style.cssText = element.style.cssText; // as zoomed and turned
    last.getContext('2d').drawImage(element, 0, 0);
    byId('stage').append(last);
}

/// Shows the sign-in form over everything, with a line that says why, until somebody has signed in; the
/// last picture until there is a new one.
export function signInAgain(store, why) {
    const form = byId('signin');
    const place = form.parentElement;
    const before = document.activeElement;
    const dialog = make('dialog', {id: 'again', ariaLabel: t('signin.go')}, form);
    const stay = (event) => event.preventDefault(); // there is nothing to go back to
    dialog.addEventListener('cancel', stay);
    dialog.addEventListener('keydown', (event) => event.key === 'Escape' && stay(event)); // a second one goes past cancel
    document.body.append(dialog);
    form.elements.username.value = store.facts.user;
    form.elements.password.value = '';
    byId('signin-error').textContent = why;
    dialog.showModal();
    form.elements.password.focus();
    let over = false;
    store.on(['session'], ({session}) => {
        if (over || session === 'ended')
            return;
        over = true;
        place.append(form);
        dialog.remove();
        before?.focus?.({preventScroll: true});
    });
    store.on(['video', 'session'], ({video, session}) => {
        if (session === 'signed-out' || session === 'signed-in' && video === 'playing')
            byId('last')?.remove();
    });
}
