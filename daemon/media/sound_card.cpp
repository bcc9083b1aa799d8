// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/sound_card.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace panto::media
{

namespace
{

namespace fs = std::filesystem;

/// The whole device that a function of it is part of: a USB device has several interfaces, a PCI
/// slot several functions ("0000:03:00.1"). "" when there is no such function.
fs::path whole(const fs::path &function)
{
    std::error_code gone;
    const fs::path real = fs::canonical(function, gone);
    if (gone)
        return {};
    for (fs::path at = real; at.has_relative_path(); at = at.parent_path())
        if (fs::exists(at / "idVendor", gone))
            return at;
    const std::string name = real.filename();
    const bool pci = std::count(name.begin(), name.end(), ':') == 2;
    return pci ? real.parent_path() / name.substr(0, name.rfind('.')) : real;
}

std::vector<fs::path> entries(const fs::path &folder)
{
    std::error_code none;
    std::vector<fs::path> found;
    for (const auto &entry : fs::directory_iterator{folder, none})
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

/// The card's first device that records, "pcmC1D0c", as ALSA names it; "" when none does.
std::string recorder(const fs::path &card)
{
    for (const fs::path &entry : entries(card)) {
        const std::string name = entry.filename();
        const size_t device = name.rfind('D');
        if (!name.starts_with("pcmC") || !name.ends_with('c') || device == std::string::npos)
            continue;
        std::string id;
        std::ifstream{card / "id"} >> id;
        return "hw:CARD=" + id + ",DEV=" + name.substr(device + 1, name.size() - device - 2);
    }
    return {};
}

} // namespace

std::string sound_card_of(const std::string &video_node, const std::string &sys)
{
    std::error_code gone;
    const fs::path node = fs::canonical(video_node, gone); // /dev/v4l/by-id has links
    const std::string name = gone ? fs::path{video_node}.filename() : node.filename();
    const fs::path wanted = whole(sys + "/class/video4linux/" + name + "/device");
    if (wanted.empty())
        return {};
    for (const fs::path &card : entries(sys + "/class/sound"))
        if (card.filename().string().starts_with("card") && whole(card / "device") == wanted)
            if (std::string found = recorder(card); !found.empty())
                return found;
    return {};
}

} // namespace panto::media
