// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/session.h"
#include "daemon/http/transport.h"
#include "lib/glib/ref.h"

#include <functional>
#include <gio/gio.h>
#include <memory>
#include <string>

PANTO_COUNTED(GIOStream, g_object_ref, g_object_unref)

namespace panto::http
{

/// Stream: the connection, taken from libsoup, of a response without an end. A Fanout writes it.
///
/// Threads  main loop only; what transport() shows may be used on one other, until this dies
class Stream : public Session
{
public:
    /// `head` is what the peer gets first.
    Stream(GIOStream *connection, std::string head, Sessions *sessions, Lease lease);
    ~Stream() override;

    const std::string &head() const { return head_; }
    const Transport &transport() const { return transport_; }

    void on_expired(std::function<void()> fn) { expired_ = std::move(fn); }
    /// Dies with it.
    void keep(std::shared_ptr<void> companion) { companion_ = std::move(companion); }
    void expire() override
    {
        if (expired_)
            expired_();
    }
    void end_plain() override { expire(); }

private:
    Ref<GIOStream> connection_;
    const Transport transport_;
    const std::string head_;
    std::function<void()> expired_;
    std::shared_ptr<void> companion_;
};

} // namespace panto::http
