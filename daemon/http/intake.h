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
/// Who waits for a 100 before it sends the body gets it when the sink has taken an empty part.
///
/// Drops    the rest of the body when the sink refuses it, the session was revoked meanwhile, or
/// the
///          peer is too slow
/// Units    holds two blocks of 1 MiB at the most: one with the sink, one that fills
/// Threads  main loop only
class Intake : public Session
{
public:
    /// Answers before the body is whole.
    using Refuse = std::function<void(SoupServerMessage *, const Response &)>;

    /// The message keeps it from now on.
    static void attach(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
                       std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease,
                       Refuse refuse);
    /// The message's, or nullptr.
    static Intake *of(SoupServerMessage *message);

    /// The whole body came: gives the sink the rest, and the reply.
    void finish(Reply reply);
    void expire() override;

private:
    Intake(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
           std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease, Refuse refuse);
    void chunk(GBytes *bytes);
    void hold();
    void hand_over();
    void taken();
    void go_on();
    void refused(Response why);
    void end(const Response &response);

    SoupServerMessage *message_; // owns us
    std::unique_ptr<BodySink> sink_;
    std::shared_ptr<const bool> stopped_;
    std::string waiting_;
    size_t came_bytes_ = 0;
    bool busy_ = false; // the sink has a block
    bool paused_ = false;
    bool refused_ = false;
    bool finishing_ = false; // the sink has the reply
    Refuse refuse_;
    std::optional<Reply> reply_; // the body is whole
    Self<Intake> self_{this};
};

} // namespace panto::http
