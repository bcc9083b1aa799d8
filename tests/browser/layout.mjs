// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the parts of a page are where they can be seen.

/// What below an element leaves the window sideways, covers something else that is to be read or
/// pressed, or is cut off: a line of words for each.
export const misplaced = (page, root) => page.evaluate((selector) => {
    const top = document.querySelector(selector);
    const parts = [...top.querySelectorAll(
        'button, summary, a, input, select, textarea, label, legend, p, li, dt, dd, h1, h2, th, td')]
        .filter((part) => part.checkVisibility({visibilityProperty: true}) && !part.matches('.unseen')
                && !part.closest('#stage, #toast') && part.getBoundingClientRect().width > 1
                && (selector.includes('open') || !part.closest('details:not([open]) .sheet')));
    const name = (part) => `${part.localName}${part.id && `#${part.id}`} “${
        (part.textContent.trim() || part.title || part.ariaLabel || '').slice(0, 30)}”`;
    const box = (part) => part.getBoundingClientRect();
    const said = [];
    if (document.documentElement.scrollWidth > innerWidth)
        said.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
    for (const part of parts) {
        const {left, right} = box(part);
        if (left < -0.5 || right > innerWidth + 0.5)
            said.push(`${name(part)} leaves the window: ${left}..${right}`);
        if (part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflow === 'hidden'
            && !part.matches('#host'))
            said.push(`${name(part)} is cut off`);
    }
    parts.forEach((one, i) => parts.slice(i + 1).forEach((other) => {
        if (one.contains(other) || other.contains(one))
            return;
        const [a, b] = [box(one), box(other)];
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 1)
            said.push(`${name(one)} and ${name(other)} overlap by ${wide} × ${high}`);
    }));
    return said;
}, root);
