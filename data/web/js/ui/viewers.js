// SPDX-License-Identifier: LGPL-2.1-or-later
// The menu that shows everybody who watches and how their pictures fare, asked for while it is open.

import {stats} from '../api.js';
import {t} from '../i18n.js';
import {viewerTexts} from '../words.js';
import {byId} from './dom.js';

const ASK_MS = 2000;

/// own() is the name of this page's own viewer, or undefined.
export function mindViewers(own) {
    const menu = byId('viewers');
    const watching = byId('watching');
    let timer = 0;
    const ask = async () => {
        try {
            const all = viewerTexts(await stats(AbortSignal.timeout?.(ASK_MS)), own());
            watching.replaceChildren(...all.length ? all.flatMap(shown)
                : [paragraph(t('viewers.nobody'))]);
        } catch (error) {
            if (error.kind === 'signed-out')
                menu.open = false;
            watching.replaceChildren(paragraph(error.message));
        }
    };
    menu.addEventListener('toggle', () => {
        clearInterval(timer);
        if (!menu.open)
            return;
        ask();
        timer = setInterval(ask, ASK_MS);
    });
}

function paragraph(text) {
    const made = document.createElement('p');
    made.textContent = text;
    return made;
}

/// One viewer: a table of its stages, and what it did not get.
function shown({title, stages, dropped}) {
    const table = document.createElement('table');
    table.createCaption().textContent = title;
    fill(table.createTHead().insertRow(), [t('viewers.since'), 'p50', 'p95', 'p99'], 'col');
    const body = table.createTBody();
    for (const [stage, ...ages] of stages)
        fill(body.insertRow(), [stage, ...ages], 'row');
    return [table, paragraph(dropped)];
}

/// The first text heads a row; all of them head a column each in a row that heads columns.
function fill(row, texts, scope) {
    texts.forEach((text, i) => {
        const cell = document.createElement(scope === 'col' || i === 0 ? 'th' : 'td');
        if (cell.tagName === 'TH')
            cell.scope = scope;
        cell.textContent = text;
        row.append(cell);
    });
}
