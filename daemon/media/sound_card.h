// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace panto::media
{

/// What ALSA calls the sound card that belongs to a capture node, "hw:CARD=MS2109,DEV=0": the one
/// on the same USB device, PCI slot or chip. "" when there is none. `sys` stands for /sys, for
/// tests.
///
/// Proven on  the trees of a USB stick and a PCI card; not on a board that links its HDMI receiver
///            to a card of another name: its card must be named in server.yaml
std::string sound_card_of(const std::string &video_node, const std::string &sys = "/sys");

} // namespace panto::media
