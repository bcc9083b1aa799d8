// SPDX-License-Identifier: LGPL-2.1-or-later
/// The vendor's headers, and what must be true of them: their structs go to the kernel's driver
/// byte by byte, with neither a size nor a version in them, so one laid out otherwise would be a
/// fault in the kernel.
///
/// Source   the layout of SG200x on 64 bits, which is alike in cvi_mpi sg200x-dev, sophgo
/// middleware
///          v4.1 and MaixCDK's copy; the driver's numbers in osdrv sg200x-dev
#pragma once

#include "lib/base/result.h"

#include <cstddef>
#include <cvi_sys.h>
#include <cvi_venc.h>

namespace panto::cvi
{

static_assert(sizeof(void *) == 8, "the encoder's structs are known for 64 bits only");

#define PANTO_SIZE(type, size)                                                                     \
    static_assert(sizeof(type) == size, "this kit lays out " #type " otherwise than SG200x's")
#define PANTO_PLACE(type, field, place)                                                            \
    static_assert(offsetof(type, field) == place,                                                  \
                  "this kit lays out " #type "." #field " otherwise than SG200x's")

PANTO_SIZE(CVI_BOOL, 1);
PANTO_SIZE(VENC_CHN_ATTR_S, 112);
PANTO_PLACE(VENC_CHN_ATTR_S, stRcAttr, 64);
PANTO_PLACE(VENC_CHN_ATTR_S, stGopAttr, 96);
PANTO_PLACE(VENC_ATTR_S, u32BufSize, 12);
PANTO_PLACE(VENC_ATTR_S, u32Profile, 16);
PANTO_PLACE(VENC_ATTR_S, bByFrame, 20);
PANTO_PLACE(VENC_ATTR_S, u32PicWidth, 24);
PANTO_PLACE(VENC_ATTR_S, u32PicHeight, 28);
PANTO_PLACE(VENC_ATTR_S, bEsBufQueueEn, 33);
PANTO_PLACE(VENC_ATTR_S, bIsoSendFrmEn, 34);
PANTO_PLACE(VENC_RC_ATTR_S, stH264Cbr, 4);
PANTO_PLACE(VENC_H264_CBR_S, u32StatTime, 4);
PANTO_PLACE(VENC_H264_CBR_S, u32SrcFrameRate, 8);
PANTO_PLACE(VENC_H264_CBR_S, fr32DstFrameRate, 12);
PANTO_PLACE(VENC_H264_CBR_S, u32BitRate, 16);
PANTO_PLACE(VENC_H264_CBR_S, bVariFpsEn, 20);
PANTO_PLACE(VENC_MJPEG_FIXQP_S, u32Qfactor, 8);
PANTO_SIZE(VENC_RECV_PIC_PARAM_S, 4);
PANTO_SIZE(VENC_STREAM_S, 384);
PANTO_PLACE(VENC_STREAM_S, u32PackCount, 8);
PANTO_SIZE(VENC_PACK_S, 144);
PANTO_PLACE(VENC_PACK_S, pu8Addr, 8);
PANTO_PLACE(VENC_PACK_S, u32Len, 16);
PANTO_PLACE(VENC_PACK_S, u64PTS, 24);
PANTO_PLACE(VENC_PACK_S, bFrameEnd, 32);
PANTO_PLACE(VENC_PACK_S, u32Offset, 40);
PANTO_SIZE(VIDEO_FRAME_S, 144);
PANTO_PLACE(VIDEO_FRAME_S, enPixelFormat, 8);
PANTO_PLACE(VIDEO_FRAME_S, u32Stride, 32);
PANTO_PLACE(VIDEO_FRAME_S, u64PhyAddr, 48);
PANTO_PLACE(VIDEO_FRAME_S, pu8VirAddr, 72);
PANTO_PLACE(VIDEO_FRAME_S, u32Length, 96);
PANTO_PLACE(VIDEO_FRAME_S, u64PTS, 120);
PANTO_SIZE(VIDEO_FRAME_INFO_S, 152);
PANTO_SIZE(VENC_RC_PARAM_S, 292);
PANTO_PLACE(VENC_RC_PARAM_S, s32FirstFrameStartQp, 200);
static_assert(PT_H264 == 96 && PT_H265 == 265 && PT_MJPEG == 1002);
static_assert(PIXEL_FORMAT_YUV_PLANAR_420 == 13 && PIXEL_FORMAT_NV12 == 18);
static_assert(VENC_RC_MODE_H264CBR == 1 && VENC_RC_MODE_MJPEGFIXQP == 10 &&
              VENC_RC_MODE_H265CBR == 11);

#undef PANTO_SIZE
#undef PANTO_PLACE

/// What calls return beside 0, as far as something follows from it.
enum class Ret : CVI_S32 {
    Ok = 0,
    Exists = CVI_S32(0xC0078004),
    NotPermitted = CVI_S32(0xC0078009),
    NoBuffer = CVI_S32(0xC007800D),
    Full = CVI_S32(0xC007800F),
    Busy = CVI_S32(0xC0078012),    ///< or not within the time given
    Dropped = CVI_S32(0xC0078041), ///< by the rate control
};

inline bool is(Ret ret, const Error &error)
{
    return error.code == int(ret);
}

} // namespace panto::cvi
