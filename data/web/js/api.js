// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls to the daemon's HTTP API, and what can go wrong with them.

import {t} from './i18n.js';
import {CLIENT} from './line.js';
import {wireForm} from './password.js';

/// A call that failed. kind: "unreachable" (no answer), "signed-out" (no valid session),
/// "forbidden" (role too low), "refused" (the daemon said no; code and message say why).
export class ApiError extends Error {
    constructor(kind, message, code = 0) {
        super(message);
        this.kind = kind;
        this.code = code;
    }
}

/// Sends a request; the Response, whatever its status, or an ApiError when there was none.
export async function request(path, options = {}) {
    try {
        return await fetch(path, {credentials: 'same-origin', cache: 'no-store', ...options});
    } catch {
        throw new ApiError('unreachable', t('error.unreachable'));
    }
}

/// Calls a JSON route and returns its data. A body is sent as JSON, but a Blob or a form as it is.
export async function call(method, path, body, signal) {
    const options = {method, headers: {Accept: 'application/json'}, signal};
    if (body instanceof Blob || body instanceof FormData) {
        options.body = body;
    } else if (body !== undefined) {
        options.headers['Content-Type'] = 'application/json';
        options.body = JSON.stringify(body);
    }
    const response = await request(path, options);
    if (response.status === 401)
        throw new ApiError('signed-out', t('signin.ended'));
    if (response.status === 403)
        throw new ApiError('forbidden', t('error.forbidden'));
    const reply = await response.json().catch(() => null);
    if (!response.ok || typeof reply?.code !== 'number')
        throw new ApiError('refused', t('error.http', {status: String(response.status)}));
    if (reply.code !== 0)
        throw new ApiError('refused', words(reply), reply.code);
    return reply.data;
}

/** What was refused, and why. */
const words = (reply) => [reply.msg, reply.reason].filter(Boolean).join(': ')
    || t('error.refused');

export const account = (signal) => call('GET', '/api/auth/account', undefined, signal);
export const logout = () => call('POST', '/api/auth/logout');
export const info = () => call('GET', '/api/vm/info');
export const leds = () => call('GET', '/api/hid/leds');
export const power = () => call('GET', '/api/vm/gpio');
export const resetHid = () => call('POST', '/api/hid/reset');

/// What is recorded: {on, name, seconds, reason, window: {seconds, kept}}; for admins.
export const recording = () => call('GET', '/api/stream/recording');
export const startRecording = () => call('POST', '/api/stream/recording/start', {});
export const stopRecording = () => call('POST', '/api/stream/recording/stop');

/// The seconds kept in memory, to be saved after the fact; 0 keeps nothing.
export const keepSeconds = (seconds) => call('POST', '/api/stream/recording/window', {seconds});
export const saveKept = () => call('POST', '/api/stream/recording/save', {});

/// The files there are: [{name, size in bytes, modified in s since 1970, recording}].
export const recordings = async () => (await call('GET', '/api/stream/recordings')).recordings;

export const deleteRecording = (name) => call('DELETE', `/api/stream/recordings/${encodeURIComponent(name)}`);

/// What is in each of the computer's drives: [{file, cdrom, readOnly, trouble}]; for admins.
export const drives = async () => (await call('GET', '/api/storage/drives')).drives;

/// The computers that can be woken: [{mac, name}], the name "" where there is none. A KVM that has not
/// woken any yet says that it has no file of them.
export const wakeable = async () => (await call('GET', '/api/network/wol/mac')).macs.map((line) => {
    const [mac, ...name] = line.split(' ');
    return {mac, name: name.join(' ')};
});
export const wake = (mac) => call('POST', '/api/network/wol', {mac});
export const nameWakeable = (mac, name) => call('POST', '/api/network/wol/mac/name', {mac, name});
export const forgetWakeable = (mac) => call('DELETE', '/api/network/wol/mac', {mac});

/// The images there are: [{file, name, size, mountAs: "cdrom" or "disk", reason, warnings, ...}], and the
/// room for more: {images, free, total}, in bytes.
export const library = () => call('GET', '/api/storage/images');
export const images = async () => (await library()).images;
export const deleteImage = (file) => call('POST', '/api/storage/image/delete', {file});

/// An image that the daemon fetches: {status: "idle", "in_progress", "success", "failed" or
/// "checksum_failed", file: its URL, percentage: "12.34%" or "", reason}.
export const download = () => call('GET', '/api/download/image/status');
export const startDownload = (file, sha256sum) => call('POST', '/api/download/image', {file, sha256sum});
export const cancelDownload = () => call('POST', '/api/download/image/cancel');

/// Puts an image into the first drive; "" takes out what is in it.
export const mount = (file, cdrom) => call('POST', '/api/storage/image/mount', {file, cdrom});

/// An upload: {id, offset, done}. The same name, size and sum go on with what was interrupted; the sum is
/// checked in the end, "" for none.
export const beginUpload = (name, size, sha256, signal) =>
    call('POST', '/api/storage/upload', {name, size, sha256}, signal);
export const sendPart = (id, offset, part, signal) =>
    call('PUT', `/api/storage/upload/${id}?offset=${offset}`, part, signal);
export const dropUpload = (id) => call('DELETE', `/api/storage/upload/${id}`);

/// The scripts of the KVM, by their names; run() answers what one said, once it has ended, or "" at once.
export const scripts = async () => (await call('GET', '/api/vm/script')).files;
export const runScript = async (name, type) => (await call('POST', '/api/vm/script/run', {name, type})).log;
export const deleteScript = (name) => call('DELETE', '/api/vm/script', {name});
export async function saveScript(file) {
    const form = new FormData();
    form.append('file', file);
    return call('POST', '/api/vm/script/upload', form);
}

/// What runs at each start of the KVM, by its names and with its text.
const autostartPath = (name) => `/api/vm/autostart/${encodeURIComponent(name)}`;
export const autostart = async () => (await call('GET', '/api/vm/autostart')).files;
export const readAutostart = (name) => call('GET', autostartPath(name));
export const saveAutostart = (name, content) => call('POST', autostartPath(name), {content});
export const deleteAutostart = (name) => call('DELETE', autostartPath(name));

/// How the picture fares at every viewer, and what this page knows of its own.
export const stats = (signal) => call('GET', '/api/stream/stats', undefined, signal);
export const tell = (figures) => call('POST', '/api/stream/stats', figures);

/// Whether pictures may stay away for long: while the capture is switched off, and of a screen that
/// stands still where somebody has it so for MJPEG.
export async function silenceIsMeant(transport, signal) {
    if (!(await call('GET', '/api/vm/hdmi', undefined, signal)).enabled)
        return true;
    return transport === 'mjpeg'
        && (await call('GET', '/api/stream/mjpeg/detect', undefined, signal)).enabled;
}

/// Whether the password is still the one that the KVM made up and printed at its first start.
export const setupDue = async () => (await call('GET', '/api/auth/setup')).due;

/// Starts a session; the cookie it comes with is out of scripts' reach.
export async function login(username, password) {
    return call('POST', '/api/auth/login', {username, password: await wireForm(password)});
}

/// Replaces the password; every session of the account ends with it.
export async function changePassword(current, next) {
    const [currentPassword, password] = [await wireForm(current), await wireForm(next)];
    return call('POST', '/api/auth/password', {currentPassword, password});
}

/// Whether the mouse moves by itself while nobody uses it: {enabled, mode}; for admins.
export const jiggler = () => call('GET', '/api/vm/mouse-jiggler');
export const setJiggler = (enabled, mode) => call('POST', '/api/vm/mouse-jiggler', {enabled, mode});

/// Sets how the picture is sent to all who watch; docs/rest.md has the types and their values.
export const setScreen = (type, value) => call('POST', '/api/vm/screen', {type, value});

/// Holds a front-panel button, "power" or "reset"; answers when it has been let go.
export const press = (type, durationMs) => call('POST', '/api/vm/gpio', {type, duration: durationMs});

/// The keyboard layouts texts can be typed with: [{id, name, characters, keys: [{code, types}]}].
export const layouts = async () => (await call('GET', '/api/hid/layouts')).layouts;

/// The shortcuts that are kept on the device: [{id, keys: [{code, label}]}]; admins add and delete.
export const shortcuts = async () => (await call('GET', '/api/hid/shortcuts')).shortcuts;
export const addShortcut = (keys) => call('POST', '/api/hid/shortcut', {keys});
export const dropShortcut = (id) => call('DELETE', '/api/hid/shortcut', {id});

/// Types text on the computer's keyboard; layout "" is US. Answers when it has been typed.
export const type = (content, layout) => call(
    'POST', '/api/hid/paste', {content, langue: layout, client: CLIENT});
