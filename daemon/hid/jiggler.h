// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/hid/input.h"

#include <optional>

namespace panto::hid
{

/// Jiggler: moves the pointer there and back while nobody uses it, so that the computer does not
/// lock its screen. It gives way to everybody: who uses the input, has it.
///
/// Source   the NanoKVM's mouse jiggler: a look every 15 s, two reports 100 ms apart
/// Threads  main loop only
class Jiggler
{
public:
    enum class Mode { Relative, Absolute };

    explicit Jiggler(Input &input, Clock clock = steady_now) : input_{input}, clock_{clock} {}

    /// Nothing: off.
    void set(std::optional<Mode> mode);
    std::optional<Mode> mode() const { return mode_; }

private:
    void look();
    void jiggle();

    Input &input_;
    Clock clock_;
    std::optional<Mode> mode_;
    Time own_{}; ///< when the last report of ours went out
    std::unique_ptr<Input::Client> client_;
    Source timer_, back_;
};

/// "relative" or "absolute", as wire and file spell it.
const char *text(Jiggler::Mode mode);
std::optional<Jiggler::Mode> parse_jiggler_mode(const std::string &text);

} // namespace panto::hid
