// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace panto::doctor
{

/// How a link of the chain stands. Absent: it is not there, and nothing needs it.
enum class State { Ok, Absent, Warning, Broken };

/// One link of the chain from the target's cable to the user's browser.
struct Finding {
    std::string link; ///< stable name: "capture", "signal", "edid", ...
    State state;
    std::string what; ///< one clause: what was found
    std::string cure; ///< one clause: what to do; empty when nothing is wrong
};
using Findings = std::vector<Finding>;

inline Finding good(std::string link, std::string what)
{
    return {std::move(link), State::Ok, std::move(what), ""};
}

inline Finding absent(std::string link, std::string what)
{
    return {std::move(link), State::Absent, std::move(what), ""};
}

inline Finding warning(std::string link, std::string what, std::string cure)
{
    return {std::move(link), State::Warning, std::move(what), std::move(cure)};
}

inline Finding broken(std::string link, std::string what, std::string cure)
{
    return {std::move(link), State::Broken, std::move(what), std::move(cure)};
}

} // namespace panto::doctor
