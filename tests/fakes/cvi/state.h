// SPDX-License-Identifier: LGPL-2.1-or-later
/// What all channels of the stand-in share.
///
/// Environment, read when it is needed
///   CVI_STANDIN_VERSION=stand-in 1   what CVI_SYS_GetVersion says
///   CVI_STANDIN_INIT=0               what CVI_SYS_Init returns
///   CVI_STANDIN_ALLOC=0              what CVI_SYS_IonAlloc returns
/// and with each channel
///   CVI_STANDIN_BUSY_EVERY=0   every n-th call to send a picture is refused as busy at once
///   CVI_STANDIN_FULL_EVERY=0   likewise as full
///   CVI_STANDIN_LOSE_EVERY=0   the stream of every n-th picture never comes
///   CVI_STANDIN_FAIL_EVERY=0   the stream of every n-th picture is an error
///   CVI_STANDIN_DROP_EVERY=0   the rate control leaves every n-th picture out
///   CVI_STANDIN_HANG_AT=0      the n-th picture of a channel never ends, whatever the time limit
///   CVI_STANDIN_SPLIT=0        1: each pack of a picture comes as a stream of its own
///   CVI_STANDIN_NO_RC=0        1: the rate control's parameters are refused
#pragma once

#include "tests/fakes/cvi/cvi_standin.h"

#include <cvi_sys.h>
#include <string>
#include <vector>

namespace panto::cvi_standin
{

constexpr CVI_S32 kIllegalParameter = CVI_S32(0xC0078003), kExists = CVI_S32(0xC0078004),
                  kDoesNotExist = CVI_S32(0xC0078005), kNull = CVI_S32(0xC0078006),
                  kUnsupported = CVI_S32(0xC0078007), kFull = CVI_S32(0xC007800F),
                  kBusy = CVI_S32(0xC0078012), kNotStarted = CVI_S32(0xC0078040),
                  kDropped = CVI_S32(0xC0078041), kEmptyStream = CVI_S32(0xC0078043),
                  kBadChannel = CVI_S32(0xC0078002);

/// A number of the environment.
int knob(const char *name);

/// Ends the process: the program did what would be a fault in the driver.
[[noreturn]] void fatal(const std::string &what);

/// What the encoder sees of the memory there: what was in it when the processor's cache was written
/// back last. Ends the process if there is less, or none.
std::vector<CVI_U8> memory_at(CVI_U64 physical, size_t size);

bool has_begun();
int blocks();

} // namespace panto::cvi_standin
