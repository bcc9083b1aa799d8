// SPDX-License-Identifier: LGPL-2.1-or-later
/// Refusals: what a device was asked for and did not do.
///
/// While there are formats that it was not asked for, the next one is tried at once; then it is
/// asked ever less often, so that a device that cannot do it costs next to nothing.
#pragma once

#include "lib/base/result.h"
#include "plugins/kvmsrc/capture.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace panto::kvm
{

class Refusals
{
public:
    using Asked = std::pair<uint32_t, Mode>; // a format in a mode

    bool has(const Asked &asked) const;
    /// It failed: how long to wait before the next try.
    std::chrono::milliseconds add(const Asked &asked, const Error &error);
    /// There is a picture, or another signal: the next failure is a first one. A format that was
    /// refused remains the last choice in its mode.
    void settle();
    /// What is shown of a signal while there is no stream.
    Signal shown() const;

private:
    static constexpr std::chrono::milliseconds kFirst{250}, kMost{8000};

    std::vector<Asked> refused_;
    std::chrono::milliseconds wait_ = kFirst;
    Signal shown_{.state = State::Stalled};
};

} // namespace panto::kvm
