// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"

#include <functional>
#include <string>

namespace panto::auth
{

/// ApiKey: the one key that a program shows in place of a session, kept as {"apiKey":"..."}.
///
/// Errors   NotFound: none was made yet; Unavailable: what was kept cannot be read, or the new one
///          cannot be kept, and the old one counts then
/// Threads  main loop only
class ApiKey
{
public:
    /// Puts the text where it outlives the daemon and only the daemon's user reads it.
    using Keep = std::function<void(const std::string &text, Done<> done)>;

    /// kept: the text of the last time.
    ApiKey(std::string prefix, const Result<std::string> &kept, Keep keep);

    const Result<std::string> &key() const { return key_; }
    /// Makes a first one; the key that there is stays.
    void ensure(Done<> done);
    /// Makes another one; the old one opens nothing any more.
    void renew(Done<> done);

    /// There is another key than before.
    std::function<void()> on_changed;

private:
    std::string prefix_;
    Keep keep_;
    Result<std::string> key_;
};

} // namespace panto::auth
