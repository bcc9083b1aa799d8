// SPDX-License-Identifier: LGPL-2.1-or-later
// The images on the KVM: what each is and how it should be mounted, deletion, and new ones from a URL or from
// this machine, with their sum where it is known.

import * as api from '../api.js';
import {list, megabytes, t} from '../i18n.js';
import {confirmed, openDialog, rowOf} from './dialog.js';
import {byId, entries, make} from './dom.js';

const ASK_MS = 1000;
const SUM = '[0-9A-Fa-f]{64}';

/// Opens it; put() is the menu's, changed() hears that there are others now.
export async function open({put, changed}) {
    const room = make('p', {id: 'images-room', className: 'soft'});
    const rows = make('ul', {id: 'images-list', className: 'rows'});
    const state = make('p', {id: 'images-state', className: 'soft', role: 'status'});
    const cancel = make('button', {type: 'button', id: 'images-cancel', className: 'quiet', hidden: true,
                                   textContent: t('images.cancel')});
    const url = make('input', {id: 'images-url', type: 'url', required: true, pattern: 'https?://.+',
                               placeholder: 'https://…/debian.iso', autocomplete: 'off', spellcheck: false});
    const sum = make('input', {id: 'images-sum', pattern: SUM, title: t('images.sum-help'), autocomplete: 'off',
                               spellcheck: false});
    const fetchIt = make('button', {type: 'submit', id: 'images-fetch', className: 'primary',
                                    textContent: t('images.fetch')});
    const upload = make('button', {type: 'button', id: 'images-upload', textContent: t('media.upload')});
    const form = make('form', {className: 'fields'},
        make('label', {htmlFor: url.id, textContent: t('images.url')}), url,
        make('label', {htmlFor: sum.id, textContent: t('images.sum')}), sum,
        make('div', {className: 'buttons'}, fetchIt, upload));
    const {dialog, act} = openDialog('images', t('images.title'), [room, rows, state, cancel, form]);
    let timer = 0;
    let last = 'idle';

    const fill = async () => {
        const {images, free, total} = await api.library();
        room.textContent = t('images.room', {free: megabytes(free), total: megabytes(total)});
        rows.replaceChildren(...entries(images.map(row), t('media.none')));
    };
    const row = (image) => rowOf(image.name, aboutImage(image), [
        {key: 'images.put', action: async () => {
            dialog.close();
            await put(image.file, image.mountAs === 'cdrom', t('media.mounted', {name: image.name}));
        }},
        {key: 'images.delete', action: async () => {
            const {name} = image;
            if (await confirmed(t('images.delete-title'), t('images.delete-text', {name}), t('images.delete')))
                act(async () => {
                    await api.deleteImage(image.file);
                    state.textContent = t('images.deleted', {name});
                    await Promise.all([fill(), changed()]);
                });
        }},
    ]);

    /// How a download fares, as long as one is on its way.
    const ask = async () => {
        clearTimeout(timer);
        const {status, file, percentage, reason} = await api.download();
        const name = file.slice(file.lastIndexOf('/') + 1);
        const running = status === 'in_progress';
        cancel.hidden = !running;
        fetchIt.disabled = running;
        if (running)
            state.textContent = t('images.fetching', {name, share: percentage || '…'});
        else if (status !== 'idle' && (status !== last || last === 'in_progress'))
            state.textContent = t(ENDED[status], {name, reason});
        if (status === 'success' && last !== 'success')
            await Promise.all([fill(), changed()]);
        last = status;
        if (running && dialog.isConnected)
            timer = setTimeout(() => act(ask), ASK_MS);
    };

    form.addEventListener('submit', (event) => {
        event.preventDefault();
        act(async () => {
            await api.startDownload(url.value.trim(), sum.value.trim());
            last = 'in_progress';
            await ask();
            form.reset();
        });
    });
    upload.addEventListener('click', () => {
        if (!sum.reportValidity())
            return;
        const chooser = byId('media-file');
        chooser.dataset.sum = sum.value.trim(); // the menu's, which takes it with what is chosen
        chooser.click();
        dialog.close();
    });
    cancel.addEventListener('click', () => act(async () => {
        await api.cancelDownload();
        last = 'idle';
        cancel.hidden = true;
        fetchIt.disabled = false;
        clearTimeout(timer);
        state.textContent = t('images.cancelled');
    }));
    dialog.addEventListener('close', () => clearTimeout(timer));
    await act(() => Promise.all([fill(), ask()]));
}

const ENDED = {success: 'images.fetched', failed: 'images.failed', checksum_failed: 'images.wrong-sum'};

/// What the inspector says of an image, line by line.
function aboutImage({size, mountAs, label, bootsBios, bootsUefi, reason, warnings}) {
    const boots = [bootsBios && 'BIOS', bootsUefi && 'UEFI'].filter(Boolean);
    const kind = t(mountAs === 'cdrom' ? 'media.cdrom' : 'media.disk');
    const first = [kind, megabytes(size), label, boots.length ? t('images.boots', {how: list(boots)}) : ''];
    return [first.filter(Boolean).join(' · '), reason, ...warnings.map((text) => `⚠ ${text}`)].filter(Boolean);
}
