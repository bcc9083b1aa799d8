// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"
#include "lib/glib/source.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace panto::power
{

/// What the front panel shows.
struct Leds {
    bool power = false;
    bool disk = false;

    bool operator==(const Leds &) const = default;
};

/// The wires to a front panel.
struct Panel {
    /// Holds the button down for that long; done runs when it is up again, or when it may not be.
    /// When the Panel goes the button is let go, and done never runs.
    using Button = std::function<void(std::chrono::milliseconds hold, Done<> done)>;

    Button power;
    Button reset;
    std::function<Result<Leds>()> leds;
    /// Says whom to call whenever the LEDs may have changed.
    std::function<void(const std::function<void()> &changed)> watch;
};

/// The panel of this process's virtual computer.
Panel virtual_panel();
/// A machine without wires to a front panel: everything answers Unavailable.
Panel no_panel();

/// Power: presses the front panel's buttons and reads its LEDs.
///
/// Units    a button is held for 1 ms..30 s, whatever more is asked for
/// Errors   NotFound for another button, Invalid for no time at all, Busy while that button is
/// held, Unavailable when
///          the wires do not work
/// Threads  main loop only
class Power
{
public:
    explicit Power(Panel panel);

    /// Presses "power" or "reset" and lets go after `hold`; done runs after that. A button never
    /// stays pressed: it is let go when this goes, too.
    void press(const std::string &button, std::chrono::milliseconds hold, Done<> done);
    /// As they were read last.
    Result<Leds> leds() const { return panel_.leds(); }

    /// On change; nullopt: what they were is not known any longer, and leds() says why.
    std::function<void(const std::optional<Leds> &)> on_leds;

private:
    struct Button {
        const Panel::Button *wire;
        bool held = false;
    };
    void look();

    Button power_, reset_;
    std::optional<Leds> shown_;
    Panel panel_; // first to go: what it calls is above
};

} // namespace panto::power
