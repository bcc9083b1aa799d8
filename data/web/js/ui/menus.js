// SPDX-License-Identifier: LGPL-2.1-or-later
// The toolbar's menus: one open at a time; Escape, a choice or a click elsewhere closes.

const EDGE_PX = 8;

const open = () => document.querySelectorAll('details.menu[open]');

function close(menu, {focus = false} = {}) {
    menu.open = false;
    if (focus)
        menu.querySelector('summary').focus();
}

/// Gives every menu of the page its manners.
export function mindMenus() {
    document.addEventListener('pointerdown', ({target}) => {
        for (const menu of open()) {
            if (!menu.contains(target))
                close(menu);
        }
    });
    for (const menu of document.querySelectorAll('details.menu')) {
        menu.addEventListener('toggle', () => {
            if (menu.open)
                fit(menu.querySelector('.sheet'));
            for (const other of open()) {
                if (menu.open && other !== menu)
                    close(other);
            }
        });
        menu.addEventListener('keydown', (event) => steer(menu, event));
        menu.addEventListener('focusout', ({relatedTarget}) => {
            if (relatedTarget && !menu.contains(relatedTarget))
                close(menu);
        });
        // Before the choice does anything: a dialog that it opens gives the focus back to what had it.
        menu.querySelector('.sheet').addEventListener('click', ({target}) => {
            if (target.closest('button:not([data-stays]), a'))
                close(menu, {focus: true});
        }, {capture: true});
    }
}

/// Lets a sheet know where it begins, so that it ends within the window and scrolls, and moves one
/// that leaves the window sideways, as one near the edge of a second row does, back into it.
function fit(sheet) {
    sheet.style.translate = '';
    const {top, left, right} = sheet.getBoundingClientRect();
    sheet.style.setProperty('--top', `${top}px`);
    const by = Math.max(0, EDGE_PX - left) - Math.max(0, right + EDGE_PX - innerWidth);
    sheet.style.translate = by ? `${by}px` : '';
}

/// Escape closes, arrows walk through the choices.
function steer(menu, event) {
    if (event.key === 'Escape' && menu.open) {
        close(menu, {focus: true});
        event.preventDefault();
    }
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!by || event.target.matches('[type="radio"], select'))
        return;
    event.preventDefault();
    menu.open = true;
    const choices = [...menu.querySelectorAll('.sheet :is(button, a, select, :checked, [type="checkbox"])')]
        .filter((choice) => choice.checkVisibility() && !choice.disabled && choice.localName !== 'option');
    const at = choices.indexOf(document.activeElement);
    choices[(at + by + choices.length + (at < 0 && by < 0 ? 1 : 0)) % choices.length]?.focus();
}
