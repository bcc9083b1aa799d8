// SPDX-License-Identifier: LGPL-2.1-or-later
// The power menu: each button is pressed only after a dialog has said what that will do.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {byId, onClick} from './dom.js';

const SHORT_MS = 800;
const LONG_MS = 5000;
const STEP_MS = 100;

/// What the dialog says, given the power LED; null where the LED is not known.
const PRESSES = {
    'power-short': {
        title: 'power.short.title',
        text: (on) => on === null ? 'power.short.unknown' : on ? 'power.short.on' : 'power.short.off',
        act: 'power.short.act', type: 'power', ms: SHORT_MS,
    },
    'power-long': {
        title: 'power.long.title',
        text: (on) => on === false ? 'power.long.off' : 'power.long.on',
        act: 'power.long.act', type: 'power', ms: LONG_MS, danger: true,
    },
    'power-reset': {
        title: 'power.reset.title',
        text: (on) => on === false ? 'power.reset.off' : 'power.reset.on',
        act: 'power.reset.act', type: 'reset', ms: SHORT_MS, danger: true,
    },
};

/// Wires the menu; store.facts.power is {pwr, hdd} or null.
export function mindPower(store) {
    const dialog = byId('confirm');
    const yes = dialog.querySelector('[value="yes"]');
    const progress = dialog.querySelector('progress');
    const error = dialog.querySelector('.error');
    let chosen = null;

    const foretell = ({power}) => {
        byId('confirm-text').textContent = chosen ? t(chosen.text(power?.pwr ?? null)) : '';
    };
    store.on(['power'], (facts) => progress.hidden && foretell(facts)); // it may go on or off meanwhile

    for (const [id, press] of Object.entries(PRESSES)) {
        onClick(id, () => {
            chosen = press;
            byId('confirm-title').textContent = t(press.title);
            foretell(store.facts);
            yes.textContent = t(press.act);
            yes.classList.toggle('danger', Boolean(press.danger));
            error.textContent = '';
            dialog.showModal();
        });
    }

    let holding = 0;
    const pressing = (on) => {
        clearInterval(holding);
        progress.hidden = !on;
        [progress.max, progress.value] = [chosen.ms, 0];
        if (on)
            holding = setInterval(() => { progress.value += STEP_MS; }, STEP_MS);
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
