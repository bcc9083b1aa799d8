// SPDX-License-Identifier: LGPL-2.1-or-later
/// turbojpegenc: JPEG by libjpeg-turbo, straight from what captures deliver.
///
/// Errors   what libjpeg-turbo refuses ends the stream
/// Threads  frames and events on the streaming thread; properties from any
/// Try      gst-launch-1.0 kvmsrc num-buffers=1 ! turbojpegenc ! filesink location=screen.jpg
#include "plugins/turbojpegenc/turbojpegenc.h"

#include "lib/base/owned.h"
#include "lib/gst/element.h"
#include "lib/gst/ref.h"
#include "plugins/turbojpegenc/planes.h"

#include <cstring>
#include <gst/video/gstvideoencoder.h>
#include <optional>
#include <turbojpeg.h>

PANTO_COUNTED(GstVideoCodecState, gst_video_codec_state_ref, gst_video_codec_state_unref)

GST_DEBUG_CATEGORY_STATIC(turbojpegenc_debug);
#define GST_CAT_DEFAULT turbojpegenc_debug

namespace
{

using panto::Ref;

struct Settings {
    unsigned quality = 80;
    unsigned still_quality = 0;
};

class TurboJpegEnc
{
public:
    using Parent = GstVideoEncoder;
    using ParentClass = GstVideoEncoderClass;
    static constexpr char kTypeName[] = "PantoTurboJpegEnc";
    static constexpr panto::Field<Settings> kFields[] = {
        {"quality", "Quality of pictures, 1..100", &Settings::quality, 1, 100, true},
        {"still-quality",
         "Quality of a picture that has come to rest, if it is better; 0 for no other",
         &Settings::still_quality, 0, 100, true},
    };
    static GType parent_type() { return GST_TYPE_VIDEO_ENCODER; }
    static void class_init(GstVideoEncoderClass *klass);

    explicit TurboJpegEnc(GstVideoEncoder *element) : element_{element} {}
    bool set_format(GstVideoCodecState *state);
    bool stop();
    GstFlowReturn encode(GstVideoCodecFrame *frame);
    void on_event(GstEvent *event);

    panto::gst::Guarded<Settings> settings;

private:
    /// The JPEG's size in jpeg_; 0 when there is none.
    size_t compress(GstBuffer *picture, unsigned quality);
    void forget();

    GstVideoEncoder *element_; // borrowed: the element owns us
    // The streaming thread's own.
    panto::Owned<void, tjDestroy> turbo_{nullptr};
    GstVideoInfo info_{};
    std::optional<panto::turbojpeg::Planes> planes_;
    std::vector<unsigned char> jpeg_; // large enough for any picture
    bool at_rest_ = false;
    Ref<GstBuffer> rest_; // what the picture at rest was encoded to
    unsigned rest_quality_ = 0;
};

void TurboJpegEnc::forget()
{
    at_rest_ = false;
    rest_ = {};
}

bool TurboJpegEnc::set_format(GstVideoCodecState *state)
{
    forget();
    info_ = state->info;
    if (!turbo_)
        turbo_.reset(tjInitCompress());
    if (!turbo_)
        return false;
    planes_.emplace(info_);
    jpeg_.resize(tjBufSize(info_.width, info_.height, TJSAMP_420));
    const auto out = Ref<GstVideoCodecState>::adopt(gst_video_encoder_set_output_state(
        element_, gst_caps_new_simple("image/jpeg", "sof-marker", G_TYPE_INT, 0, nullptr), state));
    return gst_video_encoder_negotiate(element_);
}

bool TurboJpegEnc::stop()
{
    forget();
    planes_.reset();
    return true;
}

size_t TurboJpegEnc::compress(GstBuffer *picture, unsigned quality)
{
    GstVideoFrame frame;
    if (!gst_video_frame_map(&frame, &info_, picture, GST_MAP_READ))
        return 0;
    const auto view = planes_->of(frame);
    unsigned char *data = jpeg_.data();
    auto size = static_cast<unsigned long>(jpeg_.size());
    const int failed =
        tjCompressFromYUVPlanes(turbo_.get(), const_cast<const unsigned char **>(view.data.data()),
                                info_.width, view.strides.data(), info_.height, TJSAMP_420, &data,
                                &size, int(quality), TJFLAG_NOREALLOC);
    gst_video_frame_unmap(&frame);
    if (failed)
        GST_WARNING_OBJECT(element_, "%s", tjGetErrorStr2(turbo_.get()));
    return failed ? 0 : size;
}

GstFlowReturn TurboJpegEnc::encode(GstVideoCodecFrame *frame)
{
    const Settings s = settings.copy();
    const bool rests = at_rest_ && s.still_quality > s.quality;
    const unsigned quality = rests ? s.still_quality : s.quality;
    GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
    if (rests && rest_ && rest_quality_ == quality) {
        frame->output_buffer = gst_buffer_copy(rest_.get()); // its memory is shared
        return gst_video_encoder_finish_frame(element_, frame);
    }
    const size_t size = compress(frame->input_buffer, quality);
    if (!size) {
        GST_ELEMENT_ERROR(element_, STREAM, ENCODE, ("no JPEG could be made"), (nullptr));
        gst_video_codec_frame_unref(frame);
        return GST_FLOW_ERROR;
    }
    const GstFlowReturn ready = gst_video_encoder_allocate_output_frame(element_, frame, size);
    if (ready != GST_FLOW_OK) {
        gst_video_codec_frame_unref(frame);
        return ready;
    }
    gst_buffer_fill(frame->output_buffer, 0, jpeg_.data(), size);
    rest_ = rests ? Ref<GstBuffer>::adopt(gst_buffer_copy(frame->output_buffer)) : Ref<GstBuffer>{};
    rest_quality_ = quality;
    return gst_video_encoder_finish_frame(element_, frame);
}

/// mjpegdetect says when the picture has come to rest, and when it moves again.
void TurboJpegEnc::on_event(GstEvent *event)
{
    if (gst_event_has_name(event, "frame-settled"))
        at_rest_ = true;
    else if (gst_event_has_name(event, "frame-changed") ||
             GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
        forget();
}

void TurboJpegEnc::class_init(GstVideoEncoderClass *klass)
{
    static GstStaticPadTemplate sink =
        GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                                GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("{ I420, NV12, YUY2, UYVY }")));
    static GstStaticPadTemplate src = GST_STATIC_PAD_TEMPLATE(
        "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("image/jpeg, sof-marker=(int)0"));
    GST_DEBUG_CATEGORY_INIT(turbojpegenc_debug, "turbojpegenc", 0, "JPEG by libjpeg-turbo");
    auto *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "JPEG encoder", "Codec/Encoder/Image",
                                          "JPEG by libjpeg-turbo, straight from captured frames",
                                          "The Pantograph authors");
    gst_element_class_add_static_pad_template(element, &sink);
    gst_element_class_add_static_pad_template(element, &src);

    using panto::gst::impl;
    static auto *const parent = GST_VIDEO_ENCODER_CLASS(g_type_class_peek_parent(klass));
    klass->set_format = [](GstVideoEncoder *e, GstVideoCodecState *state) -> gboolean {
        return impl<TurboJpegEnc>(e).set_format(state);
    };
    klass->stop = [](GstVideoEncoder *e) -> gboolean { return impl<TurboJpegEnc>(e).stop(); };
    klass->handle_frame = [](GstVideoEncoder *e, GstVideoCodecFrame *frame) {
        return impl<TurboJpegEnc>(e).encode(frame);
    };
    klass->sink_event = [](GstVideoEncoder *e, GstEvent *event) -> gboolean {
        impl<TurboJpegEnc>(e).on_event(event);
        return parent->sink_event(e, event);
    };
    // Each picture is complete, so a wish for one is for whoever holds pictures back.
    klass->src_event = [](GstVideoEncoder *e, GstEvent *event) -> gboolean {
        if (gst_video_event_is_force_key_unit(event))
            return gst_pad_push_event(GST_VIDEO_ENCODER_SINK_PAD(e), event);
        return parent->src_event(e, event);
    };
    // Frames with memory of any layout are mapped by their video meta.
    klass->propose_allocation = [](GstVideoEncoder *e, GstQuery *query) -> gboolean {
        gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
        return parent->propose_allocation(e, query);
    };
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(turbojpegenc, "turbojpegenc", GST_RANK_NONE,
                            panto::gst::element_type<TurboJpegEnc>())
