// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"
#include "lib/base/done.h"

#include <cstdint>
#include <string>

namespace panto::system
{

/// What went wrong with a swap file, as Error::code.
enum class SwapStep { Off = 1, On = 2 };

/// Swap: a file that the kernel swaps to, made and switched on as asked for.
///
/// Errors   Busy: a change is under way; Invalid: no such size; else what mkswap, swapon, swapoff
///          or the disk said; code is the SwapStep that failed
/// Threads  main loop only; the file is made on a worker thread
class Swap
{
public:
    explicit Swap(std::string file) : file_{std::move(file)} {}

    /// How much of it is in use by the kernel as swap, in MiB; 0: none.
    void size(Done<int64_t> done) const;
    /// 0 switches it off and removes the file. The disk keeps 256 MiB free.
    void set(int64_t mib, Done<> done);
    /// Switches on a file that is there and is not in use, after a start of the device.
    void restore(Done<> done);

private:
    void remove_old(Done<> then);
    void make(int64_t mib, Done<> done);

    std::string file_;
    bool changing_ = false;
    Self<Swap> self_{this};
};

/// What of `file` the lines of `swapon --show=NAME,SIZE --bytes --noheadings --raw` say, in bytes.
int64_t swap_in(const std::string &lines, const std::string &file);

} // namespace panto::system
