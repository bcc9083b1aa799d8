// SPDX-License-Identifier: LGPL-2.1-or-later
/// What a channel of the encoder is told, and what it gives. See cvi_type.h.
#pragma once

#include <cvi_comm_video.h>

typedef CVI_S32 VENC_CHN;
typedef CVI_U32 CVI_FR32; // denominator << 16 | numerator

typedef enum _PAYLOAD_TYPE_E {
    PT_JPEG = 26,
    PT_H264 = 96,
    PT_H265 = 265,
    PT_MJPEG = 1002,
} PAYLOAD_TYPE_E;

typedef enum _VENC_RC_MODE_E {
    VENC_RC_MODE_H264CBR = 1,
    VENC_RC_MODE_H264VBR = 2,
    VENC_RC_MODE_H264AVBR = 3,
    VENC_RC_MODE_H264FIXQP = 5,
    VENC_RC_MODE_MJPEGFIXQP = 10,
    VENC_RC_MODE_H265CBR = 11,
    VENC_RC_MODE_H265VBR = 12,
    VENC_RC_MODE_H265AVBR = 13,
    VENC_RC_MODE_H265FIXQP = 15,
} VENC_RC_MODE_E;

typedef enum _VENC_GOP_MODE_E { VENC_GOPMODE_NORMALP = 0 } VENC_GOP_MODE_E;

typedef struct _VENC_ATTR_S {
    PAYLOAD_TYPE_E enType;
    CVI_U32 u32MaxPicWidth;
    CVI_U32 u32MaxPicHeight;
    CVI_U32 u32BufSize;
    CVI_U32 u32Profile; // 0 baseline, 1 main, 2 high
    CVI_BOOL bByFrame;
    CVI_U32 u32PicWidth;
    CVI_U32 u32PicHeight;
    CVI_BOOL bSingleCore;
    CVI_BOOL bEsBufQueueEn;
    CVI_BOOL bIsoSendFrmEn;
    CVI_U32 reserved[7]; // of each codec
} VENC_ATTR_S;

typedef struct _VENC_H264_CBR_S {
    CVI_U32 u32Gop;
    CVI_U32 u32StatTime; // s
    CVI_U32 u32SrcFrameRate;
    CVI_FR32 fr32DstFrameRate;
    CVI_U32 u32BitRate; // kbit/s, 2 to 409600
    CVI_BOOL bVariFpsEn;
} VENC_H264_CBR_S;

typedef struct _VENC_H264_VBR_S {
    CVI_U32 u32Gop;
    CVI_U32 u32StatTime;
    CVI_U32 u32SrcFrameRate;
    CVI_FR32 fr32DstFrameRate;
    CVI_U32 u32MaxBitRate;
    CVI_BOOL bVariFpsEn;
} VENC_H264_VBR_S;

typedef struct _VENC_H264_FIXQP_S {
    CVI_U32 u32Gop;
    CVI_U32 u32SrcFrameRate;
    CVI_FR32 fr32DstFrameRate;
    CVI_U32 u32IQp;
    CVI_U32 u32PQp;
    CVI_U32 reserved;
    CVI_BOOL bVariFpsEn;
} VENC_H264_FIXQP_S;

typedef struct _VENC_MJPEG_FIXQP_S {
    CVI_U32 u32SrcFrameRate;
    CVI_FR32 fr32DstFrameRate;
    CVI_U32 u32Qfactor; // 1 to 99
    CVI_BOOL bVariFpsEn;
} VENC_MJPEG_FIXQP_S;

typedef VENC_H264_VBR_S VENC_H264_AVBR_S;
typedef VENC_H264_CBR_S VENC_H265_CBR_S;
typedef VENC_H264_VBR_S VENC_H265_VBR_S;
typedef VENC_H264_AVBR_S VENC_H265_AVBR_S;
typedef VENC_H264_FIXQP_S VENC_H265_FIXQP_S;

typedef struct _VENC_RC_ATTR_S {
    VENC_RC_MODE_E enRcMode;
    union {
        VENC_H264_CBR_S stH264Cbr;
        VENC_H264_VBR_S stH264Vbr;
        VENC_H264_AVBR_S stH264AVbr;
        VENC_H264_FIXQP_S stH264FixQp;
        VENC_MJPEG_FIXQP_S stMjpegFixQp;
        VENC_H265_CBR_S stH265Cbr;
        VENC_H265_VBR_S stH265Vbr;
        VENC_H265_AVBR_S stH265AVbr;
        VENC_H265_FIXQP_S stH265FixQp;
    };
} VENC_RC_ATTR_S;

typedef struct _VENC_GOP_NORMALP_S {
    CVI_S32 s32IPQpDelta;
} VENC_GOP_NORMALP_S;

typedef struct _VENC_GOP_ATTR_S {
    VENC_GOP_MODE_E enGopMode;
    union {
        VENC_GOP_NORMALP_S stNormalP;
        CVI_U32 reserved[3];
    };
} VENC_GOP_ATTR_S;

typedef struct _VENC_CHN_ATTR_S {
    VENC_ATTR_S stVencAttr;
    VENC_RC_ATTR_S stRcAttr;
    VENC_GOP_ATTR_S stGopAttr;
} VENC_CHN_ATTR_S;

typedef struct _VENC_PARAM_H264_CBR_S {
    CVI_U32 u32MinIprop;
    CVI_U32 u32MaxIprop;
    CVI_U32 u32MaxQp;
    CVI_U32 u32MinQp;
    CVI_U32 u32MaxIQp;
    CVI_U32 u32MinIQp;
    CVI_S32 s32MaxReEncodeTimes;
} VENC_PARAM_H264_CBR_S;

typedef struct _VENC_RC_PARAM_S {
    CVI_U32 reserved0[50];
    CVI_S32 s32FirstFrameStartQp;
    CVI_S32 s32InitialDelay; // ms
    CVI_U32 reserved1[3];
    union { // by the mode
        VENC_PARAM_H264_CBR_S stParamH264Cbr;
        VENC_PARAM_H264_CBR_S stParamH265Cbr;
        CVI_U32 reserved2[18];
    };
} VENC_RC_PARAM_S;

typedef struct _VENC_RECV_PIC_PARAM_S {
    CVI_S32 s32RecvPicNum; // -1: all
} VENC_RECV_PIC_PARAM_S;

typedef struct _VENC_PACK_S {
    CVI_U64 u64PhyAddr;
    CVI_U8 *pu8Addr;
    CVI_U32 u32Len;
    CVI_U64 u64PTS;
    CVI_BOOL bFrameEnd;
    CVI_U32 DataType;
    CVI_U32 u32Offset; // where the bytes begin, which u32Len counts from the address
    CVI_U32 u32DataNum;
    CVI_U32 reserved[24];
} VENC_PACK_S;

typedef struct _VENC_STREAM_S {
    VENC_PACK_S *pstPack;
    CVI_U32 u32PackCount;
    CVI_U32 u32Seq;
    CVI_U64 reserved[46];
} VENC_STREAM_S;
