// SPDX-License-Identifier: LGPL-2.1-or-later
// The measuring page (../page) in Chromium, with a daemon that serves it.
import path from 'node:path';

import {ROOT} from '../../browser/daemon.mjs';
import {serve} from './serve.mjs';

/// A daemon whose page is the measuring one; see serve().
export const servePage = (settings, env) =>
    serve(settings, env, '--web-root', path.join(ROOT, 'tests/bench/page'));

/// The page, connected; by `relay` if there is one. The picture has its own size.
export async function connected(browser, daemon, [width, height], relay = null) {
    const page = await browser.newPage({viewport: {width, height}});
    if (relay)
        await page.exposeFunction('relayed', (answer) => relay.between(answer));
    await page.goto(daemon.url);
    await page.evaluate(() => window.connect());
    return page;
}
