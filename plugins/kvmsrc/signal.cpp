// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/signal.h"

#include <cstdlib>

namespace panto::kvm
{

const char *name(State state)
{
    switch (state) {
    case State::Ok:
        return "ok";
    case State::NoCable:
        return "no-cable";
    case State::NoSignal:
        return "no-signal";
    case State::NoSync:
        return "no-sync";
    case State::OutOfRange:
        return "out-of-range";
    case State::Stalled:
        return "stalled";
    case State::DeviceLost:
        return "device-lost";
    case State::Busy:
        return "busy";
    }
    std::abort();
}

Notice notice(const Signal &signal, const std::string &device)
{
    switch (signal.state) {
    case State::NoCable:
        return {"No cable", "Plug the computer's video output into this device."};
    case State::NoSignal:
        return {"No signal", "The computer is off or asleep: press a key, or its power button."};
    case State::NoSync:
        return {"Unstable signal", "The picture cannot be locked: try another cable or mode."};
    case State::OutOfRange:
        if (!signal.problem.empty())
            return {"Mode cannot be captured",
                    "Set the computer to another resolution: " + signal.problem + "."};
        return {"Mode out of range", "Set the computer to a lower resolution or refresh rate" +
                                         (signal.limit.empty() ? "." : ": " + signal.limit + ".")};
    case State::Stalled:
        if (!signal.problem.empty())
            return {"Capture does not start",
                    "Unplug the capture device and plug it in again: " + signal.problem + "."};
        return {"No frames", "There is a signal, but the capture device delivers no whole picture. "
                             "If this lasts, unplug the device and plug it in again."};
    case State::DeviceLost:
        return {"Capture device gone",
                "Check its cable and power: waiting for " + device + " to come back."};
    case State::Busy:
        return {"Capture device in use",
                "Close the other program that uses " + device + ": waiting for it."};
    case State::Ok:
        return {};
    }
    std::abort();
}

} // namespace panto::kvm
