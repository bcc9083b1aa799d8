// SPDX-License-Identifier: LGPL-2.1-or-later
// The doctor: each link of the chain from the computer's cable to this page, how it stands and what to do.

import * as api from '../api.js';
import {known, t} from '../i18n.js';
import {copyText} from './copy.js';
import {openDialog} from './dialog.js';
import {make} from './dom.js';

const WORST_FIRST = ['broken', 'warning', 'ok', 'absent'];

/// Opens it, for admins.
export async function open() {
    const again = make('button', {type: 'button', id: 'doctor-again', textContent: t('doctor.again')});
    const copy = make('button', {type: 'button', id: 'doctor-copy', textContent: t('copy'), disabled: true});
    const said = make('p', {id: 'doctor-said', role: 'status'});
    const list = make('ul', {id: 'doctor-links', tabIndex: 0, ariaLabel: t('doctor.title'), role: 'list'});
    let findings = [];
    const {dialog, act} = openDialog('doctor', t('doctor.title'), [
        make('div', {className: 'service-tools'}, again, copy), said, list]);

    const ask = async () => {
        again.disabled = true;
        said.textContent = t('doctor.looking');
        delete said.dataset.state;
        const done = await act(async () => {
            const {verdict, links} = await api.call('GET', '/api/doctor');
            findings = links.toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
            list.replaceChildren(...findings.map(row));
            said.textContent = t(`doctor.all-${verdict}`);
            said.dataset.state = verdict;
        });
        if (!done)
            said.textContent = '';
        copy.disabled = findings.length === 0;
        again.disabled = false;
    };
    again.addEventListener('click', ask);
    copy.addEventListener('click', async () => {
        const text = findings.map(({link, state, what, cure}) => `${state} ${link}: ${what}${cure && `\n    -> ${cure}`}\n`);
        const copied = await copyText(text.join(''), dialog);
        said.textContent = t(copied ? 'copied' : 'copy.failed');
        delete said.dataset.state;
    });
    ask();
}

/// The daemon's own words stay as they come; which link it is, and how it stands, is ours to say.
function row({link, state, what, cure}) {
    const item = make('li', {}, make('b', {className: 'state', textContent: t(`doctor.${state}`)}),
        make('span', {className: 'link', textContent: known(`link.${link}`) ? t(`link.${link}`) : link}),
        make('span', {className: 'what', textContent: what}));
    if (cure)
        item.append(make('span', {className: 'cure', textContent: cure}));
    item.dataset.state = state;
    item.dataset.link = link;
    return item;
}
