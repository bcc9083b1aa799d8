// SPDX-License-Identifier: LGPL-2.1-or-later
/// The system's part: versions, and memory that chips can read. See cvi_type.h.
#pragma once

#include <cvi_type.h>

typedef struct _MMF_VERSION_S {
    CVI_CHAR version[128];
} MMF_VERSION_S;

#ifdef __cplusplus
extern "C" {
#endif

CVI_STANDIN_API CVI_S32 CVI_SYS_Init(void);
CVI_STANDIN_API CVI_S32 CVI_SYS_Exit(void);
CVI_STANDIN_API CVI_S32 CVI_SYS_GetVersion(MMF_VERSION_S *pstVersion);
CVI_STANDIN_API CVI_S32 CVI_SYS_IonAlloc(CVI_U64 *pu64PhyAddr, CVI_VOID **ppVirAddr,
                                         const CVI_CHAR *strName, CVI_U32 u32Len);
CVI_STANDIN_API CVI_S32 CVI_SYS_IonFlushCache(CVI_U64 u64PhyAddr, CVI_VOID *pVirAddr,
                                              CVI_U32 u32Len);
CVI_STANDIN_API CVI_S32 CVI_SYS_IonFree(CVI_U64 u64PhyAddr, CVI_VOID *pVirAddr);

#ifdef __cplusplus
}
#endif
