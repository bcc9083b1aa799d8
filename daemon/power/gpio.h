// SPDX-License-Identifier: LGPL-2.1-or-later
/// The little of libgpiod that a front panel needs, the same for both of its interfaces: meson
/// takes gpio_v1.cpp for libgpiod 1.x and gpio_v2.cpp for 2.x.
///
/// Hardware  libgpiod 1.6.3 with gpio-sim and a PCA9554 on Linux 6.1 (tests/lab); libgpiod 2.1 with
///           the same, once
/// Threads   any one at a time
#pragma once

#include "lib/base/result.h"

#include <memory>
#include <optional>
#include <string>

namespace panto::power::gpio
{

/// What others see as the user of our lines.
inline constexpr char kConsumer[] = "pantograph";

/// Output: low (inactive) at first. Edges: an input that tells when it changes.
enum class Use { Output, Input, Edges };

/// A line that is ours until this dies. An output keeps or loses its level then, as its chip likes.
class Line
{
public:
    virtual ~Line() = default;
    virtual Result<bool> read() = 0;
    virtual Result<> write(bool active) = 0;
    /// Readable when there was an edge; -1 when the line was not requested with Use::Edges.
    virtual int fd() const = 0;
    /// Takes the edges that made fd() readable.
    virtual void take_edges() = 0;
};

class Chip
{
public:
    /// Opens /dev/gpiochipN. An Error's code is the errno, here and below.
    static Result<std::unique_ptr<Chip>> open(const std::string &path);

    virtual ~Chip() = default;
    virtual std::string name() const = 0;
    virtual std::string label() const = 0;
    /// The device it is part of, as sysfs has it, the same when its driver finds it again; "" when
    /// that is not to be known.
    virtual std::string device() const;
    virtual unsigned lines() const = 0;
    /// The offset of the line of that name.
    virtual std::optional<unsigned> find(const std::string &name) = 0;
    /// Who uses the line: a program's word for itself, or "".
    virtual std::string user_of(unsigned offset) = 0;
    /// The line may outlive the chip's object.
    virtual Result<std::unique_ptr<Line>> request(unsigned offset, Use use, bool active_low) = 0;
};

} // namespace panto::power::gpio
