// SPDX-License-Identifier: LGPL-2.1-or-later
// strictStyles: lets somebody else's module style what it makes under a policy without inline styles.
//
// The page's policy has no 'unsafe-inline', so a <style> with a text and a style attribute count for
// nothing. Sheets that a script makes and properties that it sets are no such thing: what a module writes
// into a <style> becomes an adopted sheet, and what it sets as a style attribute, properties.

/// From now on, until the function is called that it returns, which takes the sheets away.
export function strictStyles() {
    const sheets = [];
    document.createElement = (name, options) => {
        if (name !== 'style')
            return Object.assign(Document.prototype.createElement.call(document, name, options), {setAttribute});
        const sheet = new CSSStyleSheet();
        sheets.push(sheet);
        document.adoptedStyleSheets.push(sheet);
        const inert = Document.prototype.createElement.call(document, 'template');
        return Object.defineProperty(inert, 'textContent', {set: (text) => sheet.replaceSync(text)});
    };
    return () => {
        delete document.createElement; // the prototype's is there again
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
    };
}

function setAttribute(name, value) {
    if (name === 'style')
        this.style.cssText = value;
    else
        Element.prototype.setAttribute.call(this, name, value);
}
