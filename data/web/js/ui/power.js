// SPDX-License-Identifier: LGPL-2.1-or-later
// The power menu: each button is pressed only after a dialog has said what that will do.

import * as api from '../api.js';
import {byId, onClick} from './dom.js';

const SHORT_MS = 800;
const LONG_MS = 5000;

/// What the dialog says, given the power LED; null where the LED is not known.
const PRESSES = {
    'power-short': {
        title: 'Press the power button?',
        text: (on) => on === null ? 'A short press turns the computer on, or asks it to shut down.'
            : on ? 'The computer is on. A short press asks it to shut down or sleep, as its own '
                 + 'button would.'
            : 'The computer is off. A short press turns it on.',
        act: 'Press power', type: 'power', ms: SHORT_MS,
    },
    'power-long': {
        title: 'Hold the power button for 5 seconds?',
        text: (on) => on === false ? 'The computer is off. Most computers turn on when their button '
                 + 'is held, and off again after 4 seconds.'
            : 'This cuts the computer’s power. Whatever it has not saved is lost.',
        act: 'Hold for 5 s', type: 'power', ms: LONG_MS, danger: true,
    },
    'power-reset': {
        title: 'Press the reset button?',
        text: (on) => on === false ? 'The computer is off: most computers ignore reset then.'
            : 'The computer starts anew at once. Whatever it has not saved is lost.',
        act: 'Reset', type: 'reset', ms: SHORT_MS, danger: true,
    },
};

/// Wires the menu; store.facts.power is {pwr, hdd} or null.
export function mindPower(store) {
    const dialog = byId('confirm');
    const yes = dialog.querySelector('[value="yes"]');
    const progress = dialog.querySelector('progress');
    const error = dialog.querySelector('.error');
    let chosen = null;

    for (const [id, press] of Object.entries(PRESSES)) {
        onClick(id, () => {
            chosen = press;
            byId('confirm-title').textContent = press.title;
            byId('confirm-text').textContent = press.text(store.facts.power?.pwr ?? null);
            yes.textContent = press.act;
            yes.classList.toggle('danger', Boolean(press.danger));
            error.textContent = '';
            dialog.showModal();
        });
    }

    const pressing = (on) => {
        progress.hidden = !on;
        for (const button of dialog.querySelectorAll('button'))
            button.disabled = on;
    };
    dialog.addEventListener('cancel', (event) => progress.hidden || event.preventDefault());
    yes.addEventListener('click', async (event) => {
        event.preventDefault();
        pressing(true);
        error.textContent = '';
        try {
            await api.press(chosen.type, chosen.ms);
            dialog.close();
        } catch (failure) {
            error.textContent = failure.message;
        }
        pressing(false);
    });
}
