// SPDX-License-Identifier: LGPL-2.1-or-later
// The terminal: a shell of the KVM itself, drawn by xterm.js, for admins. Nothing of it is kept.
//
// Source  docs/decisions/0017-a-terminal-from-npm.md says where xterm.js comes from

import {t} from '../i18n.js';
import {Shell} from '../shell.js';
import {copyText} from './copy.js';
import {openDialog} from './dialog.js';
import {loadStyle, make, mark, recall, remember} from './dom.js';
import {strictStyles} from './strict_styles.js';

const VENDOR = '../vendor/xterm/xterm';
const CLOSED = {ended: 'terminal.ended', refused: 'terminal.refused', lost: 'terminal.lost'};
const MODIFIERS = ['Control', 'Alt', 'Shift', 'Meta', 'AltGraph'];

/// Opens it; where this KVM was built without xterm.js, says so.
export async function open() {
    const [{Terminal}, {FitAddon}] = await Promise.all([
        import('../../vendor/xterm/xterm.mjs'), import('../../vendor/xterm/addon-fit.mjs'), loadStyle(VENDOR),
    ]).catch(() => { throw new Error(t('terminal.missing')); });

    const button = (id, key) => make('button', {type: 'button', id, textContent: t(key)});
    const [again, copy, paste] = [['terminal-again', 'terminal.again'], ['terminal-copy', 'terminal.copy'],
                                  ['terminal-paste', 'terminal.paste']].map((names) => button(...names));
    const reader = make('input', {type: 'checkbox', id: 'terminal-reader',
                                  checked: recall('screen-reader', ['no', 'yes']) === 'yes'});
    const state = make('p', {id: 'terminal-state', className: 'soft', role: 'status'});
    const place = make('div', {id: 'terminal-place'});
    const {dialog, act} = openDialog('terminal', t('terminal.title'), [
        make('p', {id: 'terminal-help', className: 'soft', textContent: t('terminal.help')}), place, state,
    ], [make('label', {}, reader, t('terminal.reader')), copy, paste, again]);

    const plainStyles = strictStyles();
    const terminal = new Terminal({screenReaderMode: reader.checked, minimumContrastRatio: 4.5, fontSize: 14,
                                   fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace'});
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place);
    terminal.textarea.ariaLabel = t('terminal.input');
    terminal.textarea.setAttribute('aria-describedby', 'terminal-help');

    let shell = null;
    const start = () => {
        shell?.close();
        terminal.reset();
        mark(place, 'data-over', false);
        state.textContent = t('terminal.connecting');
        again.hidden = true;
        shell = new Shell({
            open: () => {
                state.textContent = t('terminal.connected');
                shell.resize(terminal);
            },
            said: (bytes) => terminal.write(bytes),
            closed: (how, reason) => {
                state.textContent = t(CLOSED[how], {reason});
                mark(place, 'data-over', true);
                again.hidden = false;
                if (place.contains(document.activeElement))
                    again.focus();
            },
        });
        terminal.focus();
    };
    const sized = new ResizeObserver(() => fit.fit());
    sized.observe(place);
    terminal.onData((text) => shell.type(text));
    terminal.onResize((size) => shell?.resize(size));
    terminal.attachCustomKeyEventHandler(keysOf({leave: () => copy.focus(), copy: () => take()}));

    const take = () => act(async () => {
        const text = terminal.getSelection();
        if (!text)
            throw new Error(t('terminal.nothing-selected'));
        if (!await copyText(text, dialog))
            throw new Error(t('copy.failed'));
    });
    paste.hidden = !navigator.clipboard?.readText; // http pages have Ctrl-Shift-V alone
    paste.addEventListener('click', () => act(async () => {
        terminal.paste(await navigator.clipboard.readText());
        terminal.focus();
    }));
    copy.addEventListener('click', take);
    again.addEventListener('click', start);
    reader.addEventListener('change', () => {
        terminal.options.screenReaderMode = reader.checked;
        remember('screen-reader', reader.checked ? 'yes' : 'no');
    });
    dialog.addEventListener('cancel', (event) => place.contains(document.activeElement) && event.preventDefault());
    dialog.addEventListener('close', () => {
        shell.close();
        sized.disconnect();
        terminal.dispose();
        plainStyles();
    });
    start();
}

/// Which keys are not the shell's: Ctrl, Alt and Shift held together and let go leave it, as they leave the
/// computer's screen; Ctrl-Shift-C copies, and Ctrl-Shift-V is left to the browser, which pastes.
function keysOf({leave, copy}) {
    let whole = false;
    return (event) => {
        const {type, key, code, ctrlKey, altKey, shiftKey} = event;
        if (type === 'keydown')
            whole = MODIFIERS.includes(key) && ctrlKey && altKey && shiftKey;
        if (type === 'keyup' && whole) {
            whole = false;
            leave();
        }
        if (!ctrlKey || !shiftKey || altKey || !['KeyC', 'KeyV'].includes(code))
            return true;
        if (code === 'KeyC' && type === 'keydown') {
            event.preventDefault();
            copy();
        }
        return false;
    };
}
