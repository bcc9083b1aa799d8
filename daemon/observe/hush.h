// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace panto::observe
{

/// Hush: while it lives, the log has nothing of what GStreamer says on this thread: of elements
/// that are only tried, whoever tries them says what they found.
///
/// Threads  dies on the thread that it was made on
class Hush
{
public:
    Hush();
    ~Hush();
    Hush(const Hush &) = delete;
    Hush &operator=(const Hush &) = delete;
};

} // namespace panto::observe
