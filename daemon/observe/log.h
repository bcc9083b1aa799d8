// SPDX-License-Identifier: LGPL-2.1-or-later
/// The log: one line for each event, "2026-11-20T12:00:00.123Z info http GET /api/vm/info ms=2".
///
/// Rooms name themselves; GLib's and GStreamer's own messages come out the same way. critical is
/// our bug, warning wants an operator's eye, message is life cycle, info one line per request.
/// Secrets never go in: what a KVM types is somebody's password.
///
/// What log_often() is given waits until the main loop has nothing else to do, something else is
/// said, or 32 KiB have come together: a busy server writes once for many requests.
///
/// Drops    what is less important than the level; a line that cannot be written
/// Threads  any; only the main loop's lines wait
#pragma once

#include "lib/base/result.h"

#include <functional>
#include <string>
#include <vector>

namespace panto
{

/// One key=value behind the message.
struct LogField {
    const char *key;
    std::string value;
};
using LogFields = std::vector<LogField>;

void log_critical(const char *room, const std::string &message, const LogFields &fields = {});
void log_warning(const char *room, const std::string &message, const LogFields &fields = {});
void log_message(const char *room, const std::string &message, const LogFields &fields = {});
void log_info(const char *room, const std::string &message, const LogFields &fields = {});
/// Like log_info(), for what may come by the thousand: it may be written a moment later.
void log_often(const char *room, const std::string &message, const LogFields &fields = {});
void log_debug(const char *room, const std::string &message, const LogFields &fields = {});

namespace observe
{

/// Sends the log of this process to file: "stdout", "stderr" or a path that is appended to; level
/// is a name of logger.level. May be called again. Until the first call GLib writes the log.
Result<> start_log(const std::string &level, const std::string &file);

/// Changes the level, a name of logger.level, of what start_log() began; what is said meanwhile is
/// written if either level lets it through.
void change_level(const std::string &level, const std::function<void()> &meanwhile);

/// Lets GStreamer's warnings and errors through to the log, each place in its code at most once a
/// second, the same words at most once a minute. Does nothing when GST_DEBUG is set: somebody is
/// looking for more. Call after gst_init().
void bridge_gstreamer();

/// Text with everything escaped that could forge a line or steer a terminal.
std::string escaped(const std::string &text);

} // namespace observe
} // namespace panto
