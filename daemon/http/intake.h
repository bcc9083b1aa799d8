// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"
#include "daemon/http/session.h"
#include "lib/base/alive.h"

#include <libsoup/soup.h>
#include <optional>

namespace panto::http
{

/// Intake: hands one request's body to its sink while it arrives, and holds the peer back when the
/// sink is slower. Dies with its message.
///
/// Drops    the rest of the body when the session was revoked meanwhile, or the peer too slow
/// Units    holds two blocks of 1 MiB at the most: one with the sink, one that fills
/// Threads  main loop only
class Intake : public Session
{
public:
    /// The message keeps it from now on.
    static void attach(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
                       std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease);
    /// The message's, or nullptr.
    static Intake *of(SoupServerMessage *message);

    /// The whole body came: gives the sink the rest, and the reply.
    void finish(Reply reply);
    void expire() override;

private:
    Intake(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
           std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease);
    void chunk(GBytes *bytes);
    void hand_over();
    void taken();
    void go_on();

    SoupServerMessage *message_; // owns us
    std::unique_ptr<BodySink> sink_;
    std::shared_ptr<const bool> stopped_;
    std::string waiting_;
    bool busy_ = false; // the sink has a block
    bool paused_ = false;
    std::optional<Reply> reply_; // the body is whole
    Self<Intake> self_{this};
};

} // namespace panto::http
