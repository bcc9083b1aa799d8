// SPDX-License-Identifier: LGPL-2.1-or-later
/// Pictures as the encoder is given them. See cvi_type.h.
#pragma once

#include <cvi_type.h>

typedef enum _PIXEL_FORMAT_E {
    PIXEL_FORMAT_RGB_888 = 0,
    PIXEL_FORMAT_YUV_PLANAR_420 = 13,
    PIXEL_FORMAT_NV12 = 18,
    PIXEL_FORMAT_NV21 = 19,
    PIXEL_FORMAT_NV16 = 20,
    PIXEL_FORMAT_YUYV = 22,
    PIXEL_FORMAT_UYVY = 23,
} PIXEL_FORMAT_E;

typedef struct _VIDEO_FRAME_S {
    CVI_U32 u32Width;
    CVI_U32 u32Height;
    PIXEL_FORMAT_E enPixelFormat;
    CVI_U32 reserved0[5];
    CVI_U32 u32Stride[3];
    CVI_U64 u64PhyAddr[3];
    CVI_U8 *pu8VirAddr[3];
    CVI_U32 u32Length[3];
    CVI_U32 reserved1[2];
    CVI_U32 u32TimeRef;
    CVI_U64 u64PTS;
    CVI_U64 reserved2;
    CVI_U32 u32FrameFlag;
} VIDEO_FRAME_S;

typedef struct _VIDEO_FRAME_INFO_S {
    VIDEO_FRAME_S stVFrame;
    CVI_U32 u32PoolId;
} VIDEO_FRAME_INFO_S;
