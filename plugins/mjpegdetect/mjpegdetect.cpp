// SPDX-License-Identifier: LGPL-2.1-or-later
/// mjpegdetect: drops frames that show nothing new, or marks them.
///
/// Units    threshold in steps of 8-bit samples, max-interval in ms of stream time
/// Drops    a frame that shows what the last one it let through shows, unless max-interval passed
///          or the picture has just come to rest
/// Threads  frames on the streaming thread; events and properties from any
/// Try      gst-launch-1.0 kvmsrc ! mjpegdetect ! jpegenc ! fakesink
#include "plugins/mjpegdetect/mjpegdetect.h"

#include "lib/gst/element.h"
#include "plugins/mjpegdetect/compare.h"

#include <atomic>
#include <gst/base/gstbasetransform.h>
#include <utility>

GST_DEBUG_CATEGORY_STATIC(mjpegdetect_debug);
#define GST_CAT_DEFAULT mjpegdetect_debug

namespace
{

using panto::Ref;

struct Settings {
    unsigned threshold = 0;
    unsigned max_interval_ms = 1000;
    unsigned settle_ms = 0;
    bool drop = true;
};

class MjpegDetect
{
public:
    using Parent = GstBaseTransform;
    using ParentClass = GstBaseTransformClass;
    static constexpr char kTypeName[] = "PantoMjpegDetect";
    static constexpr panto::Field<Settings> kFields[] = {
        {"threshold",
         "Largest change of a block, in steps of 8-bit samples, that is still nothing new; 0 "
         "compares exactly",
         &Settings::threshold, 0, 255, true},
        {"max-interval", "Let a frame through after so many ms without one; 0 for never",
         &Settings::max_interval_ms, 0, 3600000, true},
        {"settle",
         "Let one frame through, with an event before it, when the picture has stood still for so "
         "many ms; 0 for never",
         &Settings::settle_ms, 0, 3600000, true},
        {"drop", "Drop frames that show nothing new; false lets them through, marked as droppable",
         &Settings::drop, 0, 0, true},
    };
    static GType parent_type() { return GST_TYPE_BASE_TRANSFORM; }
    static void class_init(GstBaseTransformClass *klass);

    explicit MjpegDetect(GstBaseTransform *element) : element_{element}
    {
        gst_base_transform_set_passthrough(element_, TRUE);
    }
    bool set_caps(GstCaps *caps);
    bool stop();
    GstFlowReturn generate(GstBuffer **out);
    void on_event(GstEvent *event);

    panto::gst::Guarded<Settings> settings;

private:
    bool shows_news(GstBuffer *frame, const Settings &s);
    bool settles(bool news, GstBuffer *frame, const Settings &s);
    void announce(bool still, GstBuffer *frame);
    void push_event(const char *name);

    GstBaseTransform *element_; // borrowed: the element owns us
    std::atomic<bool> pass_next_ = false;
    // The streaming thread's own.
    panto::detect::Compare compare_;
    Ref<GstBuffer> last_; // let through last
    bool still_ = false;
    GstClockTime news_at_ = GST_CLOCK_TIME_NONE; // the last frame's that showed some
    bool settled_ = false;
};

bool MjpegDetect::set_caps(GstCaps *caps)
{
    last_ = {};
    return compare_.set_caps(caps);
}

bool MjpegDetect::stop()
{
    last_ = {};
    compare_.forget();
    still_ = pass_next_ = settled_ = false;
    return true;
}

/// In place of the base class's own: that marks the frame after a dropped one as discontinuous,
/// which decoders and parsers take for a loss.
GstFlowReturn MjpegDetect::generate(GstBuffer **out)
{
    auto frame = Ref<GstBuffer>::adopt(std::exchange(element_->queued_buf, nullptr));
    *out = nullptr;
    if (!frame)
        return GST_FLOW_OK;
    const Settings s = settings.copy();
    const bool asked_for = pass_next_.exchange(false);
    const bool news = shows_news(frame.get(), s);
    if (news == still_)
        announce(still_ = !news, frame.get());
    const bool settled = settles(news, frame.get(), s);

    bool due = false;
    if (last_ && s.max_interval_ms && GST_BUFFER_PTS_IS_VALID(frame.get()) &&
        GST_BUFFER_PTS_IS_VALID(last_.get()))
        due = GST_BUFFER_PTS(frame.get()) >=
              GST_BUFFER_PTS(last_.get()) + s.max_interval_ms * GST_MSECOND;
    if (news || settled || asked_for || due) {
        last_ = frame;
        *out = frame.give();
        return GST_FLOW_OK;
    }
    GST_LOG_OBJECT(element_, "nothing new");
    if (!s.drop) {
        *out = gst_buffer_make_writable(frame.give()); // copies no pixels
        GST_BUFFER_FLAG_SET(*out, GST_BUFFER_FLAG_DROPPABLE);
    }
    return GST_FLOW_OK;
}

bool MjpegDetect::shows_news(GstBuffer *frame, const Settings &s)
{
    return !last_ || GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_CORRUPTED) ||
           !compare_.same(last_.get(), frame, s.threshold);
}

/// Whether this frame is the one that shows that the picture has come to rest. Tells downstream,
/// and of the first news after that.
bool MjpegDetect::settles(bool news, GstBuffer *frame, const Settings &s)
{
    const GstClockTime now = GST_BUFFER_PTS(frame);
    if (news) {
        news_at_ = now;
        if (std::exchange(settled_, false))
            push_event("frame-changed");
        return false;
    }
    if (settled_ || !s.settle_ms || !GST_CLOCK_TIME_IS_VALID(now) ||
        !GST_CLOCK_TIME_IS_VALID(news_at_) || now < news_at_ + s.settle_ms * GST_MSECOND)
        return false;
    settled_ = true;
    push_event("frame-settled");
    return true;
}

void MjpegDetect::push_event(const char *name)
{
    gst_pad_push_event(
        GST_BASE_TRANSFORM_SRC_PAD(element_),
        gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty(name)));
}

void MjpegDetect::announce(bool still, GstBuffer *frame)
{
    const GstClockTime pts = GST_BUFFER_PTS(frame);
    const guint64 running =
        GST_CLOCK_TIME_IS_VALID(pts)
            ? gst_segment_to_running_time(&element_->segment, GST_FORMAT_TIME, pts)
            : GST_CLOCK_TIME_NONE;
    auto *object = GST_OBJECT(element_);
    GST_DEBUG_OBJECT(object, still ? "still" : "changed");
    gst_element_post_message(
        GST_ELEMENT(element_),
        gst_message_new_element(object, gst_structure_new(still ? "frame-still" : "frame-changed",
                                                          "running-time", G_TYPE_UINT64, running,
                                                          nullptr)));
}

/// Someone downstream needs a whole frame, or upstream begins anew: the next frame passes.
void MjpegDetect::on_event(GstEvent *event)
{
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP || gst_video_event_is_force_key_unit(event))
        pass_next_ = true;
}

void MjpegDetect::class_init(GstBaseTransformClass *klass)
{
    static GstStaticPadTemplate sink = GST_STATIC_PAD_TEMPLATE(
        "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("image/jpeg; video/x-raw"));
    static GstStaticPadTemplate src = GST_STATIC_PAD_TEMPLATE(
        "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("image/jpeg; video/x-raw"));
    GST_DEBUG_CATEGORY_INIT(mjpegdetect_debug, "mjpegdetect", 0, "frames that show nothing new");
    auto *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Still frame detector", "Filter/Video",
                                          "Drops frames that show nothing new",
                                          "The Pantograph authors");
    gst_element_class_add_static_pad_template(element, &sink);
    gst_element_class_add_static_pad_template(element, &src);

    using panto::gst::impl;
    static auto *const parent = GST_BASE_TRANSFORM_CLASS(g_type_class_peek_parent(klass));
    klass->passthrough_on_same_caps = TRUE;
    klass->set_caps = [](GstBaseTransform *e, GstCaps *in, GstCaps *) -> gboolean {
        return impl<MjpegDetect>(e).set_caps(in);
    };
    klass->stop = [](GstBaseTransform *e) -> gboolean { return impl<MjpegDetect>(e).stop(); };
    klass->generate_output = [](GstBaseTransform *e, GstBuffer **out) {
        return impl<MjpegDetect>(e).generate(out);
    };
    klass->sink_event = [](GstBaseTransform *e, GstEvent *event) -> gboolean {
        impl<MjpegDetect>(e).on_event(event);
        return parent->sink_event(e, event);
    };
    klass->src_event = [](GstBaseTransform *e, GstEvent *event) -> gboolean {
        impl<MjpegDetect>(e).on_event(event);
        return parent->src_event(e, event);
    };
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(mjpegdetect, "mjpegdetect", GST_RANK_NONE,
                            panto::gst::element_type<MjpegDetect>())
