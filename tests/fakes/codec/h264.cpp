// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/codec/codec.h"
#include "tests/fakes/codec/sps.h"

#include <algorithm>

namespace panto::standin
{

namespace
{

SEncParamExt parameters(ISVCEncoder *encoder, const H264Settings &s)
{
    SEncParamExt p;
    encoder->GetDefaultParams(&p);
    p.iUsageType = CAMERA_VIDEO_REAL_TIME;
    p.iPicWidth = s.width;
    p.iPicHeight = s.height;
    p.iTargetBitrate = s.bitrate;
    p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    p.iRCMode = s.fixed_qp ? RC_OFF_MODE : RC_BITRATE_MODE;
    p.fMaxFrameRate = float(s.fps);
    p.uiIntraPeriod = 0; // IDRs are asked for
    p.iNumRefFrame = 1;
    p.eSpsPpsIdStrategy = CONSTANT_ID;
    p.iEntropyCodingModeFlag = s.profile != 66 && s.cabac;
    p.bEnableFrameSkip = false;
    p.iMinQp = std::clamp(s.qp_min, 1, 51);
    p.iMaxQp = std::clamp(s.qp_max, p.iMinQp, 51);
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
    layer.uiProfileIdc = EProfileIdc(s.profile);
    layer.uiLevelIdc = LEVEL_UNKNOWN;
    layer.iDLayerQp = s.qp_init;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    layer.bColorDescriptionPresent = s.matrix != 2 || s.primaries != 2 || s.transfer != 2;
    layer.bVideoSignalTypePresent = layer.bColorDescriptionPresent || s.says_range;
    layer.uiVideoFormat = VF_UNDEF;
    layer.bFullRange = s.full_range;
    layer.uiColorPrimaries = uint8_t(s.primaries);
    layer.uiTransferCharacteristics = uint8_t(s.transfer);
    layer.uiColorMatrix = uint8_t(s.matrix);
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

bool H264::open(const H264Settings &settings)
{
    close();
    if (WelsCreateSVCEncoder(&encoder_))
        return false;
    int quiet = WELS_LOG_QUIET;
    encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
    const SEncParamExt p = parameters(encoder_, settings);
    settings_ = settings;
    pictures_ = 0;
    frame_ms_ = p.fMaxFrameRate > 0 ? 1000 / double(p.fMaxFrameRate) : 33;
    if (encoder_->InitializeExt(&p) == 0)
        return true;
    close();
    return false;
}

void H264::set_bitrate(int bitrate)
{
    SBitrateInfo rate{.iLayer = SPATIAL_LAYER_ALL, .iBitrate = bitrate};
    if (encoder_ && !settings_.fixed_qp)
        encoder_->SetOption(ENCODER_OPTION_BITRATE, &rate);
}

H264::Coded H264::sorted(const SFrameBSInfo &from)
{
    Coded coded{};
    const int macroblocks = (settings_.width + 15) / 16 * ((settings_.height + 15) / 16);
    for (int l = 0; l < from.iLayerNum; ++l) {
        const SLayerBSInfo &layer = from.sLayerInfo[l];
        size_t size = 0;
        for (int n = 0; n < layer.iNalCount; ++n)
            size += size_t(layer.pNalLengthInByte[n]);
        for (const Nal &nal : split({layer.pBsBuf, size})) {
            if (nal.type == 7) {
                patch_sps(nal.bytes, settings_.profile, settings_.constraint_set, settings_.level,
                          macroblocks);
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
