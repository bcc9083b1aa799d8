// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace panto::storage
{

/// What lies in a drive.
struct Medium {
    std::string path; ///< of the image, or of a block device
    bool cdrom = false;
    bool read_only = false;

    bool operator==(const Medium &) const = default;
};

/// Drive: one removable drive of the computer that we put images into.
///
/// Errors   Busy while the computer holds the medium, or another change is under way; Invalid for a
///          medium that the drive cannot take
/// Threads  main loop only
class Drive
{
public:
    struct State {
        std::optional<Medium> medium;
        std::string trouble; ///< why nothing can be said or done; "" when all is well
        bool cdrom = false;  ///< the computer takes it for a CD-ROM drive, empty or not

        bool operator==(const State &) const = default;
    };

    virtual ~Drive() = default;

    /// Puts a medium into the drive, which must be empty. With an Error it is in all the same when
    /// state() has it: the computer could not be told of it.
    virtual void insert(const Medium &medium, Done<> done) = 0;
    /// Takes the medium out; with force also when the computer holds it. An empty drive is fine.
    virtual void eject(bool force, Done<> done) = 0;

    /// Busy when the computer may lose something if the drive goes now, as far as can be known: it
    /// holds the medium, or has just written to it.
    virtual void check_idle(Done<> done) { done(ok); }

    /// Whether the computer loses everything on its cable for a moment, other drives too, before it
    /// sees that medium.
    virtual bool reconnects_for(const Medium &) const { return false; }

    const State &state() const { return state_; }
    std::function<void()> on_changed; ///< also by the computer's own eject

protected:
    void show(State state)
    {
        if (state_ == state)
            return;
        state_ = std::move(state);
        if (on_changed)
            on_changed();
    }

private:
    State state_;
};

/// The drive of this process's virtual computer.
std::unique_ptr<Drive> virtual_drive();

} // namespace panto::storage
