// SPDX-License-Identifier: LGPL-2.1-or-later
/// vench264enc, vench265enc, vencjpegenc: a board's hardware encoder.
///
/// Try      gst-launch-1.0 kvmsrc num-buffers=60 ! vench264enc ! h264parse ! matroskamux ! fakesink
#include "plugins/venc/venc.h"

#include "plugins/venc/backends.h"
#include "plugins/venc/element.h"

#define FRAME_SIZE(from_width, from_height)                                                        \
    "width=(int)[ " from_width ", 8192, 2 ], height=(int)[ " from_height ", 8192, 2 ], "           \
    "framerate=(fraction)[ 0, MAX ]"
#define RAW(features, formats, size)                                                               \
    "video/x-raw" features ", format=(string){ " formats " }, " size "; "
#define RAW_ANYWHERE(formats, size) RAW("(memory:DMABuf)", formats, size) RAW("", formats, size)

namespace
{

using panto::venc::Codec;
using panto::venc::Element;
using panto::venc::Settings;

using SettingsField = panto::Field<Settings>;

constexpr SettingsField live(SettingsField field)
{
    field.live = true;
    return field;
}

constexpr SettingsField kBackend = panto::one_of(
    "auto|mpp|cvi", "backend",
    "Which vendor's library, Rockchip's or Sophgo's; auto takes the one whose devices are there",
    &Settings::backend);
constexpr SettingsField kExtraConfig = {
    "extra-config", "Keys of the vendor's library, \"rc:stats_time=1,h264:cabac_en=1\", set last",
    &Settings::extra_config};

/// What H.264 and H.265 have in common.
constexpr SettingsField kVideoFields[] = {
    live({"bitrate", "Bit rate, in kbit/s", &Settings::bitrate_kbps, 10, 100000}),
    live({"max-bitrate", "Highest bit rate, in kbit/s; 0 for a sixteenth more than bitrate",
          &Settings::max_bitrate_kbps, 0, 100000}),
    panto::one_of("cbr|vbr|fixqp|avbr", "rate-control", "How the bit rate is kept",
                  &Settings::rate_control),
    panto::one_of("cbr|vbr|fixqp|avbr", "rc-mode", "rate-control by the name mpph264enc has for it",
                  &Settings::rate_control),
    live({"gop-size", "Frames from IDR to IDR; 0 for none but the first and those asked for",
          &Settings::gop_size, 0, 65535}),
    {"qp-init", "Quantizer of the first frame; -1 for the library's own", &Settings::qp_init, -1,
     51},
    {"qp-min", "Lowest quantizer; -1 for the library's own", &Settings::qp_min, -1, 51},
    {"qp-max", "Highest quantizer; -1 for the library's own", &Settings::qp_max, -1, 51},
    {"qp-min-i", "Lowest quantizer of key frames; -1 for the library's own", &Settings::qp_min_i,
     -1, 51},
    {"qp-max-i", "Highest quantizer of key frames; -1 for the library's own", &Settings::qp_max_i,
     -1, 51},
    {"qp-delta-ip", "How much finer key frames are; -1 for the library's own",
     &Settings::qp_delta_ip, -1, 8},
    panto::one_of("each-idr|first-frame", "header-mode", "Which frames bring parameter sets",
                  &Settings::header_mode),
    panto::one_of("disable|one-seq|one-frame", "sei-mode",
                  "Whether the library writes a text about itself into the stream",
                  &Settings::sei_mode),
    {"intra-refresh", "Refresh a few rows of macroblocks in each frame", &Settings::intra_refresh},
    {"intra-refresh-rows", "How many, with intra-refresh", &Settings::intra_refresh_rows, 1, 512},
    kBackend,
    kExtraConfig,
};

constexpr SettingsField kJpegFields[] = {
    live({"quality", "Quality of pictures, 1..99", &Settings::quality, 1, 99}),
    kBackend,
    kExtraConfig,
};

struct H264 {
    static constexpr Codec kCodec = Codec::H264;
    static constexpr char kTypeName[] = "PantoVencH264Enc", kName[] = "vench264enc";
    static constexpr char kTitle[] = "H.264 hardware encoder",
                          kClass[] = "Codec/Encoder/Video/Hardware";
    static constexpr auto &kFields = kVideoFields;
    static constexpr char kSink[] =
        RAW_ANYWHERE("NV12, NV16, I420, YUY2, UYVY, BGR, BGRx", FRAME_SIZE("96", "64"));
    static constexpr char kSrc[] =
        "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au, "
        "profile=(string){ constrained-baseline, main, high, constrained-high }";
};

struct H265 {
    static constexpr Codec kCodec = Codec::H265;
    static constexpr char kTypeName[] = "PantoVencH265Enc", kName[] = "vench265enc";
    static constexpr char kTitle[] = "H.265 hardware encoder",
                          kClass[] = "Codec/Encoder/Video/Hardware";
    static constexpr auto &kFields = kVideoFields;
    static constexpr auto &kSink = H264::kSink;
    static constexpr char kSrc[] =
        "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au, "
        "profile=(string)main";
};

struct Jpeg {
    static constexpr Codec kCodec = Codec::Jpeg;
    static constexpr char kTypeName[] = "PantoVencJpegEnc", kName[] = "vencjpegenc";
    static constexpr char kTitle[] = "JPEG hardware encoder",
                          kClass[] = "Codec/Encoder/Image/Hardware";
    static constexpr auto &kFields = kJpegFields;
    static constexpr char kSink[] =
        RAW_ANYWHERE("NV12, I420, YUY2, UYVY, BGRx", FRAME_SIZE("16", "16"));
    static constexpr char kSrc[] = "image/jpeg, parsed=(boolean)true, sof-marker=(int)0";
};

template <class Of>
GstDebugCategory *category()
{
    static GstDebugCategory *const c = _gst_debug_category_new(Of::kName, 0, Of::kTitle);
    return c;
}

template <class Of>
class VencEnc : public Element
{
public:
    using Parent = GstVideoEncoder;
    using ParentClass = GstVideoEncoderClass;
    static constexpr auto &kTypeName = Of::kTypeName;
    static constexpr auto &kFields = Of::kFields;
    static const panto::gst::Counter<VencEnc> kCounters[2];
    static GType parent_type() { return GST_TYPE_VIDEO_ENCODER; }
    static void class_init(GstVideoEncoderClass *klass);

    explicit VencEnc(GstVideoEncoder *element) : Element{element, Of::kCodec, category<Of>()} {}
};

template <class Of>
const panto::gst::Counter<VencEnc<Of>> VencEnc<Of>::kCounters[] = {
    {"library", "The file of the vendor's library in use; empty while it is closed",
     [](const VencEnc &e) { return e.library(); }},
    {"stats", "What it has encoded since it was opened, and how fast",
     [](const VencEnc &e) { return e.stats(); }},
};

template <class Of>
void VencEnc<Of>::class_init(GstVideoEncoderClass *klass)
{
    static GstStaticPadTemplate sink =
        GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(Of::kSink));
    static GstStaticPadTemplate src =
        GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(Of::kSrc));
    auto *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, Of::kTitle, Of::kClass,
                                          "Encodes by the hardware of Rockchip's and Sophgo's "
                                          "boards, through the vendor's library, with no delay",
                                          "The Pantograph authors");
    gst_element_class_add_static_pad_template(element, &sink);
    gst_element_class_add_static_pad_template(element, &src);

    using panto::gst::impl;
    static auto *const parent = GST_VIDEO_ENCODER_CLASS(g_type_class_peek_parent(klass));
    // Not by open(): the base class would add an error of its own that says less.
    element->change_state = [](GstElement *e, GstStateChange change) {
        if (change == GST_STATE_CHANGE_NULL_TO_READY && !impl<VencEnc>(e).open())
            return GST_STATE_CHANGE_FAILURE;
        const auto changed = GST_ELEMENT_CLASS(parent)->change_state(e, change);
        if (change == GST_STATE_CHANGE_READY_TO_NULL)
            impl<VencEnc>(e).close();
        return changed;
    };
    klass->stop = [](GstVideoEncoder *e) -> gboolean { return impl<VencEnc>(e).stop(); };
    klass->set_format = [](GstVideoEncoder *e, GstVideoCodecState *state) -> gboolean {
        return impl<VencEnc>(e).set_format(state);
    };
    klass->handle_frame = [](GstVideoEncoder *e, GstVideoCodecFrame *frame) {
        return impl<VencEnc>(e).encode(frame);
    };
    klass->getcaps = [](GstVideoEncoder *e, GstCaps *filter) {
        return impl<VencEnc>(e).sink_caps(filter);
    };
    klass->propose_allocation = [](GstVideoEncoder *e, GstQuery *query) -> gboolean {
        return Element::propose_allocation(query) && parent->propose_allocation(e, query);
    };
}

template <class Of>
bool registered(GstPlugin *plugin, GstRank rank)
{
    return gst_element_register(plugin, Of::kName, rank, panto::gst::element_type<VencEnc<Of>>());
}

/// When any of these comes or goes, the registry's record is made anew.
void depend_on_hardware(GstPlugin *plugin)
{
    const auto on = [plugin](const char *folders, const char *names,
                             GstPluginDependencyFlags how = GST_PLUGIN_DEPENDENCY_FLAG_NONE) {
        gst_plugin_add_dependency_simple(plugin, nullptr, folders, names, how);
    };
    on("/dev", "mpp_service,mpp-service");
    on("/dev", "cvi_vc_enc", GST_PLUGIN_DEPENDENCY_FLAG_FILE_NAME_IS_PREFIX);
    on("/dev/dma_heap", "system,cma");
    on("/usr/lib:/usr/lib/aarch64-linux-gnu:/usr/lib/arm-linux-gnueabihf:/usr/local/lib",
       "librockchip_mpp.so.1");
}

} // namespace

GstRank pantograph_venc_rank()
{
    for (const auto &backend : panto::venc::backends())
        if (backend.is_usable())
            return GST_RANK_PRIMARY;
    return GST_RANK_NONE;
}

gboolean pantograph_register_venc(GstPlugin *plugin)
{
    if (plugin)
        depend_on_hardware(plugin);
    const GstRank r = pantograph_venc_rank();
    return registered<H264>(plugin, r) & registered<H265>(plugin, r) & registered<Jpeg>(plugin, r);
}
