// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/hid/input.h"
#include "lib/base/done.h"
#include "lib/usbhid/keymap.h"

#include <deque>
#include <memory>
#include <string>

namespace panto::hid
{

/// Paste: types a text, a report at a time.
///
/// Units    at most 1024 characters; 30 ms for each stroke
/// Errors   Invalid: unknown layout, too long, not UTF-8; Busy: a paste is running or another
///          client owns the input; Unavailable: cancelled
/// Threads  main loop only
class Paste
{
public:
    explicit Paste(Input &input) : input_{input} {}
    ~Paste() { cancel(); }

    /// Types text with a layout of lib/usbhid, as that operator; characters the layout cannot type
    /// are left out.
    void type(const std::string &operator_name, const std::string &text, const std::string &layout,
              Done<> done);
    void cancel();

private:
    void next();
    void finish(Result<> result);

    Input &input_;
    std::unique_ptr<Input::Client> client_;
    std::deque<KeyboardReport> reports_;
    Done<> done_;
    Source timer_;
};

} // namespace panto::hid
