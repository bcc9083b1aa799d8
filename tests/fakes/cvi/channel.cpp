// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/cvi/channel.h"

#include "tests/fakes/codec/sps.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace panto::cvi_standin
{

namespace
{

constexpr size_t kOffset = 24; // bytes in front of each pack's own, which nobody must read

/// What a picture's plane is, as the encoder finds it by its physical address.
std::vector<CVI_U8> plane_of(const VIDEO_FRAME_S &f, int plane, size_t lines)
{
    return memory_at(f.u64PhyAddr[plane], f.u32Stride[plane] * lines);
}

void check_layout(const VIDEO_FRAME_S &f, const VENC_ATTR_S &of_channel)
{
    const bool planar = f.enPixelFormat == PIXEL_FORMAT_YUV_PLANAR_420;
    if (f.u32Width != of_channel.u32PicWidth || f.u32Height != of_channel.u32PicHeight)
        fatal("a picture is of another size than its channel");
    if (f.u32Stride[0] % 64 || f.u32Stride[0] < f.u32Width)
        fatal("rows of " + std::to_string(f.u32Stride[0]) + " bytes");
    const CVI_U32 chroma = planar ? f.u32Stride[0] / 2 : f.u32Stride[0];
    if (f.u32Stride[1] != chroma || (planar && f.u32Stride[2] != chroma))
        fatal("rows of chroma of " + std::to_string(f.u32Stride[1]) + " bytes");
    const CVI_U32 lines = f.u32Length[0] / f.u32Stride[0];
    if (lines % 16 || lines < f.u32Height || f.u32Length[1] < chroma * (lines / 2))
        fatal("planes of " + std::to_string(lines) + " lines");
}

standin::I420 read(const VIDEO_FRAME_S &f)
{
    // It reads whole macroblocks.
    const size_t lines = (f.u32Height + 15) / 16 * 16, w = f.u32Width, h = f.u32Height;
    standin::I420 to{int(w), int(h), {}, {}, {}};
    const auto luma = plane_of(f, 0, lines);
    for (size_t y = 0; y < h; ++y)
        to.y.insert(to.y.end(), &luma[y * f.u32Stride[0]], &luma[y * f.u32Stride[0]] + w);
    const auto first = plane_of(f, 1, lines / 2);
    const bool planar = f.enPixelFormat == PIXEL_FORMAT_YUV_PLANAR_420;
    const auto second = planar ? plane_of(f, 2, lines / 2) : first;
    const size_t step = planar ? 1 : 2, v_begins = planar ? 0 : 1;
    for (size_t y = 0; y < h / 2; ++y)
        for (size_t x = 0; x < w / 2; ++x) {
            to.u.push_back(first[y * f.u32Stride[1] + x * step]);
            to.v.push_back(second[y * f.u32Stride[planar ? 2 : 1] + x * step + v_begins]);
        }
    return to;
}

int profile_idc(CVI_U32 profile)
{
    return profile == 0 ? 66 : profile == 1 ? 77 : 100;
}

double fps_of(CVI_FR32 rate)
{
    const CVI_U32 over = rate >> 16;
    return over ? double(rate & 0xFFFF) / over : rate;
}

} // namespace

CVI_S32 Channel::check(const VENC_CHN_ATTR_S &a)
{
    const VENC_RC_ATTR_S &r = a.stRcAttr;
    const auto rate_is_well = [](CVI_U32 kbps) { return kbps >= 2 && kbps <= 409600; };
    const auto gop_is_well = [](CVI_U32 gop) { return gop >= 1 && gop <= 65536; };
    if (a.stVencAttr.u32PicWidth > a.stVencAttr.u32MaxPicWidth ||
        a.stVencAttr.u32PicHeight > a.stVencAttr.u32MaxPicHeight || !a.stVencAttr.u32BufSize)
        return kIllegalParameter;
    switch (r.enRcMode) {
    case VENC_RC_MODE_H264CBR:
        if (!gop_is_well(r.stH264Cbr.u32Gop) || !rate_is_well(r.stH264Cbr.u32BitRate) ||
            !r.stH264Cbr.u32StatTime)
            return kIllegalParameter;
        break;
    case VENC_RC_MODE_H264VBR:
    case VENC_RC_MODE_H264AVBR:
        if (!gop_is_well(r.stH264Vbr.u32Gop) || !rate_is_well(r.stH264Vbr.u32MaxBitRate))
            return kIllegalParameter;
        break;
    case VENC_RC_MODE_H264FIXQP:
        if (!gop_is_well(r.stH264FixQp.u32Gop) || r.stH264FixQp.u32PQp > 51)
            return kIllegalParameter;
        break;
    case VENC_RC_MODE_MJPEGFIXQP:
        if (r.stMjpegFixQp.u32Qfactor == 50)
            fatal("a quality of 50 is a table that the driver does not have");
        return a.stVencAttr.enType == PT_MJPEG && r.stMjpegFixQp.u32Qfactor >= 1 &&
                       r.stMjpegFixQp.u32Qfactor <= 99
                   ? 0
                   : kIllegalParameter;
    default: // H.265 among them: there is no encoder of it here
        return kUnsupported;
    }
    return a.stVencAttr.enType == PT_H264 ? 0 : kIllegalParameter;
}

standin::H264Settings Channel::h264_settings() const
{
    const VENC_ATTR_S &a = attributes_.stVencAttr;
    const VENC_RC_ATTR_S &r = attributes_.stRcAttr;
    standin::H264Settings s;
    s.width = int(a.u32PicWidth);
    s.height = int(a.u32PicHeight);
    s.profile = profile_idc(a.u32Profile);
    s.level = 31;
    s.cabac = s.profile != 66;
    if (r.enRcMode == VENC_RC_MODE_H264FIXQP) {
        s.fixed_qp = true;
        s.fps = fps_of(r.stH264FixQp.fr32DstFrameRate);
        s.qp_init = int(r.stH264FixQp.u32PQp);
        return s;
    }
    const bool cbr = r.enRcMode == VENC_RC_MODE_H264CBR;
    s.fps = fps_of(cbr ? r.stH264Cbr.fr32DstFrameRate : r.stH264Vbr.fr32DstFrameRate);
    s.bitrate = 1000 * int(cbr ? r.stH264Cbr.u32BitRate : r.stH264Vbr.u32MaxBitRate);
    if (rate_control.s32FirstFrameStartQp >= 0)
        s.qp_init = rate_control.s32FirstFrameStartQp;
    if (cbr) {
        s.qp_min = int(rate_control.stParamH264Cbr.u32MinQp);
        s.qp_max = int(rate_control.stParamH264Cbr.u32MaxQp);
    }
    return s;
}

CVI_S32 Channel::set(const VENC_CHN_ATTR_S &a)
{
    if (const CVI_S32 refused = check(a))
        return refused;
    const auto before = h264_settings();
    attributes_.stRcAttr = a.stRcAttr; // of which the rates only take effect
    const auto now = h264_settings();
    if (opened_ && now.bitrate != before.bitrate)
        h264_.set_bitrate(now.bitrate);
    return 0;
}

void Channel::add(const std::vector<CVI_U8> &bytes, CVI_U64 pts)
{
    std::vector<CVI_U8> with_offset(kOffset, 0xEE);
    with_offset.insert(with_offset.end(), bytes.begin(), bytes.end());
    waiting_.push_back({std::move(with_offset), pts, false});
}

void Channel::code(const standin::I420 &picture, CVI_U64 pts)
{
    if (attributes_.stVencAttr.enType == PT_MJPEG) {
        const int quality = int(attributes_.stRcAttr.stMjpegFixQp.u32Qfactor);
        add(standin::encode_jpeg(quality, picture), pts);
    } else {
        const auto &r = attributes_.stRcAttr;
        const CVI_U32 gop =
            r.enRcMode == VENC_RC_MODE_H264FIXQP ? r.stH264FixQp.u32Gop : r.stH264Cbr.u32Gop;
        if (!std::exchange(opened_, true) && !h264_.open(h264_settings()))
            fatal("OpenH264 refuses the channel");
        const bool wanted =
            std::exchange(idr, false) || pictures_ == 1 || CVI_U32(since_idr_) >= gop;
        auto coded = h264_.encode(picture, wanted);
        if (!coded)
            return;
        if (coded->intra) {
            since_idr_ = 0;
            for (const standin::Nal &nal : standin::split(coded->headers))
                add({nal.bytes.begin(), nal.bytes.end()}, pts);
        }
        ++since_idr_;
        add(coded->slice, pts);
    }
    waiting_.back().ends = true;
    if (waiting_.back().bytes.size() > attributes_.stVencAttr.u32BufSize)
        fatal("a picture does not fit into the channel's memory for streams");
}

CVI_S32 Channel::send(const VIDEO_FRAME_S &f)
{
    if (!receives)
        return kNotStarted;
    if (!waiting_.empty())
        return kFull; // the stream of the one before was not fetched
    ++sends_;
    if (busy_every_ > 0 && sends_ % busy_every_ == 0)
        return kBusy;
    if (full_every_ > 0 && sends_ % full_every_ == 0)
        return kFull;
    if (f.enPixelFormat != PIXEL_FORMAT_NV12 && f.enPixelFormat != PIXEL_FORMAT_NV21 &&
        f.enPixelFormat != PIXEL_FORMAT_YUV_PLANAR_420)
        return kIllegalParameter;
    if (pixels_ >= 0 && pixels_ != int(f.enPixelFormat))
        return kIllegalParameter;
    pixels_ = f.enPixelFormat;
    check_layout(f, attributes_.stVencAttr);
    ++pictures_;
    if (pictures_ == hang_at_) {
        hang();
        fate_ = Fate::Error;
    } else if (each(lose_every_)) {
        fate_ = Fate::Late;
    } else if (each(fail_every_)) {
        fate_ = Fate::Error;
    } else if (each(drop_every_)) {
        fate_ = Fate::Dropped;
    } else {
        fate_ = Fate::Coded;
        code(read(f), f.u64PTS);
    }
    return 0;
}

CVI_S32 Channel::get(VENC_STREAM_S &stream, int wait_ms)
{
    if (!stream.pstPack)
        return kNull;
    if (waiting_.empty()) {
        const Fate fate = std::exchange(fate_, Fate::Late);
        if (fate == Fate::Error)
            return kEmptyStream;
        if (fate == Fate::Dropped)
            return kDropped;
        std::this_thread::sleep_for(std::chrono::milliseconds{wait_ms});
        return kBusy;
    }
    const size_t count = splits_ ? 1 : waiting_.size();
    stream.u32PackCount = CVI_U32(count);
    for (size_t n = 0; n < count; ++n) {
        fetched_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        Pack &pack = fetched_.back();
        stream.pstPack[n] = {};
        stream.pstPack[n].pu8Addr = pack.bytes.data();
        stream.pstPack[n].u32Len = CVI_U32(pack.bytes.size());
        stream.pstPack[n].u32Offset = kOffset;
        stream.pstPack[n].u64PTS = pack.pts;
        stream.pstPack[n].bFrameEnd = pack.ends;
    }
    ++streams;
    return 0;
}

CVI_S32 Channel::release(const VENC_STREAM_S &stream)
{
    if (streams == 0 || stream.u32PackCount != fetched_.size())
        fatal("a stream is given back that was not fetched");
    fetched_.clear();
    --streams;
    return 0;
}

} // namespace panto::cvi_standin
