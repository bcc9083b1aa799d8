// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/mpp.h"

#include "plugins/venc/rules.h"

#include <chrono>
#include <utility>

namespace panto::mpp
{

namespace
{

using namespace std::chrono_literals;
using venc::Codec;
using venc::Encoded;

constexpr auto kBusy = 400ms;          // longer than any one picture takes
constexpr int64_t kOutputWaitMs = 100; // for a packet, once its picture is encoded
constexpr int kAlmostNever = 65535;    // frames between IDRs; the rate control plans as with none

Coding coding_of(Codec codec)
{
    return codec == Codec::H264 ? Coding::Avc : codec == Codec::H265 ? Coding::Hevc : Coding::Mjpeg;
}

} // namespace

Error MppSession::failure(const std::string &what, Ret ret) const
{
    return {Kind::Unavailable, what + ": " + lib_->path + " says " + text_of(ret), int(ret)};
}

MppSession::~MppSession()
{
    config_.reset();
    if (context_)
        lib_->mpp_destroy(context_);
    copy_.reset();
    if (group_)
        lib_->mpp_buffer_group_put(group_);
}

Result<venc::Capabilities> MppSession::open(Codec codec)
{
    codec_ = codec;
    PANTO_TRY(library, load_library());
    lib_ = library;
    if (auto devices = check_devices(); !devices)
        return std::move(devices.error());
    if (const Ret ret = lib_->mpp_create(&context_, &api_); ret != Ret::Ok || !context_ || !api_)
        return failure("no encoder can be made", ret);
    if (api_->size < kApiSize)
        return Error{Kind::Unavailable, lib_->path + " is too old: its table has " +
                                            std::to_string(api_->size) + " bytes, not " +
                                            std::to_string(kApiSize)};
    int64_t wait = kOutputWaitMs;
    if (const Ret ret = api_->control(context_, Command::SetOutputTimeout, &wait); ret != Ret::Ok)
        return failure("no time limit can be set", ret);
    // The only question that the library answers truly.
    if (const Ret ret = lib_->mpp_init(context_, CtxType::Encoder, coding_of(codec));
        ret != Ret::Ok)
        return failure("no " + std::string{venc::name_of(codec)} + " encoder in this hardware",
                       ret);
    config_ = std::make_unique<Config>(*lib_, *api_, context_);
    if (auto loaded = config_->load(); !loaded)
        return std::move(loaded.error());
    using venc::Pixels;
    if (codec == Codec::Jpeg)
        return venc::Capabilities{
            {Pixels::Nv12, Pixels::I420, Pixels::Yuy2, Pixels::Uyvy, Pixels::Bgrx},
            16,
            16,
            8192,
            8192,
            lib_->path};
    return venc::Capabilities{{Pixels::Nv12, Pixels::Nv16, Pixels::I420, Pixels::Yuy2, Pixels::Uyvy,
                               Pixels::Bgr, Pixels::Bgrx},
                              96,
                              64,
                              8192,
                              8192,
                              lib_->path};
}

Result<> MppSession::set_modes(const venc::Settings &settings)
{
    if (codec_ == Codec::Jpeg)
        return ok;
    // A text of the library's own in each IDR otherwise: its version, and the rate control's
    // values.
    auto sei = settings.sei_mode == "one-seq"     ? SeiMode::OneSequence
               : settings.sei_mode == "one-frame" ? SeiMode::OneFrame
                                                  : SeiMode::Disable;
    if (const Ret ret = api_->control(context_, Command::SetSeiCfg, &sei); ret != Ret::Ok)
        return failure("the SEI mode is refused", ret);
    auto header =
        settings.header_mode == "first-frame" ? HeaderMode::FirstFrame : HeaderMode::EachIdr;
    if (const Ret ret = api_->control(context_, Command::SetHeaderMode, &header); ret != Ret::Ok)
        return failure("the header mode is refused", ret);
    return ok;
}

Result<> MppSession::configure(const venc::Video &video, const venc::Settings &settings)
{
    video_ = video;
    settings_ = settings;
    gop_ = settings.gop_size;
    layout_ = venc::aligned_layout(video.pixels, video.width, video.height);
    set_input(*config_, video, layout_);
    set_rate_control(*config_, codec_, video, settings, note_);
    set_codec(*config_, codec_, video, settings, note_);
    set_extra(*config_, settings.extra_config, note_);
    PANTO_TRY(committed, config_->commit());
    static_cast<void>(committed);
    return set_modes(settings);
}

void MppSession::adjust(const venc::Settings &settings)
{
    if (codec_ == Codec::Jpeg) {
        config_->set("jpeg:q_factor", int(settings.quality));
    } else {
        if (settings.rate_control != "fixqp")
            set_bit_rates(*config_, settings);
        if (settings.gop_size != settings_.gop_size)
            config_->set("rc:gop", gop_ = settings.gop_size);
    }
    if (auto committed = config_->commit(); !committed)
        note_("the settings stay as they were: " + committed.error().message);
    else
        settings_ = settings;
}

Result<> MppSession::use_layout(const venc::Layout &layout)
{
    if (layout == layout_)
        return ok;
    set_input(*config_, video_, layout);
    auto committed = config_->commit();
    if (committed)
        layout_ = layout;
    return committed;
}

/// Versions of 2025 ignore the request. They, too, begin anew when the distance between IDRs
/// changes, so it is changed to one that means nearly the same, and back with the next request.
void MppSession::ask_for_idr()
{
    idr_asked_ = std::exchange(idr_wanted_, false);
    if (!idr_asked_)
        return;
    if (!idr_ignored_ && api_->control(context_, Command::SetIdrFrame, nullptr) == Ret::Ok)
        return;
    const int same = settings_.gop_size ? settings_.gop_size + 1 : kAlmostNever;
    config_->set("rc:gop", gop_ = gop_ == settings_.gop_size ? same : settings_.gop_size);
    if (auto committed = config_->commit(); !committed)
        note_("no key frame on demand: " + committed.error().message);
}

Result<> MppSession::put(const venc::Picture &picture, const Input &input)
{
    Frame *frame = nullptr;
    if (const Ret ret = lib_->mpp_frame_init(&frame); ret != Ret::Ok || !frame)
        return failure("no frame can be made", ret);
    lib_->mpp_frame_set_width(frame, video_.width);
    lib_->mpp_frame_set_height(frame, video_.height);
    lib_->mpp_frame_set_hor_stride(frame, input.layout.stride);
    lib_->mpp_frame_set_ver_stride(frame, input.layout.lines);
    lib_->mpp_frame_set_fmt(frame, format_of(video_.pixels));
    lib_->mpp_frame_set_pts(frame, picture.id);
    lib_->mpp_frame_set_eos(frame, 0);
    lib_->mpp_frame_set_buffer(frame, input.buffer.get());
    // -1 means that it is busy with a control: an error only if it lasts.
    const auto limit = std::chrono::steady_clock::now() + kBusy;
    Ret ret = api_->encode_put_frame(context_, frame);
    while (ret == Ret::Nok && std::chrono::steady_clock::now() < limit) {
        venc::pause_ms(1);
        ret = api_->encode_put_frame(context_, frame);
    }
    lib_->mpp_frame_deinit(&frame);
    if (ret == Ret::Ok)
        return ok;
    Error error = failure("the encoder takes no picture", ret);
    error.kind = ret == Ret::Nok ? Kind::Busy : Kind::Internal;
    return error;
}

/// What came of the picture; ends the packet's life.
Encoded MppSession::taken(Packet *packet, bool copied)
{
    venc::Packet out;
    out.copied = copied;
    const auto *bytes = static_cast<const uint8_t *>(lib_->mpp_packet_get_pos(packet));
    const size_t length = lib_->mpp_packet_get_length(packet);
    // Copied, because the library has few of them; a picture of a screen is small once encoded.
    if (bytes && length)
        out.bytes.assign(bytes, bytes + length);
    Meta *meta = lib_->mpp_packet_has_meta(packet) ? lib_->mpp_packet_get_meta(packet) : nullptr;
    int32_t intra = -1, qp = -1;
    if (meta && lib_->mpp_meta_get_s32(meta, MetaKey::OutputIntra, &intra) != Ret::Ok)
        intra = -1;
    if (meta && lib_->mpp_meta_get_s32(meta, MetaKey::AverageQp, &qp) == Ret::Ok)
        out.qp = qp;
    lib_->mpp_packet_deinit(&packet);
    if (out.bytes.empty()) {
        if (intra >= 0)
            return venc::Dropped{};
        return venc::Failed{{Kind::Internal, "the hardware lost a picture: " + lib_->path}};
    }
    out.keyframe = intra < 0 ? venc::is_key_frame(codec_, out.bytes) : intra > 0;
    if (idr_asked_ && !out.keyframe) {
        if (!std::exchange(idr_ignored_, true))
            note_(lib_->path + " makes no key frame when it is asked; each is forced another way");
        idr_wanted_ = true;
    }
    idr_asked_ = false;
    return out;
}

Encoded MppSession::packet_of(const venc::Picture &picture, bool copied)
{
    for (;;) {
        Packet *packet = nullptr;
        const Ret ret = api_->encode_get_packet(context_, &packet);
        if (!packet) // with Ret::Ok, too
            return venc::Failed{failure("a picture was not encoded", ret)};
        // One that came too late for its own picture.
        if (lib_->mpp_packet_get_pts(packet) < picture.id) {
            lib_->mpp_packet_deinit(&packet);
            continue;
        }
        return taken(packet, copied);
    }
}

Encoded MppSession::encode(const venc::Picture &picture)
{
    auto input = input_of(picture);
    if (input && !input->copied && !use_layout(input->layout)) {
        note_("the encoder refuses rows of " + std::to_string(input->layout.stride) +
              " bytes: each picture is copied");
        refused_ = input->layout;
        input = copied(picture);
    }
    if (!input)
        return venc::Failed{std::move(input.error())};
    if (auto used = use_layout(input->layout); !used)
        return venc::Failed{std::move(used.error())};
    ask_for_idr();
    if (auto put_in = put(picture, *input); !put_in) {
        const bool stuck = put_in.error().kind == Kind::Busy;
        return venc::Failed{std::move(put_in.error()), stuck};
    }
    return packet_of(picture, input->copied);
}

} // namespace panto::mpp
