// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observe/hush.h"
#include "daemon/observe/log.h"
#include "daemon/observe/news.h"
#include "lib/base/clock.h"

#include <cstdlib>
#include <gst/gst.h>
#include <map>
#include <mutex>

namespace panto::observe
{

namespace
{

std::mutex mutex; // elements log from their own threads
thread_local unsigned hushed = 0;

/// Passes each place in the code at most once a second: a stream in trouble says so 60 times.
bool is_due(const char *file, int line)
{
    static std::map<std::pair<const char *, int>, Time> last;
    const std::lock_guard lock{mutex};
    const Time now = steady_now();
    const auto [entry, fresh] = last.emplace(std::pair{file, line}, now);
    if (!fresh && now - entry->second < std::chrono::seconds{1})
        return false;
    entry->second = now;
    return true;
}

/// Passes the same words once a minute: a pipeline that fails is built anew every second.
bool is_news(const std::string &words)
{
    static News news;
    const std::lock_guard lock{mutex};
    return news.is(words);
}

void forward(GstDebugCategory *category, GstDebugLevel level, const gchar *file, const gchar *,
             gint line, GObject *object, GstDebugMessage *message, gpointer)
{
    if (level == GST_LEVEL_NONE || level > GST_LEVEL_WARNING || hushed || !is_due(file, line))
        return;
    std::string who = gst_debug_category_get_name(category);
    if (GST_IS_OBJECT(object) && GST_OBJECT_NAME(object))
        who += std::string{" "} + GST_OBJECT_NAME(object);
    const std::string words = who + ": " + gst_debug_message_get(message);
    if (is_news(words))
        log_warning("gst", words);
}

} // namespace

Hush::Hush()
{
    ++hushed;
}

Hush::~Hush()
{
    --hushed;
}

void bridge_gstreamer()
{
    if (std::getenv("GST_DEBUG"))
        return;
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_remove_log_function_by_data(nullptr); // a second call leaves one of us
    gst_debug_add_log_function(forward, nullptr, nullptr);
    // This makes it active, for these levels only: gst_debug_set_active() would do so for all of
    // them, and have each packet ask about every line that nobody wants.
    gst_debug_set_default_threshold(GST_LEVEL_WARNING);
    // What these warn of is every day's business here: a late encoder skips a frame, a peer leaves,
    // or asks again for a packet of before it came. webrtctransportsendbin hands latency down while
    // its encoder still waits for DTLS, is refused, and says so; it does it again when the encoder
    // is up, before the first packet.
    for (const char *chatty : {"appsrc", "GST_PADS", "sctpassociation", "sctpenc", "basesrc",
                               "webrtcdatachannel", "webrtctransportsendbin", "rtprtxsend"})
        gst_debug_set_threshold_for_name(chatty, GST_LEVEL_ERROR);
}

} // namespace panto::observe
