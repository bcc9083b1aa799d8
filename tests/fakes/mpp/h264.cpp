// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/codec.h"
#include "tests/fakes/mpp/sps.h"

#include <algorithm>

namespace panto::standin
{

namespace
{

int rate_of(const Values &v)
{
    // Only CBR steers at the target.
    const bool cbr = v["rc:mode"] == int(mpp::RcMode::Cbr);
    return int(v[cbr ? "rc:bps_target" : "rc:bps_max"]);
}

SEncParamExt parameters(ISVCEncoder *encoder, const Values &v)
{
    SEncParamExt p;
    encoder->GetDefaultParams(&p);
    const bool fixed = v["rc:mode"] == int(mpp::RcMode::FixQp);
    p.iUsageType = CAMERA_VIDEO_REAL_TIME;
    p.iPicWidth = int(v["prep:width"]);
    p.iPicHeight = int(v["prep:height"]);
    p.iTargetBitrate = fixed ? 2'000'000 : rate_of(v);
    p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    p.iRCMode = fixed ? RC_OFF_MODE : RC_BITRATE_MODE;
    p.fMaxFrameRate =
        float(v["rc:fps_out_num"]) / float(std::max<int64_t>(v["rc:fps_out_denom"], 1));
    p.uiIntraPeriod = 0; // IDRs are asked for
    p.iNumRefFrame = 1;
    p.eSpsPpsIdStrategy = CONSTANT_ID;
    p.iEntropyCodingModeFlag = v["h264:profile"] != 66 && v["h264:cabac_en"];
    p.bEnableFrameSkip = false;
    p.iMinQp = int(std::clamp<int64_t>(v["rc:qp_min"], 1, 51));
    p.iMaxQp = int(std::clamp<int64_t>(v["rc:qp_max"], p.iMinQp, 51));
    p.iMultipleThreadIdc = 1;
    p.iComplexityMode = LOW_COMPLEXITY;
    p.bEnableDenoise = false;
    p.bEnableSceneChangeDetect = false;
    p.bEnableBackgroundDetection = false;
    p.bEnableAdaptiveQuant = false;

    SSpatialLayerConfig &layer = p.sSpatialLayers[0];
    layer.iVideoWidth = p.iPicWidth;
    layer.iVideoHeight = p.iPicHeight;
    layer.fFrameRate = p.fMaxFrameRate;
    layer.iSpatialBitrate = p.iTargetBitrate;
    layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer.uiProfileIdc = EProfileIdc(v["h264:profile"]);
    layer.uiLevelIdc = LEVEL_UNKNOWN;
    layer.iDLayerQp = int(v["rc:qp_init"]);
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    const int64_t space = v["prep:colorspace"], range = v["prep:colorrange"];
    layer.bColorDescriptionPresent =
        space != 2 || v["prep:colorprim"] != 2 || v["prep:colortrc"] != 2;
    layer.bVideoSignalTypePresent = layer.bColorDescriptionPresent || range != 0;
    layer.uiVideoFormat = VF_UNDEF;
    layer.bFullRange = range == int(mpp::ColorRange::Full);
    layer.uiColorPrimaries = uint8_t(v["prep:colorprim"]);
    layer.uiTransferCharacteristics = uint8_t(v["prep:colortrc"]);
    layer.uiColorMatrix = uint8_t(space);
    return p;
}

} // namespace

void H264::close()
{
    if (!encoder_)
        return;
    encoder_->Uninitialize();
    WelsDestroySVCEncoder(encoder_);
    encoder_ = nullptr;
}

bool H264::open(const Values &values)
{
    close();
    if (WelsCreateSVCEncoder(&encoder_))
        return false;
    int quiet = WELS_LOG_QUIET;
    encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
    const SEncParamExt p = parameters(encoder_, values);
    profile_ = int(values["h264:profile"]);
    level_ = int(values["h264:level"]);
    constraint_set_ = unsigned(values["h264:constraint_set"]);
    macroblocks_ = (p.iPicWidth + 15) / 16 * ((p.iPicHeight + 15) / 16);
    pictures_ = 0;
    frame_ms_ = p.fMaxFrameRate > 0 ? 1000 / double(p.fMaxFrameRate) : 33;
    if (encoder_->InitializeExt(&p) == 0)
        return true;
    close();
    return false;
}

void H264::set_bitrate(const Values &values)
{
    SBitrateInfo rate{.iLayer = SPATIAL_LAYER_ALL, .iBitrate = rate_of(values)};
    if (encoder_ && values["rc:mode"] != int(mpp::RcMode::FixQp))
        encoder_->SetOption(ENCODER_OPTION_BITRATE, &rate);
}

H264::Coded H264::sorted(const SFrameBSInfo &from)
{
    Coded coded{};
    for (int l = 0; l < from.iLayerNum; ++l) {
        const SLayerBSInfo &layer = from.sLayerInfo[l];
        size_t size = 0;
        for (int n = 0; n < layer.iNalCount; ++n)
            size += size_t(layer.pNalLengthInByte[n]);
        for (const Nal &nal : split({layer.pBsBuf, size})) {
            if (nal.type == 7) {
                patch_sps(nal.bytes, profile_, constraint_set_, level_, macroblocks_);
                slice_qp_.read_sps(nal.bytes);
            } else if (nal.type == 8) {
                slice_qp_.read_pps(nal.bytes);
            } else {
                coded.intra = nal.type == 5;
                coded.qp = slice_qp_.of(nal.bytes);
            }
            auto &to = nal.type == 7 || nal.type == 8 ? coded.headers : coded.slice;
            to.insert(to.end(), nal.bytes.begin(), nal.bytes.end());
        }
    }
    return coded;
}

std::vector<uint8_t> H264::headers()
{
    SFrameBSInfo info{};
    if (!encoder_ || encoder_->EncodeParameterSets(&info))
        return {};
    return sorted(info).headers;
}

std::optional<H264::Coded> H264::encode(const I420 &picture, bool idr)
{
    if (!encoder_)
        return {};
    if (idr)
        encoder_->ForceIntraFrame(true);
    SSourcePicture source{};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = picture.width;
    source.iPicHeight = picture.height;
    source.iStride[0] = picture.width;
    source.iStride[1] = source.iStride[2] = picture.chroma_width();
    source.pData[0] = const_cast<uint8_t *>(picture.y.data());
    source.pData[1] = const_cast<uint8_t *>(picture.u.data());
    source.pData[2] = const_cast<uint8_t *>(picture.v.data());
    source.uiTimeStamp = (long long)(double(pictures_++) * frame_ms_);
    SFrameBSInfo info{};
    if (encoder_->EncodeFrame(&source, &info))
        return {};
    return sorted(info);
}

} // namespace panto::standin
