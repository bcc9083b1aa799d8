// SPDX-License-Identifier: LGPL-2.1-or-later
// Who keeps the computer's keyboard and mouse: keep them, let them go, ask, hand over, take.

import {t} from '../i18n.js';
import {keeperOf, othersAsk} from '../words.js';
import {byId, make, notify, onClick, spans} from './dom.js';
import {toast} from './status.js';

const DEEDS = ['keep', 'let-go', 'ask', 'withdraw', 'take'];

/// Wires the menu's part of it and the question of another; act(deed, to) tells the daemon.
export function mindHold(store, act) {
    for (const deed of DEEDS)
        onClick(`hold-${deed}`, () => act(deed));
    onClick('asked-refuse', () => act('refuse'));
    onClick('asked-give', () => act('give', store.facts.hold?.asking));
    store.on(['hold', 'role', 'language'], ({hold, role}) => {
        byId('hold').hidden = !hold;
        const asks = othersAsk(hold);
        const question = byId('asked');
        if (asks)
            question.querySelector('span').textContent = t('hold.asked', {name: asks.name});
        question.hidden = !asks;
        if (hold)
            show(hold, role, act);
    });
}

/// What somebody did to this window's hold, or to its wish for it.
export function tellHold({event, by}) {
    if (event === 'asked')
        return; // the question itself is shown while it stands
    const text = t(`held.${event}`, {name: by});
    if (event === 'taken' || event === 'idle')
        notify(text); // whoever looked away has to find it
    else
        toast(text);
}

function show(hold, role, act) {
    const {you, keeper, asking, here} = hold;
    const [mine, other] = [keeper !== 0 && keeper === you, keeperOf(hold)];
    const may = {
        keep: !keeper, 'let-go': mine, ask: other && asking !== you && !asking,
        withdraw: asking === you, take: other && role === 'admin',
    };
    for (const deed of DEEDS)
        byId(`hold-${deed}`).hidden = !may[deed];
    byId('hold-state').textContent = mine ? t('hold.yours')
        : !other ? t('hold.free')
        : asking === you ? t('hold.waiting', {name: other.name})
        : asking ? t('hold.busy', {name: other.name})
        : t('hold.theirs', {name: other.name});
    byId('hold-here').replaceChildren(...here.map((guest) => person(guest, hold, mine && act)));
}

/// One who is here, with what the keeper can do for them.
function person({number, name}, {you}, act) {
    const text = number === you ? t('hold.this', {name}) : t('hold.window', {name, number: String(number)});
    const item = make('li', {}, ...spans(text));
    if (act && number !== you) {
        const words = t('hold.give');
        const give = make('button', {type: 'button', className: 'quiet', textContent: words,
                                     ariaLabel: `${words}: ${text}`});
        give.dataset.give = number;
        give.addEventListener('click', () => act('give', number));
        item.append(give);
    }
    return item;
}
