// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/hid/cable.h"
#include "daemon/hid/input.h"
#include "lib/base/done.h"
#include "lib/usbhid/keymap.h"

#include <deque>
#include <memory>
#include <string>

namespace panto::hid
{

/// Paste: types a text, a report at a time, as fast as the computer fetches them.
///
/// Proven   on dummy_hcd and f_hid of Debian's Linux 6.1.0-56 by tests/lab/typing_test.py: 10,000
///          characters compared with what evdev says; on no port of a real board yet
/// Units    at most 65536 characters
/// Errors   Invalid: unknown layout, too long, not UTF-8; Busy: a paste is running or another
///          client, perhaps of the same operator, keeps the input for more than 1.5 s; Unavailable:
///          cancelled, or the computer takes no keys, from the beginning or any more
/// Threads  main loop only
class Paste
{
public:
    /// pace: the shortest time from one character to the next.
    explicit Paste(Input &input, Cable cable = {},
                   std::chrono::milliseconds pace = std::chrono::milliseconds{10})
        : input_{input}, cable_{std::move(cable)}, pace_{pace}
    {
    }
    ~Paste() { cancel(); }

    /// Who types: a name for people, the id of its client (Input::Client::introduce), "" if none,
    /// and whose account it is.
    struct Writer {
        std::string name;
        std::string id = {};
        std::string user = {};
    };

    /// Types text with a layout of lib/usbhid, each end of a line (CR, LF or both) as one Enter;
    /// characters the layout cannot type are left out. Done, with how many these were, when the
    /// computer has taken the last.
    void type(const Writer &writer, const std::string &text, const std::string &layout,
              Done<size_t> done);
    /// Whether there was anything to cancel.
    bool cancel();
    /// That account's sessions are no more: ends what one of them types.
    void revoke(const std::string &user);
    /// The computer takes no keys any more, and has lost those on their way.
    void interrupt(const std::string &why);

private:
    void next();
    void wait(Error busy);
    void finish(Result<size_t> result);

    Input &input_;
    const Cable cable_;
    const std::chrono::milliseconds pace_;
    std::unique_ptr<Input::Client> client_;
    std::string user_;
    std::deque<KeyboardReport> reports_;
    size_t strokes_ = 0;
    unsigned waits_ = 0; // for others to pause, since the last stroke
    size_t left_out_ = 0;
    uint64_t lost_ = 0; // before it began
    Done<size_t> done_;
    Source timer_;
};

} // namespace panto::hid
