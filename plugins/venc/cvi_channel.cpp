// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/cvi_channel.h"

#include "plugins/venc/rules.h"

#include <algorithm>
#include <chrono>

namespace panto::cvi
{

namespace
{

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using venc::Codec;

constexpr VENC_CHN kChannels = 16;
constexpr CVI_U32 kAlmostNever = 65535; // pictures between IDRs: the driver wants at least one
constexpr CVI_U32 kLeastRoom = 1 << 20; // bytes for streams, as NanoKVM has them
constexpr CVI_U32 kPacks = 8;           // more than one picture has
// Together below the time limit of a call.
constexpr auto kSendLimit = 300ms, kReceiveLimit = 400ms;
constexpr unsigned kStartQp = 35; // of both kinds of pictures where it is fixed and none is named

Ret ret(CVI_S32 code)
{
    return Ret{code};
}

int ms_until(steady_clock::time_point limit)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - steady_clock::now());
    return int(std::max<int64_t>(left.count(), 0));
}

/// Whole pictures per second, or a fraction in the driver's own form.
CVI_FR32 frame_rate(const venc::Video &v)
{
    if (v.fps_num % v.fps_den == 0)
        return v.fps_num / v.fps_den;
    if (v.fps_num < 1u << 16 && v.fps_den < 1u << 16)
        return v.fps_den << 16 | v.fps_num;
    return std::max(v.fps_num / v.fps_den, 1u);
}

CVI_U32 whole_rate(const venc::Video &v)
{
    return (v.fps_num + v.fps_den - 1) / v.fps_den;
}

template <class Rate>
void set_frames(Rate &rate, const venc::Video &video)
{
    rate.u32SrcFrameRate = whole_rate(video);
    rate.fr32DstFrameRate = frame_rate(video);
    rate.bVariFpsEn = video.variable_rate;
}

template <class Rate>
void set_common(Rate &rate, const Plan &plan)
{
    set_frames(rate, plan.video);
    const int gop = plan.settings.gop_size;
    rate.u32Gop = gop > 0 ? CVI_U32(gop) : kAlmostNever;
}

CVI_U32 quantizer(int asked, int otherwise)
{
    return CVI_U32(asked >= 0 ? asked : otherwise);
}

/// H.265's members have other names, and are of the same types.
template <class Cbr, class Vbr, class Fixed>
void set_rate(Cbr &cbr, Vbr &vbr, Fixed &fixed, const Plan &plan)
{
    const venc::Settings &s = plan.settings;
    const venc::BitRates rates = venc::bit_rates(s);
    if (s.rate_control == "fixqp") {
        set_common(fixed, plan);
        const int qp = int(quantizer(s.qp_init, kStartQp));
        fixed.u32PQp = CVI_U32(qp);
        fixed.u32IQp = CVI_U32(std::max(qp - std::max(s.qp_delta_ip, 0), 0));
    } else if (s.rate_control == "cbr") {
        set_common(cbr, plan);
        cbr.u32StatTime = 1;
        cbr.u32BitRate = rates.target / 1000;
    } else {
        set_common(vbr, plan);
        vbr.u32StatTime = 1;
        vbr.u32MaxBitRate = rates.max / 1000;
    }
}

VENC_RC_MODE_E mode_of(Codec codec, const std::string &name)
{
    const bool h264 = codec == Codec::H264;
    if (name == "fixqp")
        return h264 ? VENC_RC_MODE_H264FIXQP : VENC_RC_MODE_H265FIXQP;
    if (name == "vbr")
        return h264 ? VENC_RC_MODE_H264VBR : VENC_RC_MODE_H265VBR;
    if (name == "avbr")
        return h264 ? VENC_RC_MODE_H264AVBR : VENC_RC_MODE_H265AVBR;
    return h264 ? VENC_RC_MODE_H264CBR : VENC_RC_MODE_H265CBR;
}

CVI_U32 profile_of(const Plan &plan)
{
    if (plan.codec != Codec::H264)
        return 0;
    switch (plan.video.profile) {
    case venc::Profile::ConstrainedBaseline:
        return 0;
    case venc::Profile::Main:
        return 1;
    case venc::Profile::High:
    case venc::Profile::ConstrainedHigh:
        return 2;
    }
    return 0;
}

template <class Cbr>
void set_bounds(Cbr &cbr, const venc::Settings &s)
{
    // A key frame is what a viewer waits for longest: as small as it may be, and encoded once.
    cbr.u32MinIprop = 1;
    cbr.u32MaxIprop = 10;
    cbr.s32MaxReEncodeTimes = 0;
    cbr.u32MinQp = quantizer(s.qp_min, int(cbr.u32MinQp));
    cbr.u32MaxQp = quantizer(s.qp_max, int(cbr.u32MaxQp));
    cbr.u32MinIQp = quantizer(std::max(s.qp_min_i, s.qp_min), int(cbr.u32MinIQp));
    cbr.u32MaxIQp = quantizer(s.qp_max_i >= 0 ? s.qp_max_i : s.qp_max, int(cbr.u32MaxIQp));
}

} // namespace

bool Plan::same_channel(const Plan &o) const
{
    const venc::Settings &a = settings, &b = o.settings;
    return codec == o.codec && video.same_pictures(o.video) && a.rate_control == b.rate_control &&
           a.gop_size == b.gop_size && a.quality == b.quality && a.qp_init == b.qp_init &&
           a.qp_min == b.qp_min && a.qp_max == b.qp_max && a.qp_min_i == b.qp_min_i &&
           a.qp_max_i == b.qp_max_i && a.qp_delta_ip == b.qp_delta_ip;
}

VENC_CHN_ATTR_S attributes_of(const Plan &plan)
{
    VENC_CHN_ATTR_S a{};
    const venc::Video &v = plan.video;
    VENC_ATTR_S &e = a.stVencAttr;
    e.enType = plan.codec == Codec::H264 ? PT_H264 : plan.codec == Codec::H265 ? PT_H265 : PT_MJPEG;
    e.u32MaxPicWidth = e.u32PicWidth = v.width;
    e.u32MaxPicHeight = e.u32PicHeight = v.height;
    // A key frame is never longer than the samples of its luma; a JPEG of noise may be.
    const CVI_U32 luma = (v.width + 63) / 64 * 64 * ((v.height + 15) / 16 * 16);
    e.u32BufSize = std::max(plan.codec == Codec::Jpeg ? luma * 2 : luma, kLeastRoom);
    e.u32Profile = profile_of(plan);
    e.bByFrame = 1;
    VENC_RC_ATTR_S &r = a.stRcAttr;
    if (plan.codec == Codec::Jpeg) {
        r.enRcMode = VENC_RC_MODE_MJPEGFIXQP;
        set_frames(r.stMjpegFixQp, v);
        // 50 means a table of the user's, which the driver does not have.
        r.stMjpegFixQp.u32Qfactor = plan.settings.quality == 50 ? 51 : plan.settings.quality;
        return a;
    }
    r.enRcMode = mode_of(plan.codec, plan.settings.rate_control);
    if (plan.codec == Codec::H264)
        set_rate(r.stH264Cbr, r.stH264Vbr, r.stH264FixQp, plan);
    else
        set_rate(r.stH265Cbr, r.stH265Vbr, r.stH265FixQp, plan);
    a.stGopAttr.enGopMode = VENC_GOPMODE_NORMALP; // no other has neither delay nor reordering
    a.stGopAttr.stNormalP.s32IPQpDelta = std::max(plan.settings.qp_delta_ip, 0);
    return a;
}

void Channel::set_rate_control(const Plan &plan, const venc::Note &note)
{
    const venc::Settings &s = plan.settings;
    const bool cbr = s.rate_control == "cbr";
    const bool bounds = s.qp_min >= 0 || s.qp_max >= 0 || s.qp_min_i >= 0 || s.qp_max_i >= 0;
    if (bounds && !cbr)
        note("qp-min, qp-max and their likes are for rate-control=cbr only with Sophgo's encoder");
    VENC_RC_PARAM_S p{};
    CVI_S32 code = CVI_VENC_GetRcParam(id_, &p);
    if (code == 0) {
        if (s.qp_init >= 0)
            p.s32FirstFrameStartQp = s.qp_init;
        if (cbr && plan.codec == Codec::H264)
            set_bounds(p.stParamH264Cbr, s);
        else if (cbr)
            set_bounds(p.stParamH265Cbr, s);
        code = CVI_VENC_SetRcParam(id_, &p);
    }
    if (code != 0)
        note(failure("the rate control keeps its own bounds", code).message);
}

Result<std::unique_ptr<Channel>> Channel::make(const Plan &plan, const venc::Note &note)
{
    const VENC_CHN_ATTR_S attributes = attributes_of(plan);
    CVI_S32 code = 0;
    std::unique_ptr<Channel> channel;
    for (VENC_CHN id = 0; id < kChannels && !channel; ++id) {
        code = CVI_VENC_CreateChn(id, &attributes);
        if (code == 0)
            channel.reset(new Channel{id});
        else if (ret(code) != Ret::Exists && ret(code) != Ret::Busy &&
                 ret(code) != Ret::NotPermitted) // else somebody has it
            return failure(
                "no " + std::string{venc::name_of(plan.codec)} + " encoder in this hardware", code);
    }
    if (!channel)
        return failure("every channel of the encoder is taken", code);
    if (plan.codec != Codec::Jpeg && plan.settings.rate_control != "fixqp")
        channel->set_rate_control(plan, note);
    const VENC_RECV_PIC_PARAM_S all{-1};
    if (code = CVI_VENC_StartRecvFrame(channel->id_, &all); code != 0)
        return failure("the encoder does not start", code);
    channel->receives_ = true;
    return channel;
}

Channel::~Channel()
{
    if (receives_) {
        CVI_VENC_StopRecvFrame(id_);
        CVI_VENC_ResetChn(id_);
    }
    CVI_VENC_DestroyChn(id_);
}

Result<> Channel::set_rates(const Plan &plan)
{
    VENC_CHN_ATTR_S now{};
    if (const CVI_S32 code = CVI_VENC_GetChnAttr(id_, &now); code != 0)
        return failure("the encoder does not say its rates", code);
    now.stRcAttr = attributes_of(plan).stRcAttr;
    if (const CVI_S32 code = CVI_VENC_SetChnAttr(id_, &now); code != 0)
        return failure("the encoder refuses the rates", code);
    return ok;
}

Result<> Channel::request_idr()
{
    // Not at once: that would begin the rate control anew, too.
    if (const CVI_S32 code = CVI_VENC_RequestIDR(id_, 0); code != 0)
        return failure("no key frame on demand", code);
    return ok;
}

Result<> Channel::send(const VIDEO_FRAME_INFO_S &frame)
{
    const auto limit = steady_clock::now() + kSendLimit;
    for (;;) {
        const CVI_S32 code = CVI_VENC_SendFrame(id_, &frame, ms_until(limit));
        if (code == 0)
            return ok;
        const bool busy =
            ret(code) == Ret::Busy || ret(code) == Ret::Full || ret(code) == Ret::NoBuffer;
        Error error = failure("the encoder takes no picture", code);
        if (busy)
            error.kind = Kind::Busy;
        if (!busy || steady_clock::now() >= limit)
            return error;
        venc::pause_ms(1);
    }
}

/// Whether the picture ends with it.
Result<bool> Channel::take_stream(std::vector<uint8_t> &bytes, int wait_ms)
{
    VENC_PACK_S packs[kPacks]{};
    VENC_STREAM_S stream{};
    stream.pstPack = packs;
    stream.u32PackCount = kPacks;
    if (const CVI_S32 code = CVI_VENC_GetStream(id_, &stream, wait_ms); code != 0)
        return failure("a picture was not encoded", code);
    bool ends = false;
    for (CVI_U32 n = 0; n < std::min(stream.u32PackCount, kPacks); ++n) {
        const VENC_PACK_S &pack = packs[n];
        if (pack.pu8Addr && pack.u32Offset < pack.u32Len)
            bytes.insert(bytes.end(), pack.pu8Addr + pack.u32Offset, pack.pu8Addr + pack.u32Len);
        ends = ends || pack.bFrameEnd;
    }
    // Always: it unmaps the packs.
    if (const CVI_S32 code = CVI_VENC_ReleaseStream(id_, &stream); code != 0)
        return failure("the encoder does not take its memory back", code);
    return ends;
}

venc::Encoded Channel::receive()
{
    venc::Packet packet;
    const auto limit = steady_clock::now() + kReceiveLimit;
    for (bool ends = false; !ends;) {
        auto taken = take_stream(packet.bytes, ms_until(limit));
        if (!taken && is(Ret::Dropped, taken.error()))
            return venc::Dropped{};
        if (!taken) {
            // What comes too late would be taken for the next picture's: the channel is of no use.
            const bool late = is(Ret::Busy, taken.error());
            return venc::Failed{std::move(taken.error()), late};
        }
        ends = *taken;
        if (!ends && steady_clock::now() >= limit)
            return venc::Failed{{Kind::Timeout, "the encoder does not end a picture"}, true};
    }
    if (packet.bytes.empty())
        return venc::Failed{{Kind::Internal, "the hardware lost a picture"}};
    return packet;
}

} // namespace panto::cvi
