// SPDX-License-Identifier: LGPL-2.1-or-later
// The few things every part of the page does with its elements.

import {t} from '../i18n.js';

/// The element with an id.
export const byId = (id) => document.getElementById(id);

/// Calls act when the element is clicked or activated by the keyboard.
export const onClick = (id, act) => byId(id).addEventListener('click', act);

/// Sets or removes an attribute that has no value.
export const mark = (element, name, on) => element.toggleAttribute(name, Boolean(on));

/// A new element with properties, attributes (those with a hyphen) and what is in it.
export function make(name, properties = {}, ...parts) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
        if (key.includes('-'))
            element.setAttribute(key, value);
        else
            element[key] = value;
    }
    element.append(...parts);
    return element;
}

/// An icon of a file of icons/.
export function icon(name, file = 'set') {
    const [svg, use] = ['svg', 'use'].map((tag) => document.createElementNS(
        'http://www.w3.org/2000/svg', tag));
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', `icons/${file}.svg#${name}`);
    svg.append(use);
    return svg;
}

const styles = new Map();

/// Links css/NAME.css on first use, and waits until it is there.
export function loadStyle(name) {
    const got = styles.get(name) ?? new Promise((done, fail) => {
        const link = make('link', {rel: 'stylesheet', onload: done, onerror: () => {
            styles.delete(name);
            link.remove();
            fail(new Error(t('error.part')));
        }, href: new URL(`../../css/${name}.css`, import.meta.url).href});
        document.head.append(link);
    });
    styles.set(name, got);
    return got;
}

/// A part of the page that is fetched on first use: its module, once that and its styles are there.
export async function loadPart(module, ...names) {
    const [part] = await Promise.all([
        module().catch(() => { throw new Error(t('error.part')); }), ...names.map(loadStyle)]);
    return part;
}

/// Has a button open such a part, or say why it cannot be had.
export const opensPart = (store, id, module, ...names) => onClick(id, () => attempt(async () => {
    const part = await loadPart(module, ...names);
    await part.open(store);
}));

/// An entry for each part, or one that says that there are none.
export function entries(parts, none) {
    return (parts.length ? parts : [none]).map((part) => {
        const item = document.createElement('li');
        item.append(part);
        return item;
    });
}

/// Texts side by side.
export const spans = (...texts) => texts.map((text) => {
    const span = document.createElement('span');
    span.textContent = text;
    return span;
});

/// Shows a message until it is closed; "" takes it away.
export function notify(text) {
    const notice = byId('notice');
    notice.querySelector('span').textContent = text;
    notice.hidden = !text;
}

/// Does something that may fail and shows why it did.
export async function attempt(action) {
    try {
        notify('');
        await action();
    } catch (error) {
        notify(error.message);
    }
}

/// Remembers a choice of how things look; never anything typed.
export const remember = (key, value) => {
    try {
        localStorage.setItem(`pantograph.${key}`, value);
    } catch { /* storage is off: the choice holds for this page */ }
};

/// A remembered choice, if it is one of those allowed; else the first of them.
export const recall = (key, allowed) => {
    let value = null;
    try {
        value = localStorage.getItem(`pantograph.${key}`);
    } catch { /* storage is off */ }
    return allowed.includes(value) ? value : allowed[0];
};
