// SPDX-License-Identifier: LGPL-2.1-or-later
/// Every layout there is; each is defined in the file of its id.
#pragma once

#include "lib/usbhid/keymap.h"

namespace panto::hid
{

extern const Layout kLayoutDe;
extern const Layout kLayoutFr;
extern const Layout kLayoutUs;

} // namespace panto::hid
