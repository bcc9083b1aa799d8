// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/chip.h"

#include "tests/fakes/codec/sps.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

namespace panto::standin
{

using mpp::Coding;
using mpp::Command;
using mpp::EncCfg;
using mpp::Frame;
using mpp::FrameFormat;
using mpp::HeaderMode;
using mpp::MetaKey;
using mpp::Packet;
using mpp::Ret;
using mpp::SeiMode;

namespace
{

struct Hangs {
    std::mutex lock;
    std::condition_variable released;
    unsigned round = 0;
};

/// Never destroyed: a context may hang until the process ends.
Hangs &hangs()
{
    static auto *const all = new Hangs;
    return *all;
}

bool each(int every, int64_t frame)
{
    return every > 0 && frame % every == 0;
}

int rate_of(const Values &v)
{
    // Only CBR steers at the target.
    const bool cbr = v["rc:mode"] == int(mpp::RcMode::Cbr);
    return int(v[cbr ? "rc:bps_target" : "rc:bps_max"]);
}

H264Settings h264_settings(const Values &v)
{
    const bool fixed = v["rc:mode"] == int(mpp::RcMode::FixQp);
    const auto range = v["prep:colorrange"];
    return {.width = int(v["prep:width"]),
            .height = int(v["prep:height"]),
            .fps =
                double(v["rc:fps_out_num"]) / double(std::max<int64_t>(v["rc:fps_out_denom"], 1)),
            .fixed_qp = fixed,
            .bitrate = fixed ? 2'000'000 : rate_of(v),
            .qp_init = int(v["rc:qp_init"]),
            .qp_min = int(v["rc:qp_min"]),
            .qp_max = int(v["rc:qp_max"]),
            .profile = int(v["h264:profile"]),
            .level = int(v["h264:level"]),
            .constraint_set = unsigned(v["h264:constraint_set"]),
            .cabac = v["h264:cabac_en"] != 0,
            .primaries = int(v["prep:colorprim"]),
            .transfer = int(v["prep:colortrc"]),
            .matrix = int(v["prep:colorspace"]),
            .says_range = range != 0,
            .full_range = range == int(mpp::ColorRange::Full)};
}

/// Of jpeg:q_factor or the coarser jpeg:quant; rate control is not imitated.
int jpeg_quality(const Values &v)
{
    const int64_t factor = v["jpeg:q_factor"];
    return int(factor ? std::clamp(factor, v["jpeg:qf_min"], v["jpeg:qf_max"])
                      : std::clamp<int64_t>(v["jpeg:quant"], 1, 10) * 8);
}

size_t packet_room(const Values &v, Coding coding)
{
    const auto aligned = [](int64_t n) { return size_t(n + 15) & ~size_t(15); };
    const size_t room = aligned(v["prep:width"]) * aligned(v["prep:height"]);
    return coding == Coding::Mjpeg ? room * 3 / 2 : room;
}

} // namespace

Chip::Chip(const Knobs &knobs, Coding coding) : knobs_{knobs}, coding_{coding}, values_{coding} {}

void Chip::release_hangs()
{
    const std::lock_guard hold{hangs().lock};
    ++hangs().round;
    hangs().released.notify_all();
}

void Chip::hang()
{
    std::unique_lock hold{hangs().lock};
    hangs().released.wait(hold, [round = hangs().round] { return hangs().round != round; });
}

Ret Chip::set_cfg(EncCfg &cfg)
{
    const Change change = apply(cfg, values_, coding_);
    log("control SET_CFG = %d%s", int(change.ret), change.idr ? " idr" : "");
    if (change.idr) {
        reopen_ = headers_due_ = true;
        headers_told_ = false;
    } else if (change.bitrate) {
        h264_.set_bitrate(rate_of(values_));
    }
    return change.ret;
}

Ret Chip::write_headers(Packet &packet)
{
    if (coding_ != Coding::Avc)
        return Ret::Ok;
    if (reopen_ && !h264_.open(h264_settings(values_)))
        return Ret::Nok;
    const auto bytes = h264_.headers();
    if (packet.length + bytes.size() > packet.size)
        fatal("MPP_ENC_GET_HDR_SYNC", "headers that do not fit: set the packet's length to 0 "
                                      "first; the library copies them unchecked");
    std::copy(bytes.begin(), bytes.end(), packet.data + packet.length);
    packet.length += bytes.size();
    if (frames_ == 0) {
        headers_told_ = true;
        headers_due_ = false;
    }
    return Ret::Ok;
}

Ret Chip::control(Command command, void *parameter)
{
    if (command == Command::SetIdrFrame) {
        log("control SET_IDR_FRAME");
        if (!knobs_.ignore_idr) {
            idr_ = true;
            headers_told_ = false;
        }
        return Ret::Ok;
    }
    if (!parameter)
        return Ret::NullPointer;
    const auto number = static_cast<int *>(parameter);
    switch (command) {
    case Command::SetCfg:
        return set_cfg(live(static_cast<EncCfg *>(parameter), "MPP_ENC_SET_CFG"));
    case Command::GetCfg: {
        EncCfg &cfg = live(static_cast<EncCfg *>(parameter), "MPP_ENC_GET_CFG");
        cfg.values = values_;
        cfg.changed.reset();
        log("control GET_CFG");
        return Ret::Ok;
    }
    case Command::GetHdrSync:
        log("control GET_HDR_SYNC");
        return write_headers(live(static_cast<Packet *>(parameter), "MPP_ENC_GET_HDR_SYNC"));
    case Command::SetSeiCfg:
        log("control SET_SEI_CFG %d", *number);
        sei_mode_ = SeiMode{*number};
        return Ret::Ok;
    case Command::SetHeaderMode:
        log("control SET_HEADER_MODE %d", *number);
        header_mode_ = HeaderMode{*number};
        return Ret::Ok;
    case Command::GetHeaderMode:
        *number = int(header_mode_);
        return Ret::Ok;
    default:
        log("control 0x%x is not imitated", unsigned(command));
        return Ret::Nok;
    }
}

void Chip::check_layout(const Frame &f) const
{
    const auto differs = [&](const char *key, uint32_t of_frame) {
        if (values_[key] != int64_t(of_frame))
            fatal("encode_put_frame", std::string{key} + " is " + std::to_string(values_[key]) +
                                          ", and the frame says " + std::to_string(of_frame));
    };
    differs("prep:width", f.width);
    differs("prep:height", f.height);
    differs("prep:hor_stride", f.hor_stride);
    differs("prep:ver_stride", f.ver_stride);
    differs("prep:format", uint32_t(f.format));
}

bool Chip::read(const Frame &f)
{
    const Source source = Source::from(values_, coding_);
    const uint8_t *const memory = f.buffer->memory(source.size());
    if (!memory)
        return false;
    convert(source, memory, picture_);
    f.buffer->done();
    return true;
}

bool Chip::wants_idr()
{
    const int64_t gop = values_["rc:gop"];
    return idr_ || reopen_ || (gop > 0 && since_idr_ >= gop);
}

bool Chip::code_h264(Packet &packet)
{
    const bool idr = wants_idr();
    if (reopen_ && !h264_.open(h264_settings(values_))) {
        log("fault: OpenH264 refuses the configuration");
        return false;
    }
    reopen_ = false;
    const auto coded = h264_.encode(picture_, idr);
    if (!coded)
        return false;
    std::vector<uint8_t> stream;
    const auto add = [&](const std::vector<uint8_t> &part) {
        stream.insert(stream.end(), part.begin(), part.end());
    };
    const bool each_idr = header_mode_ == HeaderMode::EachIdr && coded->intra;
    if ((headers_due_ || each_idr) && !headers_told_)
        add(coded->headers);
    if (sei_mode_ == SeiMode::OneFrame || (sei_mode_ == SeiMode::OneSequence && coded->intra))
        add(text_sei("MPP stand-in; bps " + std::to_string(values_["rc:bps_target"])));
    add(coded->slice);
    if (coded->intra && stream.size() + 6 < knobs_.big_idr)
        add(filler(knobs_.big_idr - stream.size()));

    if (!packet.fill(stream)) {
        log("fault: %zu bytes do not fit into a packet of %zu", stream.size(), packet.size);
        return false;
    }
    if (coded->intra) {
        since_idr_ = 0;
        idr_ = headers_due_ = headers_told_ = false;
    }
    ++since_idr_;
    packet.notes().set(MetaKey::OutputIntra, int32_t(coded->intra));
    packet.notes().set(MetaKey::AverageQp, int32_t(coded->qp));
    return true;
}

bool Chip::code_picture(const Frame &f, Packet &packet)
{
    if (!read(f))
        return false;
    if (coding_ == Coding::Avc)
        return code_h264(packet);
    const auto jpeg = encode_jpeg(jpeg_quality(values_), picture_);
    return !jpeg.empty() && packet.fill(jpeg);
}

std::chrono::milliseconds Chip::time_of_frame() const
{
    // By the frame's own number, so that each run has the same.
    const auto jitter = knobs_.jitter_ms > 0
                            ? int64_t(uint32_t(frames_) * 2654435761u >> 8) % (knobs_.jitter_ms + 1)
                            : 0;
    return std::chrono::milliseconds{knobs_.delay_ms + jitter};
}

Chip::Done Chip::code(Frame &f)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto given = f.meta ? f.meta->take<Packet *>(MetaKey::OutputPacket) : std::nullopt;
    Packet *const packet = given ? *given : new Packet{packet_room(values_, coding_)};
    packet->length = 0;
    packet->pts = f.pts;
    packet->eos = f.eos;
    if (!f.buffer)
        return {packet, false};

    ++frames_;
    const bool hangs = frames_ == knobs_.hang_at;
    if (hangs)
        hang();
    check_layout(f);
    if (f.meta && f.meta->take<int32_t>(MetaKey::InputIdrReq).value_or(0))
        idr_ = true;
    bool failed = false;
    if (each(knobs_.drop_every, frames_)) {
        if (coding_ == Coding::Avc)
            packet->notes().set(MetaKey::OutputIntra, 0);
    } else {
        failed = hangs || each(knobs_.fail_every, frames_) || !code_picture(f, *packet);
    }
    if (failed) {
        packet->length = 0;
        packet->meta.reset();
        idr_ = true; // what follows cannot refer to it
    }
    std::this_thread::sleep_until(begin + time_of_frame());
    return {packet, failed};
}

} // namespace panto::standin
