// SPDX-License-Identifier: LGPL-2.1-or-later
// The on-screen keyboard: every key of the computer's keyboard, by pointer, touch or this page's own keys.
//
// A key is held for as long as it is pressed. A modifier stays for the next key, pressed twice until it
// is pressed again. A lost pointer, a window that is left and a closed board let go of everything.

import * as api from '../api.js';
import {t} from '../i18n.js';
import {MODIFIERS} from '../keys.js';
import {blocks, neighbour, PARTS, place} from '../plan.js';
import {capOf, isNamed, shortCap, signText, spokenCap} from './caps.js';
import {byId, icon, make, mark, recall, remember} from './dom.js';
import {layoutOptions} from './layouts.js';

const WIDE_PX = 900;
const MIDDLE_PX = 560;
const TAP_MS = 60; // how long a key is held that assistive technology presses

const LIGHTS = {CapsLock: 'capsLock', NumLock: 'numLock', ScrollLock: 'scrollLock'};
const WAYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

/// Keys that bear an icon, of icons/media.svg.
const ICONS = {
    AudioVolumeMute: 'mute', AudioVolumeDown: 'quieter', AudioVolumeUp: 'louder', MediaPlayPause: 'play',
    MediaStop: 'stop', MediaTrackPrevious: 'previous', MediaTrackNext: 'next', BrowserHome: 'home',
    BrowserBack: 'back', BrowserSearch: 'search', LaunchMail: 'mail', LaunchApp2: 'calculator',
    ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down',
};

/// The board in its element of the page; made once, open or not.
export class Board {
    #store;
    #keyboard;
    #panel = byId('board');
    #keys = make('div', {className: 'caps', role: 'group'});
    #layout = make('select');
    #parts = make('div', {className: 'parts', role: 'group'});
    #title = make('h2', {id: 'board-title'});
    #help = make('p', {id: 'board-help', className: 'unseen'});
    #closeButton;
    #layouts = null;
    #placed = {keys: []};
    #caps = new Map();    // code -> its button
    #pressed = new Map(); // pointer, or "key" -> the code it holds
    #sticky = new Map();  // modifier -> "once" or "locked"
    #typing = false;      // a key that is no modifier is down
    #part = PARTS[0];
    #form = '';

    /// keyboard holds what is pressed here.
    constructor(store, keyboard) {
        this.#store = store;
        this.#keyboard = keyboard;
        this.#closeButton = make('button', {type: 'button', className: 'tool', onclick: () => this.close()},
                                 icon('close'));
        const label = make('label', {}, make('span'), this.#layout);
        this.#panel.append(make('header', {}, this.#title, this.#parts, label, this.#closeButton),
                           this.#help, this.#keys);
        this.#keys.setAttribute('aria-labelledby', 'board-title');
        this.#keys.setAttribute('aria-describedby', 'board-help');
        this.#layout.addEventListener('change', () => {
            remember('layout', this.#layout.value);
            this.#build();
        });
        this.#listen();
        keyboard.watch(() => this.#changed());
        new ResizeObserver(() => this.#fit()).observe(this.#panel);
        store.on(['leds'], () => this.#show());
        store.on(['language'], () => this.#write());
        store.on(['session'], ({session}) => session === 'signed-in' || this.close());
    }

    get open() {
        return !this.#panel.hidden;
    }

    /// Shows it; focus says whether its keys get the page's focus.
    async show({focus = false} = {}) {
        this.#layouts ??= await api.layouts();
        this.#layout.replaceChildren(...layoutOptions(this.#layouts));
        this.#layout.value = recall('layout', this.#layouts.map(({id}) => id));
        this.#panel.hidden = false;
        this.#tellOpen();
        this.#form = '';
        this.#fit();
        if (focus)
            this.#keys.querySelector('[tabindex="0"]')?.focus();
    }

    /// Hides it; everything that it holds is let go.
    close() {
        if (!this.open)
            return;
        this.letGo();
        const focused = this.#panel.contains(document.activeElement);
        this.#panel.hidden = true;
        this.#tellOpen();
        if (focused)
            byId(document.fullscreenElement ? 'board-full' : 'board-open').focus();
    }

    /// Lets go of every key that is held by this board.
    letGo() {
        const codes = [...this.#pressed.values(), ...this.#sticky.keys()];
        this.#pressed.clear();
        this.#sticky.clear();
        for (const code of codes)
            this.#keyboard.letGo(code);
        this.#show();
    }

    #tellOpen() {
        byId('board-open').setAttribute('aria-expanded', this.open);
    }

    #listen() {
        const on = (type, take) => this.#keys.addEventListener(type, take);
        const codeOf = ({target}) => target.closest('button')?.dataset.code;
        on('mousedown', (event) => event.preventDefault()); // the focus stays where it is
        on('contextmenu', (event) => event.preventDefault());
        on('pointerdown', (event) => {
            const code = codeOf(event);
            if (!code || event.button > 0)
                return;
            this.#keys.setPointerCapture(event.pointerId);
            this.#press(event.pointerId, code);
        });
        for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'])
            on(type, ({pointerId}) => this.#lift(pointerId));
        on('keydown', (event) => this.#keydown(event, codeOf(event)));
        on('keyup', (event) => {
            if (event.code !== 'Space' && event.code !== 'Enter')
                return;
            event.preventDefault();
            this.#lift('key');
        });
        on('focusout', () => this.#lift('key'));
        on('click', (event) => {
            if (event.detail > 0 || !codeOf(event))
                return;
            this.#press('click', codeOf(event)); // by assistive technology, which tells no more
            setTimeout(() => this.#lift('click'), TAP_MS);
        });
        this.#panel.addEventListener('keydown', (event) => event.key === 'Escape' && this.close());
        for (const type of ['blur', 'pagehide'])
            window.addEventListener(type, () => this.letGo());
        document.addEventListener('visibilitychange', () => document.hidden && this.letGo());
    }

    #keydown(event, code) {
        if (event.code === 'Space' || event.code === 'Enter') {
            event.preventDefault();
            if (!event.repeat)
                this.#press('key', code);
        } else if (event.code in WAYS) {
            event.preventDefault();
            const from = this.#placed.keys.find((key) => key.code === code);
            this.#focus(neighbour(this.#placed.keys, from, WAYS[event.code]).code);
        }
    }

    /// One key is reached by Tab, the others from it by arrows.
    #focus(code) {
        for (const [each, cap] of this.#caps)
            cap.tabIndex = each === code ? 0 : -1;
        this.#caps.get(code).focus();
    }

    #press(by, code) {
        this.#lift(by);
        if (MODIFIERS.has(code)) {
            this.#stick(code);
        } else {
            this.#pressed.set(by, code);
            this.#keyboard.hold(code);
        }
    }

    #lift(by) {
        const code = this.#pressed.get(by);
        if (this.#pressed.delete(by))
            this.#keyboard.letGo(code);
    }

    /// A modifier goes from free to once to locked to free.
    #stick(code) {
        const next = {once: 'locked', locked: 'free'}[this.#sticky.get(code)] ?? 'once';
        if (next === 'free')
            this.#sticky.delete(code);
        else
            this.#sticky.set(code, next);
        if (next === 'once')
            this.#keyboard.hold(code);
        else if (next === 'free')
            this.#keyboard.letGo(code);
        byId('said').textContent = t(`board.${next}`, {key: this.#spoken(code)});
        this.#show();
    }

    /// Other keys are down: what was held for the next key has had it, what release() let go is no longer held.
    #changed() {
        const {codes} = this.#keyboard;
        for (const code of this.#sticky.keys())
            codes.includes(code) || this.#sticky.delete(code);
        for (const [by, code] of this.#pressed)
            codes.includes(code) || this.#pressed.delete(by);
        const typed = this.#typing;
        this.#typing = codes.some((code) => !MODIFIERS.has(code));
        const used = typed && !this.#typing
            ? [...this.#sticky].filter(([, how]) => how === 'once').map(([code]) => code) : [];
        used.forEach((code) => this.#sticky.delete(code));
        used.forEach((code) => this.#keyboard.letGo(code));
        this.#show();
    }

    get #signs() {
        return this.#layouts?.find(({id}) => id === this.#layout.value)?.keys ?? [];
    }

    #fit() {
        const width = this.#panel.clientWidth;
        const form = width >= WIDE_PX ? 'wide' : width >= MIDDLE_PX ? 'middle' : 'narrow';
        byId('screen').style.setProperty('--under', `${this.#panel.offsetHeight}px`);
        if (this.open && form !== this.#form) {
            this.#form = form;
            this.#build();
        }
    }

    #build() {
        this.letGo();
        const {consumer} = this.#keyboard;
        const codes = this.#signs.map(({code}) => code);
        const shown = blocks({codes, consumer, form: this.#form, part: this.#part});
        this.#placed = place(shown, this.#form !== 'wide');
        this.#caps = new Map(this.#placed.keys.map((key, i) => [key.code, this.#cap(key, i)]));
        this.#keys.replaceChildren(...this.#caps.values());
        this.#keys.style.setProperty('--columns', this.#placed.width * 4);
        this.#panel.dataset.form = this.#form;
        this.#parts.hidden = this.#form === 'wide';
        this.#parts.replaceChildren(...PARTS.map((part) => make(
            'button', {type: 'button', className: 'quiet', 'aria-pressed': part === this.#part,
                       onclick: () => this.#turnTo(part)}, t(`board.${part}`))));
        this.#write();
    }

    #turnTo(part) {
        const focused = this.#parts.contains(document.activeElement);
        this.#part = part;
        this.#build();
        if (focused)
            this.#parts.querySelector('[aria-pressed="true"]').focus();
    }

    #cap({code, x, y, width, height}, i) {
        const cap = make('button', {type: 'button', tabIndex: i ? -1 : 0, 'data-code': code});
        cap.style.gridArea = `${y + 1} / ${x * 4 + 1} / span ${height} / span ${width * 4}`;
        return cap;
    }

    /// Writes the texts of the language.
    #write() {
        this.#title.textContent = t('board.open');
        this.#help.textContent = t('board.help');
        this.#layout.ariaLabel = this.#layout.previousSibling.textContent = t('board.layout');
        this.#closeButton.title = this.#closeButton.ariaLabel = t('close');
        this.#show();
    }

    /// Shows what each key types now, and which are down.
    #show() {
        const {codes} = this.#keyboard;
        const signs = new Map(this.#signs.map(({code, types}) => [code, types]));
        const altGr = [...signs.values()].some(([, , third]) => third);
        const shift = codes.some((code) => code.startsWith('Shift'));
        const level = (altGr && codes.includes('AltRight') ? 2 : 0) + (shift ? 1 : 0);
        for (const [code, cap] of this.#caps) {
            const types = signs.get(code);
            if (types && !isNamed(code))
                this.#showSigns(cap, types, level);
            else
                this.#showName(cap, code, altGr);
            mark(cap, 'data-down', codes.includes(code));
            if (MODIFIERS.has(code)) {
                cap.dataset.held = this.#sticky.get(code) ?? '';
                cap.ariaPressed = this.#sticky.has(code);
            }
            if (code in LIGHTS)
                cap.ariaPressed = this.#store.facts.leds?.[LIGHTS[code]] ?? false;
        }
    }

    #showSigns(cap, types, level) {
        const [plain, shifted] = types;
        const letter = plain.toUpperCase() === shifted && plain !== shifted;
        const caps = letter && level < 2 && this.#store.facts.leds?.capsLock;
        const sign = types[caps ? 1 - level : level] || '';
        const small = (at) => (types[at] && at !== level && !(letter && at < 2)
            ? [make('small', {'aria-hidden': 'true', className: `level${at}`}, signText(types[at]))] : []);
        cap.replaceChildren(make('span', {}, signText(sign)), ...small(1), ...small(2));
        cap.ariaLabel = sign ? null : capOf(cap.dataset.code);
    }

    #spoken(code) {
        return spokenCap(code, shortCap(code));
    }

    #showName(cap, code, altGr) {
        const alt = code === 'AltRight' && !altGr ? t('key.alt') : '';
        cap.classList.toggle('word', isNamed(code) && !(code in ICONS));
        cap.ariaLabel = alt || this.#spoken(code);
        if (code in ICONS)
            cap.title = capOf(code);
        cap.replaceChildren(code in ICONS ? icon(ICONS[code], 'media')
            : make('span', {}, alt || shortCap(code)));
    }
}
