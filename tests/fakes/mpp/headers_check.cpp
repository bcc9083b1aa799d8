// SPDX-License-Identifier: LGPL-2.1-or-later
/// Compares plugins/venc/mppabi.h with a vendor's own headers: each difference is a compile error.
/// Built only with -Dmpp-headers=PATH, the folder that has rk_mpi.h.
#include "plugins/venc/mppabi.h"

#include <mpp_meta.h>
#include <rk_mpi.h>
#include <rk_venc_cfg.h>
#include <rk_venc_cmd.h>
#include <rk_venc_rc.h>
#include <type_traits>

namespace panto::mpp
{

namespace
{

/// Whether a value passes through a call alike: a pointer as a pointer, a number by its size.
template <class A, class B>
constexpr bool alike()
{
    if constexpr (std::is_void_v<A> || std::is_void_v<B>)
        return std::is_void_v<A> && std::is_void_v<B>;
    else if constexpr (std::is_pointer_v<A> || std::is_pointer_v<B>)
        return std::is_pointer_v<A> && std::is_pointer_v<B>;
    else
        return std::is_scalar_v<A> && std::is_scalar_v<B> && sizeof(A) == sizeof(B);
}

template <class A, class B>
struct SameCall : std::false_type {
};
template <class R, class... A, class Q, class... B>
struct SameCall<R(A...), Q(B...)> {
    static constexpr bool value = [] {
        if constexpr (sizeof...(A) == sizeof...(B))
            return alike<R, Q>() && (alike<A, B>() && ...);
        else
            return false;
    }();
};

#define CHECK(need, ret, name, args)                                                               \
    static_assert(SameCall<decltype(::name), ret args>::value, "signature of " #name);
PANTO_MPP_FUNCTIONS(CHECK)
#undef CHECK

#define CHECK(field)                                                                               \
    static_assert(offsetof(::MppApi, field) == offsetof(Api, field), "place of " #field)
CHECK(size);
CHECK(version);
CHECK(decode);
CHECK(encode);
CHECK(isp);
CHECK(isp_get_frame);
#undef CHECK
#define CHECK(field)                                                                               \
    static_assert(offsetof(::MppApi, field) == offsetof(Api, field), "place of " #field);          \
    static_assert(SameCall<std::remove_pointer_t<decltype(::MppApi::field)>,                       \
                           std::remove_pointer_t<decltype(Api::field)>>::value,                    \
                  "signature of " #field)
CHECK(encode_put_frame);
CHECK(encode_get_packet);
CHECK(poll);
CHECK(dequeue);
CHECK(enqueue);
CHECK(reset);
CHECK(control);
#undef CHECK
static_assert(sizeof(::MppApi) >= kApiSize); // some builds add functions behind control

#define CHECK(field)                                                                               \
    static_assert(offsetof(::MppBufferInfo, field) == offsetof(BufferInfo, field) &&               \
                      sizeof(::MppBufferInfo::field) == sizeof(BufferInfo::field),                 \
                  "place of " #field)
CHECK(type);
CHECK(size);
CHECK(ptr);
CHECK(hnd);
CHECK(fd);
CHECK(index);
#undef CHECK
static_assert(sizeof(::MppBufferInfo) == sizeof(BufferInfo));

#define CHECK(theirs, ours) static_assert(int(theirs) == int(ours), #theirs)
CHECK(MPP_OK, Ret::Ok);
CHECK(MPP_NOK, Ret::Nok);
CHECK(MPP_ERR_UNKNOW, Ret::Unknown);
CHECK(MPP_ERR_NULL_PTR, Ret::NullPointer);
CHECK(MPP_ERR_MALLOC, Ret::Malloc);
CHECK(MPP_ERR_OPEN_FILE, Ret::OpenFile);
CHECK(MPP_ERR_VALUE, Ret::Value);
CHECK(MPP_ERR_READ_BIT, Ret::ReadBit);
CHECK(MPP_ERR_TIMEOUT, Ret::Timeout);
CHECK(MPP_ERR_PERM, Ret::Permission);
CHECK(MPP_ERR_LIST_STREAM, Ret::ListStream);
CHECK(MPP_ERR_INIT, Ret::Init);
CHECK(MPP_ERR_VPU_CODEC_INIT, Ret::CodecInit);
CHECK(MPP_ERR_STREAM, Ret::Stream);
CHECK(MPP_ERR_FATAL_THREAD, Ret::FatalThread);
CHECK(MPP_ERR_NOMEM, Ret::NoMemory);
CHECK(MPP_ERR_PROTOL, Ret::Protocol);
CHECK(MPP_FAIL_SPLIT_FRAME, Ret::SplitFrame);
CHECK(MPP_ERR_VPUHW, Ret::Hardware);
CHECK(MPP_EOS_STREAM_REACHED, Ret::EndOfStream);
CHECK(MPP_ERR_BUFFER_FULL, Ret::BufferFull);
CHECK(MPP_ERR_DISPLAY_FULL, Ret::DisplayFull);
CHECK(MPP_CTX_DEC, CtxType::Decoder);
CHECK(MPP_CTX_ENC, CtxType::Encoder);
CHECK(MPP_CTX_ISP, CtxType::Isp);
CHECK(MPP_VIDEO_CodingAVC, Coding::Avc);
CHECK(MPP_VIDEO_CodingMJPEG, Coding::Mjpeg);
CHECK(MPP_VIDEO_CodingHEVC, Coding::Hevc);
CHECK(MPP_PORT_INPUT, Port::Input);
CHECK(MPP_PORT_OUTPUT, Port::Output);
CHECK(MPP_POLL_BLOCK, Poll::Block);
CHECK(MPP_POLL_NON_BLOCK, Poll::NonBlock);
CHECK(MPP_SET_INPUT_TIMEOUT, Command::SetInputTimeout);
CHECK(MPP_SET_OUTPUT_TIMEOUT, Command::SetOutputTimeout);
CHECK(MPP_ENC_SET_CFG, Command::SetCfg);
CHECK(MPP_ENC_GET_CFG, Command::GetCfg);
CHECK(MPP_ENC_SET_IDR_FRAME, Command::SetIdrFrame);
CHECK(MPP_ENC_GET_HDR_SYNC, Command::GetHdrSync);
CHECK(MPP_ENC_GET_EXTRA_INFO, Command::GetExtraInfo);
CHECK(MPP_ENC_SET_SEI_CFG, Command::SetSeiCfg);
CHECK(MPP_ENC_SET_ROI_CFG, Command::SetRoiCfg);
CHECK(MPP_ENC_SET_HEADER_MODE, Command::SetHeaderMode);
CHECK(MPP_ENC_GET_HEADER_MODE, Command::GetHeaderMode);
CHECK(MPP_ENC_SET_SPLIT, Command::SetSplit);
CHECK(MPP_ENC_SET_REF_CFG, Command::SetRefCfg);
CHECK(MPP_ENC_SET_OSD_PLT_CFG, Command::SetOsdPltCfg);
CHECK(MPP_ENC_SET_OSD_DATA_CFG, Command::SetOsdDataCfg);
CHECK(MPP_ENC_RC_MODE_VBR, RcMode::Vbr);
CHECK(MPP_ENC_RC_MODE_CBR, RcMode::Cbr);
CHECK(MPP_ENC_RC_MODE_FIXQP, RcMode::FixQp);
CHECK(MPP_ENC_RC_MODE_AVBR, RcMode::Avbr);
CHECK(MPP_ENC_RC_DROP_FRM_DISABLED, DropMode::Disabled);
CHECK(MPP_ENC_RC_DROP_FRM_NORMAL, DropMode::Normal);
CHECK(MPP_ENC_RC_DROP_FRM_PSKIP, DropMode::PSkip);
CHECK(MPP_ENC_RC_SUPER_FRM_NONE, SuperMode::None);
CHECK(MPP_ENC_RC_SUPER_FRM_DROP, SuperMode::Drop);
CHECK(MPP_ENC_RC_SUPER_FRM_REENC, SuperMode::Reencode);
CHECK(MPP_ENC_RC_INTRA_REFRESH_ROW, RefreshMode::Rows);
CHECK(MPP_ENC_RC_INTRA_REFRESH_COL, RefreshMode::Columns);
CHECK(MPP_ENC_HEADER_MODE_DEFAULT, HeaderMode::FirstFrame);
CHECK(MPP_ENC_HEADER_MODE_EACH_IDR, HeaderMode::EachIdr);
CHECK(MPP_ENC_SEI_MODE_DISABLE, SeiMode::Disable);
CHECK(MPP_ENC_SEI_MODE_ONE_SEQ, SeiMode::OneSequence);
CHECK(MPP_ENC_SEI_MODE_ONE_FRAME, SeiMode::OneFrame);
CHECK(MPP_ENC_SPLIT_NONE, SplitMode::None);
CHECK(MPP_ENC_SPLIT_BY_BYTE, SplitMode::ByByte);
CHECK(MPP_ENC_SPLIT_BY_CTU, SplitMode::ByCtu);
CHECK(MPP_FRAME_RANGE_UNSPECIFIED, ColorRange::Unspecified);
CHECK(MPP_FRAME_RANGE_MPEG, ColorRange::Limited);
CHECK(MPP_FRAME_RANGE_JPEG, ColorRange::Full);
CHECK(MPP_FRAME_SPC_RGB, ColorSpace::Rgb);
CHECK(MPP_FRAME_SPC_BT709, ColorSpace::Bt709);
CHECK(MPP_FRAME_SPC_UNSPECIFIED, ColorSpace::Unspecified);
CHECK(MPP_FRAME_SPC_BT470BG, ColorSpace::Bt470bg);
CHECK(MPP_FRAME_SPC_SMPTE170M, ColorSpace::Smpte170m);
CHECK(MPP_FMT_YUV420SP, FrameFormat::Nv12);
CHECK(MPP_FMT_YUV422SP, FrameFormat::Nv16);
CHECK(MPP_FMT_YUV420P, FrameFormat::I420);
CHECK(MPP_FMT_YUV420SP_VU, FrameFormat::Nv21);
CHECK(MPP_FMT_YUV422P, FrameFormat::Y42b);
CHECK(MPP_FMT_YUV422SP_VU, FrameFormat::Nv61);
CHECK(MPP_FMT_YUV422_YUYV, FrameFormat::Yuy2);
CHECK(MPP_FMT_YUV422_YVYU, FrameFormat::Yvyu);
CHECK(MPP_FMT_YUV422_UYVY, FrameFormat::Uyvy);
CHECK(MPP_FMT_YUV422_VYUY, FrameFormat::Vyuy);
CHECK(MPP_FMT_YUV400, FrameFormat::Gray8);
CHECK(MPP_FMT_YUV444SP, FrameFormat::Nv24);
CHECK(MPP_FMT_YUV444P, FrameFormat::Y444);
CHECK(MPP_FMT_RGB565, FrameFormat::Rgb565);
CHECK(MPP_FMT_BGR565, FrameFormat::Bgr565);
CHECK(MPP_FMT_RGB888, FrameFormat::Rgb888);
CHECK(MPP_FMT_BGR888, FrameFormat::Bgr888);
CHECK(MPP_FMT_ARGB8888, FrameFormat::Argb8888);
CHECK(MPP_FMT_ABGR8888, FrameFormat::Abgr8888);
CHECK(MPP_FMT_BGRA8888, FrameFormat::Bgra8888);
CHECK(MPP_FMT_RGBA8888, FrameFormat::Rgba8888);
CHECK(MPP_BUFFER_TYPE_NORMAL, BufferType::Normal);
CHECK(MPP_BUFFER_TYPE_ION, BufferType::Ion);
CHECK(MPP_BUFFER_TYPE_EXT_DMA, BufferType::ExtDma);
CHECK(MPP_BUFFER_TYPE_DRM, BufferType::Drm);
CHECK(MPP_BUFFER_TYPE_DMA_HEAP, BufferType::DmaHeap);
CHECK(MPP_BUFFER_INTERNAL, BufferMode::Internal);
CHECK(MPP_BUFFER_EXTERNAL, BufferMode::External);
CHECK(KEY_INPUT_FRAME, MetaKey::InputFrame);
CHECK(KEY_OUTPUT_PACKET, MetaKey::OutputPacket);
CHECK(KEY_OUTPUT_INTRA, MetaKey::OutputIntra);
CHECK(KEY_INPUT_IDR_REQ, MetaKey::InputIdrReq);
CHECK(KEY_ENC_AVERAGE_QP, MetaKey::AverageQp);
CHECK(KEY_TEMPORAL_ID, MetaKey::TemporalId);
#undef CHECK
// These may be macros there.
static_assert(int(MPP_FRAME_FMT_MASK) == kFormatMask);
static_assert(int(MPP_FRAME_FMT_LE_MASK) == kFormatLittleEndian);
static_assert(int(MPP_BUFFER_FLAGS_CACHABLE) == kBufferCachable);

} // namespace

} // namespace panto::mpp
