// SPDX-License-Identifier: LGPL-2.1-or-later
// The texts of a language as the console fetches them.

import {readFileSync} from 'node:fs';

export const textsOf = (tag) => JSON.parse(
    readFileSync(new URL(`../../data/web/lang/${tag}.json`, import.meta.url), 'utf8'));
