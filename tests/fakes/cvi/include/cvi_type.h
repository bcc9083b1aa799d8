// SPDX-License-Identifier: LGPL-2.1-or-later
/// The interface of Sophgo's encoder libraries (SG200x, 64 bits) as far as plugins/venc uses it, in
/// declarations of our own: names, places and sizes are facts; what a place holds that is not used
/// is `reserved`. It stands in for the vendor's kit where that is not at hand.
///
/// Source   struct sizes and offsets by comparison with cvi_mpi sg200x-dev, sophgo middleware v4.1
///          and MaixCDK's copy; names of fields by public programs that use them
#pragma once

#include <stdint.h>

typedef uint8_t CVI_U8;
typedef uint8_t CVI_BOOL; // as wide as the kernel's driver has it
typedef uint32_t CVI_U32;
typedef uint64_t CVI_U64;
typedef int32_t CVI_S32;
typedef char CVI_CHAR;
typedef void CVI_VOID;

#define CVI_STANDIN_API __attribute__((visibility("default")))
