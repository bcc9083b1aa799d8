// SPDX-License-Identifier: LGPL-2.1-or-later
// Dialogs that are made when they are opened, and are gone when they are closed.

import {t} from '../i18n.js';
import {make, spans} from './dom.js';

/// Opens one over the page: its parts between heading and buttons. act(action) does something that may
/// fail, and shows in it why it did; false then. The focus goes back to what had it before.
export function openDialog(id, title, parts, buttons = []) {
    const heading = make('h2', {id: `${id}-title`, textContent: title});
    const error = make('p', {className: 'error', role: 'alert'});
    const close = make('button', {type: 'button', textContent: t('close')});
    const dialog = make('dialog', {id}, heading, ...parts, error,
                        make('div', {className: 'buttons'}, close, ...buttons));
    dialog.setAttribute('aria-labelledby', heading.id);
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    const act = async (action) => {
        error.textContent = '';
        try {
            await action();
            return true;
        } catch (failure) {
            error.textContent = failure.message;
            return false;
        }
    };
    return {dialog, act};
}

/// A row of a list: a name, what else is known of it, and buttons, each {key of its text, action}.
export function rowOf(name, about, buttons) {
    const made = buttons.map(({key, action}) => {
        const words = t(key);
        const button = make('button', {type: 'button', className: 'quiet', textContent: words,
                                       ariaLabel: `${words}: ${name}`});
        button.addEventListener('click', action);
        return button;
    });
    return make('span', {className: 'row'}, make('span', {className: 'what'}, ...spans(name, ...about)), ...made);
}

/// Asks whether something is to be done that cannot be taken back; Cancel has the focus at first.
export function confirmed(title, text, action) {
    return new Promise((answer) => {
        const about = make('p', {id: 'sure-text', textContent: text});
        const no = make('button', {value: 'no', autofocus: true, textContent: t('cancel')});
        const yes = make('button', {value: 'yes', className: 'primary danger', textContent: action});
        const dialog = make('dialog', {id: 'sure'}, make('form', {method: 'dialog'},
            make('h2', {id: 'sure-title', textContent: title}), about,
            make('div', {className: 'buttons'}, no, yes)));
        dialog.setAttribute('aria-labelledby', 'sure-title');
        dialog.setAttribute('aria-describedby', about.id);
        dialog.addEventListener('close', () => {
            dialog.remove();
            answer(dialog.returnValue === 'yes');
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}
