// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace panto
{

/// What takes the reports: a gadget node or the virtual computer.
///
/// Threads  open() before the writer's thread begins, then all of it on that thread
class Target
{
public:
    /// Full: the host does not ask for reports now. Offline: no host. Gone: no node any more.
    enum class Outcome { Taken, Full, Offline, Gone };

    virtual ~Target() = default;
    /// Whether a report may have this many bytes.
    virtual bool accepts(size_t size) const = 0;
    /// Opens it, or opens it again.
    virtual Result<> open() = 0;
    /// Writes a report without waiting.
    virtual Outcome write(std::span<const uint8_t> report) = 0;
    /// What a write would meet, found out without the host hearing anything.
    virtual Outcome probe() { return Outcome::Taken; }
    /// Whether it can go while nobody writes, so that probe() is needed.
    virtual bool can_go() const { return true; }
    /// The newest LED byte the host has sent since the last call; sets broken when it is gone.
    virtual std::optional<uint8_t> read_leds(bool &broken) = 0;
    /// What poll() waits on for room and for LEDs; -1 when there is nothing to wait on.
    virtual int fd() const = 0;
};

/// "virtual", or the path of a gadget node; of the one that a gadget's HID function has now, where
/// its folder in configfs is given.
std::unique_ptr<Target> make_target(const std::string &device, const std::string &function = "");

} // namespace panto
