// SPDX-License-Identifier: LGPL-2.1-or-later
// The computer's keyboard layouts, to choose from.

import {known, t} from '../i18n.js';
import {make} from './dom.js';

/// An option for each of the daemon's layouts, named in the language where that has a name for it.
export const layoutOptions = (layouts) => layouts.map(({id, name}) => make(
    'option', {value: id}, known(`layout.${id}`) ? t(`layout.${id}`) : name));
