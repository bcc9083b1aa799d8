// SPDX-License-Identifier: LGPL-2.1-or-later
// Store: the console's plain facts in one object; whoever shows a fact listens to it.

export class Store {
    #facts;
    #listeners = new Set();

    constructor(facts) {
        this.#facts = Object.freeze({...facts});
    }

    /// All facts as they are now; a frozen object, replaced at every change.
    get facts() {
        return this.#facts;
    }

    /// Changes some facts and tells those who listen to one of them.
    set(changes) {
        const changed = Object.keys(changes).filter((key) => !same(changes[key], this.#facts[key]));
        if (changed.length === 0)
            return;
        this.#facts = Object.freeze({...this.#facts, ...changes});
        for (const {keys, tell} of [...this.#listeners]) {
            if (keys.some((key) => changed.includes(key)))
                tell(this.#facts);
        }
    }

    /// Calls tell(facts) now and whenever one of the keys changes.
    on(keys, tell) {
        this.#listeners.add({keys, tell});
        tell(this.#facts);
    }
}

function same(a, b) {
    return a === b || (a && b && typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}
