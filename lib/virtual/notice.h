// SPDX-License-Identifier: LGPL-2.1-or-later
/// The frame shown in place of a picture: a calm dark card with a heading and a line of advice.
///
/// Units    I420, BT.709 limited range, planes packed without padding; width and height are even
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace panto
{

std::vector<uint8_t> draw_notice(unsigned width, unsigned height, const std::string &heading,
                                 const std::string &advice);

} // namespace panto
