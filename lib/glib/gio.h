// SPDX-License-Identifier: LGPL-2.1-or-later
/// GIO's types that more than one room counts references of.
#pragma once

#include "lib/glib/ref.h"

#include <gio/gio.h>

PANTO_COUNTED(GCancellable, g_object_ref, g_object_unref)
PANTO_COUNTED(GSubprocess, g_object_ref, g_object_unref)
