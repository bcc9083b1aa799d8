// SPDX-License-Identifier: LGPL-2.1-or-later
/// What goes wrong, by the environment: a context takes its part when it is created, the rest is
/// read where it says so.
///
/// Environment
///   STANDIN_DELAY_MS=0         time that one frame takes at least
///   STANDIN_JITTER_MS=0        most that is added to it, different for each frame and the same
///                              in each run
///   STANDIN_FAIL_EVERY=0       every n-th frame fails in the hardware: zero length, no meta
///   STANDIN_HANG_AT=0          the n-th frame of a context never ends
///   STANDIN_DROP_EVERY=0       rate control drops every n-th frame: zero length, with its meta
///   STANDIN_PUT_BUSY_EVERY=0   every n-th put is refused with -1 at once, though there is room
///   STANDIN_STALL=0            1: of several JPEGs in flight in asynchronous mode the last stays
///                              inside until the next put
///   STANDIN_INIT=0             what mpp_init returns
///   STANDIN_IGNORE_IDR=0       1: the control that requests an IDR does nothing, as in 1.0.9 to
///                              1.0.11; 2: and the frame's meta may request it, as from 1.0.12
///   STANDIN_TABLE=184          size of the table: 176, of before 2017; 192, of vendor's builds
///   STANDIN_BIG_IDR=0          bytes that each IDR has at least
///   STANDIN_REFUSE_KEY=        keys that no configuration object knows, with commas; read when the
///                              object is made
///   STANDIN_MISSING=           functions that the library does not offer, with commas; read when
///                              it is loaded
///   STANDIN_NO_SYNC=0          1: it does not offer mpp_buffer_sync_*; read when it is loaded
///   STANDIN_LOG=               a file to append each call to, or 1 for standard error; read with
///                              each context
#pragma once

#include "plugins/venc/mppabi.h"

#include <string>
#include <vector>

namespace panto::standin
{

struct Knobs {
    int delay_ms, jitter_ms;
    int fail_every, hang_at, drop_every, put_busy_every;
    int ignore_idr;
    int table;
    bool stall;
    size_t big_idr;
    mpp::Ret init;

    static Knobs read();
};

/// A number of the environment.
int knob(const char *name, int otherwise = 0);

/// A list of the environment.
std::vector<std::string> knob_list(const char *name);

/// Opens the log that STANDIN_LOG names now.
void open_log();

/// One line of the log, formatted as by printf.
[[gnu::format(printf, 1, 2)]] void log(const char *format, ...);

/// Whether the functions that write caches back are offered.
bool offers_sync();

} // namespace panto::standin
