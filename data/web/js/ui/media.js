// SPDX-License-Identifier: LGPL-2.1-or-later
// The menu of the computer's drive: what is in it, the images there are, and another one from this
// machine, by the menu or dropped on the screen. For admins.
//
// Facts it sets  media: {drives, images} as the daemon tells them (see api.js); null while nobody knows;
//                uploading: {name, size, sent, rate} (see upload.js); null while nothing is

import * as api from '../api.js';
import {clockTime, list, megabytes, percent, t} from '../i18n.js';
import {Upload} from '../upload.js';
import {attempt, byId, entries, loadPart, onClick, spans} from './dom.js';
import {toast} from './status.js';

/// Wires the menu.
export function mindMedia(store) {
    const [menu, chooser, stage] = ['media', 'media-file', 'stage'].map(byId);
    let upload = null;

    const ask = async () => {
        if (store.facts.role !== 'admin')
            return;
        const [drives, images] = await Promise.all([api.drives(), api.images()]);
        store.set({media: {drives, images}});
    };
    const put = (file, cdrom, said) => attempt(async () => {
        await api.mount(file, cdrom);
        await ask();
        toast(said);
    });
    const send = (file, sum = '') => attempt(async () => {
        if (!file)
            return;
        if (upload)
            throw new Error(t('media.one'));
        const {name, size} = file;
        upload = new Upload(file, (how) => store.set({uploading: {name, size, ...how}}), sum);
        store.set({uploading: {name, size, sent: 0, rate: null}});
        try {
            if (await upload.run())
                toast(t('media.uploaded', {name}));
        } finally {
            upload = null;
            store.set({uploading: null});
        }
        await ask();
    });

    menu.addEventListener('toggle', () => menu.open && attempt(ask));
    onClick('media-eject', () => put('', undefined, t('media.ejected')));
    onClick('media-upload', () => {
        delete chooser.dataset.sum; // of a choice that was given up
        chooser.click();
    });
    onClick('media-manage', () => attempt(async () => {
        const {open} = await loadPart(() => import('./images.js'), 'machine');
        await open({put, changed: ask});
    }));
    onClick('media-cancel', () => upload?.cancel());
    chooser.addEventListener('change', () => {
        const [file] = chooser.files;
        const {sum} = chooser.dataset;
        chooser.value = ''; // so that the same one can be chosen again
        delete chooser.dataset.sum;
        send(file, sum);
    });
    const dropped = (event) => {
        if (!event.dataTransfer.types.includes('Files'))
            return;
        event.preventDefault(); // else the browser leaves the page for the file
        const taken = store.facts.role === 'admin' && stage.contains(event.target);
        event.dataTransfer.dropEffect = taken ? 'copy' : 'none';
        if (taken && event.type === 'drop')
            send(event.dataTransfer.files[0]);
    };
    window.addEventListener('dragover', dropped);
    window.addEventListener('drop', dropped);
    window.addEventListener('beforeunload', (event) => upload && event.preventDefault());

    store.on(['role'], ({role}) => role !== 'admin' && store.set({media: null}));
    store.on(['media', 'language'], ({media}) => {
        const drive = media?.drives[0];
        const file = drive?.file ?? '';
        const name = file.slice(file.lastIndexOf('/') + 1);
        byId('media-drive').textContent = !media ? '' : !drive ? t('media.no-drive')
            : drive.trouble || (name ? t('media.in-drive', {name}) : t('media.empty'));
        byId('media-eject').disabled = !file;
        byId('media-images').replaceChildren(...items(media?.images ?? [], file, (image) =>
            put(image.file, image.mountAs === 'cdrom', t('media.mounted', {name: image.name}))));
    });
    store.on(['uploading', 'language'], ({uploading}) => {
        for (const id of ['media-progress', 'media-cancel'])
            byId(id).hidden = !uploading;
        byId('media-upload').hidden = Boolean(uploading);
        byId('media-progress').replaceChildren(...(uploading ? progress(uploading) : []));
    });
}

/// How far an upload is, as words and as a bar.
function progress({name, size, sent, rate}) {
    const bar = document.createElement('progress');
    const share = percent(Math.floor(sent * 1000 / size) / 1000);
    const words = rate === null && sent > 0 ? t('media.interrupted', {name, share})
        : [t('media.uploading', {name, share, size: megabytes(size), rate: megabytes(rate ?? 0)}),
           rate && t('media.left', {time: clockTime((size - sent) / rate)})].filter(Boolean).join(' · ');
    bar.value = sent / size;
    bar.ariaLabel = words;
    return [...spans(words), bar];
}

/// What the list shows of images: each puts it into the drive; the one that is there is marked.
function items(images, mounted, chosen) {
    return entries(images.map((image) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.disabled = image.file === mounted;
        button.title = [image.reason, ...image.warnings].filter(Boolean).join('\n');
        const kind = t(image.mountAs === 'cdrom' ? 'media.cdrom' : 'media.disk');
        button.append(...spans(image.name, list([kind, megabytes(image.size)])));
        button.addEventListener('click', () => chosen(image));
        return button;
    }), t('media.none'));
}
