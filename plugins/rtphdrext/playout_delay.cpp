// SPDX-License-Identifier: LGPL-2.1-or-later
/// rtphdrextplayoutdelay: tells the receiver how long it may hold a frame back before showing it.
///
/// Units    min-delay and max-delay are milliseconds, sent in steps of 10 ms; 0,0 means at once
/// Errors   none: an extension of a wrong length is ignored
/// Threads  write() and read() on the streaming thread; properties from any thread, at any time
/// Source   http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
/// Try      gst-inspect-1.0 rtphdrextplayoutdelay
#include "plugins/rtphdrext/rtphdrext.h"

#include <algorithm>

GST_DEBUG_CATEGORY_STATIC(playout_delay_debug);
#define GST_CAT_DEFAULT playout_delay_debug

namespace
{

constexpr unsigned kStepMs = 10;
constexpr unsigned kLargestMs = 0xfff * kStepMs; // twelve bits each

struct Settings {
    unsigned min_delay_ms = 0;
    unsigned max_delay_ms = 0;
};

class PlayoutDelay
{
public:
    using Parent = GstRTPHeaderExtension;
    using ParentClass = GstRTPHeaderExtensionClass;
    static constexpr char kTypeName[] = "PantoRtpPlayoutDelay";
    static constexpr char kUri[] = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    static constexpr gsize kSize = 3;
    static constexpr panto::Field<Settings> kFields[] = {
        {"min-delay",
         "Least time from capture to display, in ms; as received, behind a depayloader",
         &Settings::min_delay_ms, 0, kLargestMs, true},
        {"max-delay", "Longest time from capture to display, in ms; never below min-delay",
         &Settings::max_delay_ms, 0, kLargestMs, true},
    };
    static GType parent_type() { return GST_TYPE_RTP_HEADER_EXTENSION; }
    static void class_init(GstRTPHeaderExtensionClass *klass);

    explicit PlayoutDelay(GstRTPHeaderExtension *element) : element_{element} {}
    gssize write(const GstBuffer *input, guint8 *data);
    void read(const guint8 *data, gsize size, GstBuffer *output);

    panto::gst::Guarded<Settings> settings;

private:
    GstRTPHeaderExtension *element_; // borrowed: the element owns us
};

gssize PlayoutDelay::write(const GstBuffer *, guint8 *data)
{
    const Settings s = settings.copy();
    const guint min = s.min_delay_ms / kStepMs;
    const guint max = std::max(s.max_delay_ms / kStepMs, min);
    GST_WRITE_UINT24_BE(data, min << 12 | max);
    return kSize;
}

void PlayoutDelay::read(const guint8 *data, gsize size, GstBuffer *)
{
    if (size != kSize) {
        GST_DEBUG_OBJECT(element_, "ignored: %" G_GSIZE_FORMAT " bytes instead of 3", size);
        return;
    }
    const guint32 both = GST_READ_UINT24_BE(data);
    const Settings got{(both >> 12) * kStepMs, (both & 0xfff) * kStepMs};
    const bool changed = settings.with([&](Settings &s) {
        const bool differs =
            s.min_delay_ms != got.min_delay_ms || s.max_delay_ms != got.max_delay_ms;
        s = got;
        return differs;
    });
    if (!changed)
        return;
    GST_INFO_OBJECT(element_, "peer asks for %u..%u ms", got.min_delay_ms, got.max_delay_ms);
    g_object_notify(G_OBJECT(element_), "min-delay");
    g_object_notify(G_OBJECT(element_), "max-delay");
}

void PlayoutDelay::class_init(GstRTPHeaderExtensionClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(playout_delay_debug, "rtphdrextplayoutdelay", 0,
                            "RTP header extension: playout delay");
    panto::rtp::class_init<PlayoutDelay>(klass, "RTP playout delay",
                                         "Limits how long the receiver may hold a frame back");
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(rtphdrextplayoutdelay, "rtphdrextplayoutdelay", GST_RANK_MARGINAL,
                            panto::gst::element_type<PlayoutDelay>())
