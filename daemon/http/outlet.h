// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/transport.h"
#include "lib/base/sent.h"
#include "lib/glib/ref.h"
#include "lib/glib/source.h"

#include <functional>
#include <gio/gio.h>
#include <memory>
#include <optional>
#include <string>

PANTO_COUNTED(GBytes, g_bytes_ref, g_bytes_unref)

namespace panto::http
{

/// What a peer gets as a whole or not at all. The body is sent from where it lies.
struct Part {
    std::string head; ///< its last fields and the blank line
    Ref<GBytes> body;
    std::string tail; ///< the boundary and the first fields of the next one's head
    std::string time; ///< a field of the head for those who want to know
    std::optional<Time> captured = {};
};
using SharedPart = std::shared_ptr<const Part>;

/// When a peer shows a part.
enum class Shows {
    AtItsLength,  ///< when it has as much of it as its head says
    WithItsTime,  ///< the same, and the head says when it was captured
    AtTheNext,    ///< when it has the next one, as WebKit: it gets the last of a series twice
    AtTheNextHead ///< when it has the whole head of the next one, as Chromium: it gets that at once
};

/// What one peer was sent, to be read on any thread: a picture has left when the kernel has all of
/// it.
struct Delivery {
    Sent sent;
    std::atomic<uint64_t> replaced = 0; ///< pictures in whose place a newer one was sent
};

/// Outlet: writes parts to one peer.
///
/// Drops    holds one part in flight and the newest one waiting; what comes between is dropped
/// Errors   a peer that is gone, or takes nothing for 20 s, ends in calls of `ended`, which may not
///          destroy this
/// Threads  the one it was made on
class Outlet
{
public:
    /// The transport outlives it.
    Outlet(const Transport &transport, SharedPart first, Shows shows,
           std::shared_ptr<Delivery> delivery, std::function<void()> ended);

    /// `lost`: so many others were to be sent before it, and will not be.
    void send(SharedPart part, size_t lost = 0);
    /// A part that was sent before, unless a newer one waits; it does not count as another.
    void send_again(SharedPart part);

private:
    void pump();
    bool write_some();
    void left();
    void wait_for_room();
    bool hear();
    void end();

    GPollableInputStream *in_;   // the transport's,
    GPollableOutputStream *out_; // both
    Shows shows_;
    std::shared_ptr<Delivery> delivery_;
    SharedPart current_, next_;
    bool again_ = false, next_again_ = false; // they were sent before
    size_t offset_ = 0;                       // of current_: so much is sent
    std::function<void()> ended_;
    Source writable_, readable_, stalled_;
};

} // namespace panto::http
