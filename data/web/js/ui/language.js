// SPDX-License-Identifier: LGPL-2.1-or-later
// The page's language: the texts of its elements, and the choice of another.
//
// An element names the keys of its texts: data-text of what it holds, data-title of its title,
// data-label of its aria-label. What is made or changed by scripts is theirs: they listen to the fact.
//
// Facts it sets  language: the tag of the language that the page is in

import {LANGUAGES, direction, speak, spoken, suiting, t} from '../i18n.js';
import {recall, remember} from './dom.js';

/// Fetches the texts of the language that was chosen before, or that the browser asks for; returns its
/// tag.
export async function beginSpeaking() {
    await speak(suiting(recall('language', ['', ...Object.keys(LANGUAGES)]), navigator.languages));
    return spoken();
}

/// Writes the page's texts now and whenever the language changes, and wires the choices of one.
export function mindLanguage(store) {
    const choices = document.querySelectorAll('select.language');
    for (const choice of choices) {
        choice.replaceChildren(...Object.entries(LANGUAGES).map(([tag, name]) => {
            const option = new Option(name, tag);
            option.lang = tag;
            return option;
        }));
        choice.addEventListener('change', async () => {
            await speak(choice.value);
            remember('language', choice.value);
            store.set({language: spoken()});
        });
    }
    store.on(['language'], ({language}) => {
        Object.assign(document.documentElement, {lang: language, dir: direction()});
        for (const choice of choices)
            choice.value = language;
        for (const element of document.querySelectorAll('[data-text], [data-title], [data-label]'))
            write(element);
    });
}

function write(element) {
    const {text, title, label} = element.dataset;
    if (text)
        element.textContent = t(text);
    if (title)
        element.title = t(title);
    if (label)
        element.setAttribute('aria-label', t(label));
}
