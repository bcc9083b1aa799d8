// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/element.h"

#include "lib/gst/ref.h"
#include "plugins/venc/backends.h"
#include "plugins/venc/picture.h"

PANTO_COUNTED(GstVideoCodecState, gst_video_codec_state_ref, gst_video_codec_state_unref)

#define GST_CAT_DEFAULT category_

namespace panto::venc
{

namespace
{

/// Ten viewers that come at once make one key frame, not ten.
constexpr GstClockTime kForceKeyUnitInterval = 250 * GST_MSECOND;

struct NamedProfile {
    Profile profile;
    const char *name;
};

/// In the order of preference: what every browser takes first.
constexpr NamedProfile kProfiles[] = {{Profile::ConstrainedBaseline, "constrained-baseline"},
                                      {Profile::Main, "main"},
                                      {Profile::High, "high"},
                                      {Profile::ConstrainedHigh, "constrained-high"}};

/// The session may outlive the element, so it is told the name only.
Note note_for(GstVideoEncoder *element, GstDebugCategory *category)
{
    return [name = std::string{GST_OBJECT_NAME(element)}, category](const std::string &text) {
        GST_CAT_WARNING(category, "%s: %s", name.c_str(), text.c_str());
    };
}

} // namespace

Element::Element(GstVideoEncoder *element, Codec codec, GstDebugCategory *category)
    : element_{element}, codec_{codec}, category_{category},
      encoder_{[=, this]() -> Result<std::unique_ptr<Session>> {
                   PANTO_TRY(backend, backend_of(settings.copy().backend));
                   return backend->make(note_for(element, category));
               },
               {}}
{
    gst_video_encoder_set_min_force_key_unit_interval(element, kForceKeyUnitInterval);
}

/// Once for each reason: refused caps come again with the next frame.
bool Element::refuse(const Error &error)
{
    if (std::exchange(refusal_, error.message) != error.message)
        GST_ELEMENT_ERROR(element_, RESOURCE, NOT_FOUND, ("%s", error.message.c_str()),
                          ("code %d", error.code));
    return false;
}

bool Element::open()
{
    refusal_.clear();
    auto opened = encoder_.open(codec_);
    is_open_ = bool(opened);
    video_.reset();
    if (!opened)
        return refuse(opened.error());
    library_.with([&](std::string &path) { path = opened->library; });
    capabilities_.with([&](auto &c) { c = std::move(*opened); });
    encoder_.stats().reset();
    return true;
}

bool Element::reopen()
{
    const auto opened = encoder_.open(codec_);
    is_open_ = bool(opened);
    video_.reset();
    return opened ? true : refuse(opened.error());
}

void Element::close()
{
    encoder_.close();
    is_open_ = false;
    refusal_.clear();
    video_.reset();
    library_.with([](std::string &path) { path.clear(); });
    capabilities_.with([](auto &c) { c.reset(); });
}

bool Element::stop()
{
    copy_noted_ = false;
    refusal_.clear();
    return true;
}

GstCaps *Element::sink_caps(GstCaps *filter) const
{
    const auto capabilities = capabilities_.copy();
    if (!capabilities)
        return gst_video_encoder_proxy_getcaps(element_, nullptr, filter);
    auto caps = Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(element_->sinkpad));
    GValue formats = G_VALUE_INIT;
    gst_value_list_init(&formats, guint(capabilities->pixels.size()));
    for (const Pixels pixels : capabilities->pixels) {
        GValue name = G_VALUE_INIT;
        g_value_init(&name, G_TYPE_STRING);
        g_value_set_static_string(&name, format_name(pixels));
        gst_value_list_append_and_take_value(&formats, &name);
    }
    caps = Ref<GstCaps>::adopt(gst_caps_make_writable(caps.give()));
    gst_caps_set_value(caps.get(), "format", &formats);
    g_value_unset(&formats);
    return gst_video_encoder_proxy_getcaps(element_, caps.get(), filter);
}

bool Element::propose_allocation(GstQuery *query)
{
    GstCaps *caps = nullptr;
    gst_query_parse_allocation(query, &caps, nullptr);
    GstVideoInfo info;
    if (!caps || !gst_video_info_from_caps(&info, caps))
        return false;
    gst_query_add_allocation_pool(query, nullptr, guint(info.size), 2, 0);
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr); // rows lie anywhere
    return true;
}

Profile Element::wanted_profile() const
{
    const auto allowed = Ref<GstCaps>::adopt(gst_pad_get_allowed_caps(element_->srcpad));
    if (codec_ != Codec::H264 || !allowed)
        return kProfiles[0].profile;
    for (const auto &p : kProfiles) {
        const auto caps = Ref<GstCaps>::adopt(
            gst_caps_new_simple("video/x-h264", "profile", G_TYPE_STRING, p.name, nullptr));
        if (gst_caps_can_intersect(allowed.get(), caps.get()))
            return p.profile;
    }
    return kProfiles[0].profile; // the base class then says that nothing is in common
}

bool Element::negotiate(GstVideoCodecState *state)
{
    GstCaps *caps = nullptr;
    const Video &v = *video_;
    if (codec_ == Codec::Jpeg) {
        caps = gst_caps_new_simple("image/jpeg", "parsed", G_TYPE_BOOLEAN, TRUE, "sof-marker",
                                   G_TYPE_INT, 0, nullptr);
    } else {
        const bool h264 = codec_ == Codec::H264;
        const char *profile = "main";
        for (const auto &p : kProfiles)
            if (h264 && p.profile == v.profile)
                profile = p.name;
        const unsigned level = h264 ? h264_level(v.width, v.height, v.fps_num, v.fps_den)
                                    : h265_level(v.width, v.height, v.fps_num, v.fps_den);
        caps = gst_caps_new_simple(h264 ? "video/x-h264" : "video/x-h265", "stream-format",
                                   G_TYPE_STRING, "byte-stream", "alignment", G_TYPE_STRING, "au",
                                   "profile", G_TYPE_STRING, profile, "level", G_TYPE_STRING,
                                   level_text(codec_, level).c_str(), nullptr);
    }
    const auto out =
        Ref<GstVideoCodecState>::adopt(gst_video_encoder_set_output_state(element_, caps, state));
    const GstClockTime frame = gst_util_uint64_scale(GST_SECOND, v.fps_den, v.fps_num);
    gst_video_encoder_set_latency(element_, 0, frame);
    return gst_video_encoder_negotiate(element_);
}

bool Element::set_format(GstVideoCodecState *state)
{
    auto video = video_of(codec_, state->info);
    if (!video)
        return refuse({Kind::Invalid, "no encoder takes these pictures"});
    video->profile = wanted_profile();
    info_ = state->info;
    copy_noted_ = false;
    const bool other_pictures = video_ && !video_->same_pictures(*video);
    if ((!is_open_ || other_pictures) && !reopen())
        return false;
    if (auto configured = encoder_.configure(*video, settings.copy()); !configured) {
        is_open_ = false;
        return refuse(configured.error());
    }
    video_ = *video;
    refusal_.clear();
    return negotiate(state);
}

bool Element::is_late(GstVideoCodecFrame *frame) const
{
    return gst_video_encoder_is_qos_enabled(element_) &&
           !GST_VIDEO_CODEC_FRAME_IS_FORCE_KEYFRAME(frame) &&
           gst_video_encoder_get_max_encode_time(element_, frame) < 0;
}

/// Told once for each stream, since each of its frames will be so.
void Element::note_copy(const std::string &why)
{
    if (!why.empty() && !std::exchange(copy_noted_, true))
        GST_WARNING_OBJECT(element_, "each picture is copied: %s", why.c_str());
}

GstFlowReturn Element::encode(GstVideoCodecFrame *frame)
{
    if (!video_) {
        gst_video_codec_frame_unref(frame);
        return GST_FLOW_NOT_NEGOTIATED;
    }
    if (is_late(frame)) {
        encoder_.stats().note_late();
        return gst_video_encoder_finish_frame(element_, frame);
    }
    std::string why_copied;
    Picture picture = picture_of(frame->input_buffer, info_, codec_, *video_, why_copied);
    picture.id = int64_t(frame->system_frame_number);
    note_copy(why_copied);
    const bool idr = GST_VIDEO_CODEC_FRAME_IS_FORCE_KEYFRAME(frame);
    Outcome outcome = encoder_.encode(picture, settings.copy(), idr);
    picture = {};
    if (auto *packet = std::get_if<Packet>(&outcome))
        return finish(frame, std::move(*packet));
    if (const auto *ended = std::get_if<Ended>(&outcome)) {
        is_open_ = false;
        video_.reset();
        GST_ELEMENT_ERROR(element_, STREAM, ENCODE, ("%s", ended->error.message.c_str()),
                          ("code %d of %s", ended->error.code, library().c_str()));
        gst_video_codec_frame_unref(frame);
        return GST_FLOW_ERROR;
    }
    if (const auto *failed = std::get_if<Failed>(&outcome))
        GST_WARNING_OBJECT(element_, "%s", failed->error.message.c_str());
    return gst_video_encoder_finish_frame(element_, frame); // without a buffer: dropped
}

GstFlowReturn Element::finish(GstVideoCodecFrame *frame, Packet packet)
{
    if (packet.keyframe)
        GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
    auto *const bytes = new std::vector<uint8_t>{std::move(packet.bytes)};
    frame->output_buffer = gst_buffer_new_wrapped_full(
        GstMemoryFlags(0), bytes->data(), bytes->size(), 0, bytes->size(), bytes,
        [](gpointer p) { delete static_cast<std::vector<uint8_t> *>(p); });
    frame->dts = frame->pts; // nothing is reordered
    return gst_video_encoder_finish_frame(element_, frame);
}

GstStructure *Element::stats() const
{
    const auto f = encoder_.stats().figures();
    return gst_structure_new(
        "stats", "frames", G_TYPE_UINT64, f.frames, "idr", G_TYPE_UINT64, f.idr, "dropped",
        G_TYPE_UINT64, f.dropped, "late", G_TYPE_UINT64, f.late, "failed", G_TYPE_UINT64, f.failed,
        "copies", G_TYPE_UINT64, f.copies, "reopened", G_TYPE_UINT64, f.reopened, "average-qp",
        G_TYPE_INT, f.average_qp.value_or(-1), "encode-us-p50", G_TYPE_UINT64, f.encode_p50_us,
        "encode-us-p95", G_TYPE_UINT64, f.encode_p95_us, "encode-us-p99", G_TYPE_UINT64,
        f.encode_p99_us, "encode-us-max", G_TYPE_UINT64, f.encode_max_us, nullptr);
}

} // namespace panto::venc
