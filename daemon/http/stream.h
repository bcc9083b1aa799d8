// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/session.h"
#include "lib/glib/ref.h"
#include "lib/glib/source.h"

#include <functional>
#include <gio/gio.h>
#include <memory>
#include <string>

PANTO_COUNTED(GIOStream, g_object_ref, g_object_unref)

namespace panto::http
{

/// Stream: a response without an end, written by us on the connection taken from libsoup.
///
/// Drops    holds one part in flight and the newest one waiting; what comes between is dropped
/// Errors   a peer that is gone, or takes nothing for 20 s, ends in the call given to on_closed()
/// Threads  main loop only
class Stream : public Session
{
public:
    using Part = std::shared_ptr<const std::string>;

    Stream(GIOStream *connection, Part head, Sessions *sessions, Lease lease);
    ~Stream() override;

    void on_closed(std::function<void()> fn) { closed_ = std::move(fn); }
    void send(Part part);
    uint64_t dropped() const { return dropped_; }

    void expire() override { end(); }

private:
    void pump();
    void end();

    Ref<GIOStream> connection_;
    GPollableInputStream *in_;   // owned by connection_, as
    GPollableOutputStream *out_; // this is
    Part current_, next_;
    size_t offset_ = 0;
    uint64_t dropped_ = 0;
    Source writable_, readable_, stalled_, ended_;
    std::function<void()> closed_;
};

} // namespace panto::http
