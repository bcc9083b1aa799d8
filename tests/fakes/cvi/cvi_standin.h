// SPDX-License-Identifier: LGPL-2.1-or-later
/// What a test asks of the stand-in for Sophgo's encoder libraries, beside their own functions.
///
/// Threads  any
#pragma once

extern "C" {

/// What lives, in the order in which cvi_standin_counts writes it.
enum {
    CVI_STANDIN_SYSTEMS, ///< begun and not ended
    CVI_STANDIN_BLOCKS,  ///< of memory
    CVI_STANDIN_CHANNELS,
    CVI_STANDIN_STREAMS, ///< fetched and not given back
    CVI_STANDIN_KINDS,
};

/// Writes CVI_STANDIN_KINDS numbers.
[[gnu::visibility("default")]] void cvi_standin_counts(int *n);

/// How many channels were made so far.
[[gnu::visibility("default")]] int cvi_standin_made(void);

/// Ends every hang of CVI_STANDIN_HANG_AT so far: the pictures that hung are lost then.
[[gnu::visibility("default")]] void cvi_standin_release_hangs(void);

/// Takes a channel, as another program does, or gives it back.
[[gnu::visibility("default")]] void cvi_standin_take(int channel, bool taken);
}
