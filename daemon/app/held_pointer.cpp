// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/held_pointer.h"

#include "lib/base/fd.h"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace panto::app
{

void HeldPointer::note(std::span<const uint8_t> report)
{
    const bool down = report[0] != 0;
    if (std::exchange(down_, down) == down)
        return;
    if (!down) {
        ::unlink(file_.c_str());
        return;
    }
    const Fd file{::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    (void)!::write(file.get(), report.data(), report.size());
}

std::optional<hid::AbsoluteReport> HeldPointer::released() const
{
    hid::AbsoluteReport report{};
    const Fd file{::open(file_.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || ::read(file.get(), report.data(), report.size()) != ssize_t(report.size()))
        return std::nullopt;
    report[0] = report[5] = 0; // no button and no wheel
    return report;
}

} // namespace panto::app
