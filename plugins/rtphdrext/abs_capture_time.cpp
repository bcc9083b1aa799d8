// SPDX-License-Identifier: LGPL-2.1-or-later
/// rtphdrextabscapturetime: tells the receiver at what wall-clock time a frame was captured.
///
/// Units    on the wire NTP time, 32 bits of seconds since 1900 and 32 of fraction; interval is ms
/// Errors   none: an extension of a wrong length is ignored
/// Drops    stamps within interval of the one before; every packet of a stamped frame carries it
/// Threads  write() and read() on the streaming thread; properties from any thread, at any time
/// Source   http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time
/// Try      gst-inspect-1.0 rtphdrextabscapturetime
#include "plugins/rtphdrext/rtphdrext.h"

#include "lib/gst/ref.h"

#include <cstring>
#include <optional>

GST_DEBUG_CATEGORY_STATIC(abs_capture_time_debug);
#define GST_CAT_DEFAULT abs_capture_time_debug

namespace
{

using Nanoseconds = guint64; // since 1970, UTC

// RFC 868: seconds from 1900 to 1970.
constexpr guint64 kNtpToUnixSeconds = 2208988800u;
// A wall clock that was set, or a stream that started anew, moves the estimate by more than this.
constexpr gint64 kJump = gint64(GST_SECOND);

guint64 to_ntp(Nanoseconds unix)
{
    const guint64 seconds = unix / GST_SECOND + kNtpToUnixSeconds;
    return seconds << 32 | gst_util_uint64_scale(unix % GST_SECOND, guint64(1) << 32, GST_SECOND);
}

Nanoseconds from_ntp(guint64 ntp)
{
    // 32 bits of seconds end in 2036 and then begin anew. Round up: to_ntp() rounded down, and a
    // round trip should give back the same nanosecond.
    return guint32((ntp >> 32) - kNtpToUnixSeconds) * GST_SECOND +
           gst_util_uint64_scale_ceil(ntp & 0xffffffffu, GST_SECOND, guint64(1) << 32);
}

Nanoseconds wall_now()
{
    return Nanoseconds(g_get_real_time()) * 1000;
}

struct Settings {
    unsigned interval_ms = 0;
};

class AbsCaptureTime
{
public:
    using Parent = GstRTPHeaderExtension;
    using ParentClass = GstRTPHeaderExtensionClass;
    static constexpr char kTypeName[] = "PantoRtpAbsCaptureTime";
    static constexpr char kUri[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
    static constexpr gsize kSize = 8;
    static constexpr panto::Field<Settings> kFields[] = {
        {"interval", "Least time between two stamped frames, in ms; 0 stamps every frame",
         &Settings::interval_ms, 0, 60000, true},
    };
    static GType parent_type() { return GST_TYPE_RTP_HEADER_EXTENSION; }
    static void class_init(GstRTPHeaderExtensionClass *klass);

    explicit AbsCaptureTime(GstRTPHeaderExtension *element)
        : element_{element}, unix_{panto::Ref<GstCaps>::adopt(
                                 gst_caps_new_empty_simple("timestamp/x-unix"))}
    {
    }
    gssize write(const GstBuffer *input, guint8 *data);
    void read(const guint8 *data, gsize size, GstBuffer *output);

    panto::gst::Guarded<Settings> settings;

private:
    std::optional<Nanoseconds> captured(const GstBuffer *input);
    Nanoseconds estimate(GstClockTime pts);

    GstRTPHeaderExtension *element_; // borrowed: the element owns us
    panto::Ref<GstCaps> unix_;
    std::optional<gint64> offset_;                   // wall clock minus PTS, at its smallest
    GstClockTime stamped_pts_ = GST_CLOCK_TIME_NONE; // of the last frame that was stamped,
    Nanoseconds stamp_ = 0;                          // and its stamp: its packets agree
};

/// A live pipeline with no better source of time: no frame reaches us before it was captured, so
/// the smallest distance seen between now and a PTS is the closest to the truth. It errs by the
/// pipeline's least latency.
Nanoseconds AbsCaptureTime::estimate(GstClockTime pts)
{
    const gint64 seen = gint64(wall_now()) - gint64(pts);
    if (!offset_ || seen < *offset_ || seen - *offset_ > kJump)
        offset_ = seen;
    return Nanoseconds(*offset_ + gint64(pts));
}

std::optional<Nanoseconds> AbsCaptureTime::captured(const GstBuffer *input)
{
    auto *buffer = const_cast<GstBuffer *>(input); // the getter below only reads
    if (auto *meta = gst_buffer_get_reference_timestamp_meta(buffer, unix_.get()))
        return meta->timestamp;
    const GstClockTime pts = GST_BUFFER_PTS(buffer);
    if (!GST_CLOCK_TIME_IS_VALID(pts))
        return {};
    auto *element = GST_ELEMENT(element_);
    const auto clock = panto::Ref<GstClock>::adopt(gst_element_get_clock(element));
    if (!clock)
        return estimate(pts);
    const GstClockTimeDiff age =
        GST_CLOCK_DIFF(gst_element_get_base_time(element) + pts, gst_clock_get_time(clock.get()));
    return Nanoseconds(gint64(wall_now()) - age);
}

gssize AbsCaptureTime::write(const GstBuffer *input, guint8 *data)
{
    const GstClockTime pts = GST_BUFFER_PTS(input);
    const GstClockTime interval = settings.copy().interval_ms * GST_MSECOND;
    const bool timed = GST_CLOCK_TIME_IS_VALID(pts) && GST_CLOCK_TIME_IS_VALID(stamped_pts_);
    if (timed && pts > stamped_pts_ && pts - stamped_pts_ < interval)
        return 0;
    if (!timed || pts != stamped_pts_) {
        const auto time = captured(input);
        if (!time)
            return 0;
        stamp_ = *time;
        stamped_pts_ = pts;
    }
    const guint64 ntp = GUINT64_TO_BE(to_ntp(stamp_));
    std::memcpy(data, &ntp, sizeof ntp); // not aligned in the packet
    return kSize;
}

void AbsCaptureTime::read(const guint8 *data, gsize size, GstBuffer *output)
{
    if (size != kSize && size != 2 * kSize) { // the long form adds the sender's clock offset
        GST_DEBUG_OBJECT(element_, "ignored: %" G_GSIZE_FORMAT " bytes", size);
        return;
    }
    guint64 ntp;
    std::memcpy(&ntp, data, sizeof ntp);
    gst_buffer_add_reference_timestamp_meta(output, unix_.get(), from_ntp(GUINT64_FROM_BE(ntp)),
                                            GST_CLOCK_TIME_NONE);
}

void AbsCaptureTime::class_init(GstRTPHeaderExtensionClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(abs_capture_time_debug, "rtphdrextabscapturetime", 0,
                            "RTP header extension: absolute capture time");
    panto::rtp::class_init<AbsCaptureTime>(klass, "RTP absolute capture time",
                                           "Carries the wall-clock time a frame was captured at");
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(rtphdrextabscapturetime, "rtphdrextabscapturetime", GST_RANK_MARGINAL,
                            panto::gst::element_type<AbsCaptureTime>())
