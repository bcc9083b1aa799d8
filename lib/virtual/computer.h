// SPDX-License-Identifier: LGPL-2.1-or-later
/// VirtualComputer: a small simulated PC, so that everything runs with no hardware.
///
/// A screen, a keyboard, a pointer, power and reset buttons with their LEDs, and a drive. Same
/// reports at the same times in, same pixels out.
///
/// Threads  every method may be called from any thread
/// Units    pictures are I420, BT.709 limited range, planes packed without padding
#pragma once

#include "lib/base/clock.h"
#include "lib/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace panto
{

class VirtualComputer
{
public:
    enum class Button { Power, Reset };
    /// Off: no picture at all. Post: the firmware's screen. Console: it echoes what is typed.
    enum class State { Off, Post, Console };

    /// The LEDs of its keyboard (hid::Led bits) and of its front panel.
    struct Leds {
        uint8_t keyboard = 0;
        bool power = false;
        bool disk = false;

        bool operator==(const Leds &) const = default;
    };

    /// One drawn screen; never changes once handed out.
    struct Picture {
        unsigned width = 0;
        unsigned height = 0;
        uint64_t revision = 0; ///< two pictures with the same revision hold the same pixels
        std::vector<uint8_t> i420;
    };

    /// Begins powered on with its console ready, the cable in and the drive empty.
    explicit VirtualComputer(unsigned width = 1280, unsigned height = 720,
                             Clock clock = steady_now);
    ~VirtualComputer();
    VirtualComputer(const VirtualComputer &) = delete;
    VirtualComputer &operator=(const VirtualComputer &) = delete;

    /// The one that device=virtual means in this process.
    static VirtualComputer &shared();

    /// Sets the screen's mode, 320x200..4096x2160 and even; what is on the screen is laid out anew.
    Result<> resize(unsigned width, unsigned height);
    /// Pulls out (false) or plugs in (true) the video cable.
    void connect_video(bool plugged);

    /// Takes one HID report: 8 bytes keyboard, 4 relative, 6 absolute pointer, 2 consumer key; else
    /// Kind::Invalid.
    Result<> report(std::span<const uint8_t> report);
    /// The LED byte the computer last sent to its keyboard (hid::Led bits).
    uint8_t leds() const;
    /// How many keys and mouse buttons are down, as the computer sees it.
    unsigned held() const;

    /// Pushes a front-panel button down or lets it go. Power: a press turns the machine on, or asks
    /// it to shut down; held for 4 s it cuts the power. Reset: reboots on release.
    void hold(Button button, bool down);
    State state() const;
    bool power_led() const;
    bool disk_led() const;

    /// Puts a medium into the drive, by the name it shows on the screen; "" takes it out.
    void insert(const std::string &medium);

    /// The video signal; width and height are 0 when there is none (off, or cable out).
    bool has_signal() const;
    /// The screen as it is now; the same object until a pixel changes. Null without a signal.
    std::shared_ptr<const Picture> picture();
    /// The console's text, one line per row, trailing blanks removed: for tests and the curious.
    std::string text() const;

private:
    friend class LedWatch;
    struct Machine;
    struct Locked;
    std::unique_ptr<Machine> machine_;
};

} // namespace panto
