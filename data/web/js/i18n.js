// SPDX-License-Identifier: LGPL-2.1-or-later
// i18n: the console's texts in a person's language: one JSON of lang/ for each, keys to texts.
//
// A text may hold {names} of values; numbers among them are written as the language writes them. One
// that differs by a number is an object of Intl's plural categories, chosen by the value `count`.

/// The languages there are, by their tags, each by its own name.
export const LANGUAGES = Object.freeze({
    en: 'English', 'zh-Hans': '简体中文', de: 'Deutsch', fr: 'Français', es: 'Español',
    ja: '日本語', pt: 'Português', ko: '한국어',
});
const FALLBACK = 'en';

let language = FALLBACK;
let texts = {};

/// The tag of the language that texts are in.
export const spoken = () => language;

/// Which language suits a person: the one chosen before, else the first of those asked for that there
/// is, else English. Who asks for the Chinese of Taiwan is not given that of Beijing.
export const suiting = (chosen, asked) => [chosen, ...asked].map(tagOf).find(Boolean) ?? FALLBACK;

function tagOf(asked) {
    try {
        const {language: wanted, script} = new Intl.Locale(asked).maximize();
        return Object.keys(LANGUAGES).find((tag) => {
            const ours = new Intl.Locale(tag).maximize();
            return ours.language === wanted && ours.script === script;
        });
    } catch {
        return undefined; // nothing was chosen, or what is no tag at all
    }
}

/// Fetches a language and English, which stands in for it, and speaks it from then on. Throws when
/// neither is to be had.
export async function speak(tag) {
    const wanted = [...new Set([FALLBACK, tag])];
    const got = await Promise.allSettled(wanted.map(fetched));
    if (got.every(({status}) => status === 'rejected'))
        throw got[0].reason;
    use(got.at(-1).value ? tag : FALLBACK, Object.assign({}, ...got.map(({value}) => value)));
}

async function fetched(tag) {
    const response = await fetch(new URL(`../lang/${tag}.json`, import.meta.url));
    if (!response.ok)
        throw new Error(`lang/${tag}.json: HTTP ${response.status}`);
    return response.json();
}

/// Speaks a language whose texts are at hand.
export function use(tag, all) {
    language = tag;
    texts = all;
}

/// Whether there is a text of this key.
export const known = (key) => Object.hasOwn(texts, key);

/// The text of a key, with its values. A key that nobody has written yet stands for itself.
export function t(key, values = {}) {
    const all = known(key) ? texts[key] : key;
    const text = typeof all === 'string' ? all
        : all[new Intl.PluralRules(language).select(values.count)] ?? all.other;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = values[name] ?? whole;
        return typeof value === 'number' ? number(value) : value;
    });
}

/// A number with so many digits after the point.
export const number = (value, digits = 0) => new Intl.NumberFormat(language, {
    minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: 'min2',
}).format(value);

/// A span of time, in seconds, as a clock shows it.
export function clockTime(seconds) {
    const two = new Intl.NumberFormat(language, {minimumIntegerDigits: 2});
    const whole = Math.floor(seconds);
    return `${number(Math.floor(whole / 60))}:${two.format(whole % 60)}`;
}

/// A moment, in seconds since 1970, and the size of a file in bytes.
export const moment = (seconds) => new Intl.DateTimeFormat(language, {
    dateStyle: 'medium', timeStyle: 'medium',
}).format(seconds * 1000);
export const megabytes = (bytes) => new Intl.NumberFormat(language, {
    style: 'unit', unit: 'megabyte', maximumFractionDigits: 1,
}).format(bytes / 1e6);

/// A share from 0 to 1.
export const percent = (share) => new Intl.NumberFormat(language, {
    style: 'percent', maximumFractionDigits: 1,
}).format(share);

/// Several short things one after the other.
export const list = (items) => new Intl.ListFormat(language, {type: 'unit', style: 'short'}).format(items);

/// "ltr" or "rtl", the way the language is written; where the browser does not tell, as all of those
/// above are.
export function direction() {
    const locale = new Intl.Locale(language);
    return (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? 'ltr';
}
