// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace panto::storage
{

/// Recovery: whether a device that a read failed on reads well again. Made anew with each failure.
///
/// The kernel counts reads that are done, failed ones too, and may count one a moment before its
/// server's complaint is heard: it reads well when a read was done and a whole look later nobody
/// has complained.
class Recovery
{
public:
    /// At each look, the first a while after the failure. reads: how many are done.
    bool reads_well(uint64_t reads)
    {
        if (read_)
            return true;
        read_ = looked_ && reads > before_;
        looked_ = true;
        before_ = reads;
        return false;
    }

private:
    bool looked_ = false, read_ = false;
    uint64_t before_ = 0;
};

} // namespace panto::storage
