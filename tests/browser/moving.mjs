// SPDX-License-Identifier: LGPL-2.1-or-later
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Daemon} from './daemon.mjs';

const CAPTURE = `name: capture
kind: capture
launch: |
  videotestsrc pattern=zone-plate kx2=20 ky2=20 kt=5 is-live=true
  ! video/x-raw,width=640,height=480,framerate=30/1
`;

/// Starts a daemon whose screen is all motion, which a narrow network has no room for; `video` adds
/// to its settings.
export async function startMoving(video = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), 'pantograph-moving-'));
    const [settings, pipelines] = ['server.yaml', 'pipelines'].map((name) => path.join(folder, name));
    try {
        await mkdir(pipelines);
        await writeFile(path.join(pipelines, 'capture.yaml'), CAPTURE);
        await writeFile(settings, JSON.stringify({ // which is YAML
            video: {bitrate_kbps: 3000, pipelines_dir: pipelines, ...video},
        }));
        return await Daemon.start('--config', settings); // which has read them then
    } finally {
        await rm(folder, {recursive: true, force: true});
    }
}
