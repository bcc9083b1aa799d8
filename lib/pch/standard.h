// SPDX-License-Identifier: LGPL-2.1-or-later
// What nearly every file includes, parsed once: GStreamer and <functional> take seconds a file.
// Only a matter of speed: each file still includes what it uses.
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gio/gio.h>
#include <gst/gst.h>
