// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings there are, one row for each, grouped as a person looks for them. settings.NAME and
// settings.NAME.about are its words.
//
// group    where it stands                     name     which it is
// kind     how it is shown: switch, choice, number, text, lines; or part: a module's own
// path     where its present value is read; value(data) takes it from there
// put      [method, path, body] that sets a value; {force} is added for what the daemon had to be forced to
// back     the same for the value before, from the data before; put(value) unless it is given
// when     when it counts: now, usb, session, again
// choices  the values of a choice, from the data; each has a text settings.NAME-VALUE, or stands for itself
// note     what else the daemon says, from the data
// none     the data that a refusal to read stands for, where the wire has no word for "never set"
// there    whether the device has it at all
// sure     asks before it is done; force: may be done although the daemon has a reason against it

import {agentKey} from './settings_agents.js';
import {tailscale, wifi} from './settings_network.js';
import {reboot, update} from './settings_system.js';
import {ownPassword, users} from './settings_users.js';

export const GROUPS = ['picture', 'input', 'usb', 'edid', 'network', 'access', 'system', 'agents'];

const post = (path, body) => ['POST', path, body];
/// A switch whose path reads and takes {enabled}.
const onOff = (group, name, path, more = {}) => ({
    group, name, kind: 'switch', path, value: ({enabled}) => enabled,
    put: (enabled) => post(path, {enabled}), when: 'now', ...more});
const part = (group, name, make) => ({group, name, kind: 'part', part: make});

/// "", or a reason and what to do about it.
const advice = ({reason, cure}) => [reason, cure].filter(Boolean).join('. ');
const addresses = (text) => text.split(/[\s,;]+/).filter(Boolean);

export const SETTINGS = [
    onOff('picture', 'capture', '/api/vm/hdmi', {
        put: (on) => post(`/api/vm/hdmi/${on ? 'enable' : 'disable'}`)}),
    {group: 'picture', name: 'rest', kind: 'number', min: 0, max: 10080, path: '/api/vm/hdmi',
     value: ({idleTimeout}) => idleTimeout, put: (minutes) => post('/api/vm/hdmi/timeout', {minutes}), when: 'now'},
    onOff('picture', 'still', '/api/stream/mjpeg/detect', {when: 'session'}),

    {group: 'input', name: 'jiggler', kind: 'choice', path: '/api/vm/mouse-jiggler',
     choices: () => ['off', 'relative', 'absolute'], value: ({enabled, mode}) => enabled ? mode : 'off', when: 'now',
     put: (mode) => post('/api/vm/mouse-jiggler', mode === 'off' ? {enabled: false} : {enabled: true, mode})},

    {group: 'usb', name: 'profile', kind: 'choice', path: '/api/usb', value: ({profile}) => profile,
     choices: () => ['normal', 'hid-only', 'boot-only', 'no-storage'], note: advice,
     put: (profile) => post('/api/usb', {profile}), when: 'usb', force: true},
    {group: 'usb', name: 'card', kind: 'choice', path: '/api/usb', value: ({network}) => network,
     choices: () => ['off', 'ncm', 'rndis'], put: (network) => post('/api/usb', {network}), when: 'usb', force: true},

    {group: 'edid', name: 'preset', kind: 'choice', path: '/api/vm/edid', value: ({preset}) => preset,
     choices: ({presets}) => presets, put: (preset) => post('/api/vm/edid', {preset}),
     back: ({edid}) => post('/api/vm/edid', {edid}), when: 'now'},
    {group: 'edid', name: 'edid', kind: 'lines', path: '/api/vm/edid', value: ({edid}) => edid,
     put: (edid) => post('/api/vm/edid', {edid: edid.replace(/\s+/g, '')}), when: 'now'},

    {group: 'network', name: 'hostname', kind: 'text', most: 64, path: '/api/vm/hostname',
     value: ({hostname}) => hostname, put: (hostname) => post('/api/vm/hostname', {hostname}), when: 'now'},
    onOff('network', 'mdns', '/api/vm/mdns'),
    {group: 'network', name: 'dns', kind: 'text', most: 400, path: '/api/network/dns', when: 'now',
     value: ({mode, servers}) => mode === 'manual' ? servers.join(', ') : '',
     note: ({effective}) => effective.join(', '),
     put: (text) => post('/api/network/dns', addresses(text).length
         ? {mode: 'manual', servers: addresses(text)} : {mode: 'dhcp'})},
    part('network', 'wifi', wifi),
    part('network', 'tailscale', tailscale),

    part('access', 'users', users),
    part('access', 'password', ownPassword),
    onOff('access', 'tls', '/api/vm/tls', {sure: true, back: null, when: 'again'}),
    onOff('access', 'ssh', '/api/vm/ssh'),

    {group: 'system', name: 'web-title', kind: 'text', most: 64, path: '/api/vm/web-title', value: ({title}) => title,
     put: (title) => post('/api/vm/web-title', {title}), when: 'now', none: {title: ''}},
    {group: 'system', name: 'swap', kind: 'number', min: 0, max: 65536, path: '/api/vm/swap', value: ({size}) => size,
     put: (size) => post('/api/vm/swap', {size}), when: 'now'},
    {group: 'system', name: 'memory', kind: 'number', min: 0, max: 1048576, path: '/api/vm/memory/limit',
     value: ({enabled, limit}) => enabled ? limit : 0, when: 'now',
     put: (limit) => post('/api/vm/memory/limit', {enabled: limit > 0, limit})},
    {group: 'system', name: 'oled', kind: 'number', min: 0, max: 86400, path: '/api/vm/oled', value: ({sleep}) => sleep,
     put: (sleep) => post('/api/vm/oled', {sleep}), when: 'now', there: ({exist}) => exist},
    {group: 'system', name: 'server', kind: 'text', most: 400, path: '/api/application/update-server',
     value: ({enabled, url}) => enabled ? url : '', when: 'now',
     put: (url) => post('/api/application/update-server', url ? {enabled: true, url} : {enabled: false})},
    onOff('system', 'preview', '/api/application/preview', {
        put: (enable) => post('/api/application/preview', {enable})}),
    part('system', 'update', update),
    part('system', 'reboot', reboot),

    {group: 'agents', name: 'agent', kind: 'choice', path: '/api/ai/control/status', value: ({mode}) => mode,
     choices: () => ['off', 'mcp', 'picoclaw'], put: (mode) => ['PUT', '/api/ai/control/mode', {mode}], when: 'now'},
    part('agents', 'key', agentKey),
];
