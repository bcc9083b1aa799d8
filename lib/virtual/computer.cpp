// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/computer.h"

#include "lib/virtual/locked.h"

#include <algorithm>
#include <bit>

namespace panto
{
namespace
{

Result<> check_size(unsigned width, unsigned height)
{
    if (width < 320 || width > 4096 || height < 200 || height > 2160 || (width | height) & 1)
        return Error{Kind::Invalid, "the screen can be 320x200 to 4096x2160 and even, not " +
                                        std::to_string(width) + "x" + std::to_string(height)};
    return ok;
}

} // namespace

VirtualComputer::VirtualComputer(unsigned width, unsigned height, Clock clock)
{
    g_assert(check_size(width, height));
    machine_ = std::make_unique<Machine>(width, height, std::move(clock));
}

VirtualComputer::~VirtualComputer() = default;

VirtualComputer &VirtualComputer::shared()
{
    // Never destroyed: a streaming thread may still be using it when the process ends.
    static auto *const computer = new VirtualComputer;
    return *computer;
}

Result<> VirtualComputer::resize(unsigned width, unsigned height)
{
    PANTO_TRY(fits, check_size(width, height));
    (void)fits;
    Locked locked{*machine_};
    machine_->resize(width, height);
    return ok;
}

void VirtualComputer::connect_video(bool plugged)
{
    Locked locked{*machine_};
    machine_->cable = plugged;
}

Result<> VirtualComputer::report(std::span<const uint8_t> report)
{
    Locked locked{*machine_};
    if (report.size() == hid::kKeyboardSize) {
        hid::KeyboardReport keys;
        std::copy(report.begin(), report.end(), keys.begin());
        machine_->keyboard(keys);
    } else if (report.size() == hid::kRelativeSize) {
        machine_->relative(report);
    } else if (report.size() == hid::kAbsoluteSize) {
        machine_->absolute(report);
    } else if (report.size() == hid::kConsumerSize) {
        machine_->consumer(uint16_t(report[0] | report[1] << 8));
    } else {
        return Error{Kind::Invalid,
                     "no HID report has " + std::to_string(report.size()) + " bytes"};
    }
    return ok;
}

uint8_t VirtualComputer::leds() const
{
    Locked locked{*machine_};
    return machine_->leds;
}

unsigned VirtualComputer::held() const
{
    Locked locked{*machine_};
    const auto &keys = machine_->keys;
    return unsigned(std::popcount(keys[0])) +
           unsigned(std::count_if(keys.begin() + 2, keys.end(), [](uint8_t k) { return k; })) +
           unsigned(std::popcount(machine_->pointer.buttons)) +
           (machine_->consumer_usage != 0 ? 1 : 0);
}

void VirtualComputer::hold(Button button, bool down)
{
    Locked locked{*machine_};
    machine_->hold(button, down);
}

VirtualComputer::State VirtualComputer::state() const
{
    Locked locked{*machine_};
    return machine_->state;
}

bool VirtualComputer::power_led() const
{
    return state() != State::Off;
}

bool VirtualComputer::disk_led() const
{
    Locked locked{*machine_};
    return machine_->lit().disk;
}

void VirtualComputer::insert(const std::string &medium)
{
    gchar *valid = g_utf8_make_valid(medium.c_str(), -1); // Pango accepts nothing else
    Locked locked{*machine_};
    machine_->changed |= machine_->medium != valid;
    machine_->medium = valid;
    g_free(valid);
}

bool VirtualComputer::has_signal() const
{
    Locked locked{*machine_};
    return machine_->cable && machine_->state != State::Off;
}

std::shared_ptr<const VirtualComputer::Picture> VirtualComputer::picture()
{
    Locked locked{*machine_};
    return machine_->picture();
}

std::string VirtualComputer::text() const
{
    Locked locked{*machine_};
    std::string out;
    for (const std::string &row : machine_->rows().rows) {
        out += row;
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    out.erase(out.find_last_not_of('\n') + 1);
    return out;
}

} // namespace panto
