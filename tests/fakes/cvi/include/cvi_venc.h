// SPDX-License-Identifier: LGPL-2.1-or-later
/// The encoder's channels. See cvi_type.h.
#pragma once

#include <cvi_comm_venc.h>

#ifdef __cplusplus
extern "C" {
#endif

CVI_STANDIN_API CVI_S32 CVI_VENC_CreateChn(VENC_CHN VeChn, const VENC_CHN_ATTR_S *pstAttr);
CVI_STANDIN_API CVI_S32 CVI_VENC_DestroyChn(VENC_CHN VeChn);
CVI_STANDIN_API CVI_S32 CVI_VENC_ResetChn(VENC_CHN VeChn);
CVI_STANDIN_API CVI_S32 CVI_VENC_StartRecvFrame(VENC_CHN VeChn,
                                                const VENC_RECV_PIC_PARAM_S *pstRecvParam);
CVI_STANDIN_API CVI_S32 CVI_VENC_StopRecvFrame(VENC_CHN VeChn);
CVI_STANDIN_API CVI_S32 CVI_VENC_SendFrame(VENC_CHN VeChn, const VIDEO_FRAME_INFO_S *pstFrame,
                                           CVI_S32 s32MilliSec);
CVI_STANDIN_API CVI_S32 CVI_VENC_GetStream(VENC_CHN VeChn, VENC_STREAM_S *pstStream,
                                           CVI_S32 s32MilliSec);
CVI_STANDIN_API CVI_S32 CVI_VENC_ReleaseStream(VENC_CHN VeChn, VENC_STREAM_S *pstStream);
CVI_STANDIN_API CVI_S32 CVI_VENC_RequestIDR(VENC_CHN VeChn, CVI_BOOL bInstant);
CVI_STANDIN_API CVI_S32 CVI_VENC_GetChnAttr(VENC_CHN VeChn, VENC_CHN_ATTR_S *pstChnAttr);
CVI_STANDIN_API CVI_S32 CVI_VENC_SetChnAttr(VENC_CHN VeChn, const VENC_CHN_ATTR_S *pstChnAttr);
CVI_STANDIN_API CVI_S32 CVI_VENC_GetRcParam(VENC_CHN VeChn, VENC_RC_PARAM_S *pstRcParam);
CVI_STANDIN_API CVI_S32 CVI_VENC_SetRcParam(VENC_CHN VeChn, const VENC_RC_PARAM_S *pstRcParam);

#ifdef __cplusplus
}
#endif
