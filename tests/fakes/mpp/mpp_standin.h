// SPDX-License-Identifier: LGPL-2.1-or-later
/// What a test asks of the stand-in for Rockchip's encoder library, beside the library's own
/// functions: the one stand-in of a process, whoever loaded it and by whichever name.
///
/// Threads  any
#pragma once

extern "C" {

/// Kinds of objects, in the order in which mpp_standin_counts writes them.
enum {
    MPP_STANDIN_CONTEXTS,
    MPP_STANDIN_FRAMES,
    MPP_STANDIN_PACKETS,
    MPP_STANDIN_BUFFERS,
    MPP_STANDIN_GROUPS,
    MPP_STANDIN_CFGS,
    MPP_STANDIN_METAS,
    MPP_STANDIN_KINDS,
};

/// Writes how many objects of each kind live: MPP_STANDIN_KINDS numbers.
[[gnu::visibility("default")]] void mpp_standin_counts(int *n);

/// Ends every hang of STANDIN_HANG_AT so far: the frames that hung have failed then.
[[gnu::visibility("default")]] void mpp_standin_release_hangs(void);

/// Reads STANDIN_MISSING and STANDIN_NO_SYNC again, which otherwise happens once, at load: the
/// library stays loaded when a client closes it.
[[gnu::visibility("default")]] void mpp_standin_offer(void);
}
