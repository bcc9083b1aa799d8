// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"

#include <set>
#include <string>

namespace panto::http
{

class Session;

/// Every connection that outlives its request, so that revoking a session can end them.
class Sessions
{
public:
    void add(Session *session) { all_.insert(session); }
    void remove(Session *session) { all_.erase(session); }
    size_t size() const { return all_.size(); }
    /// Ends those whose session the judge no longer takes.
    void expire(const std::function<bool(const std::string &token, Role role)> &still_valid);
    /// Ends those that came without TLS.
    void end_plain();

private:
    std::set<Session *> all_;
};

/// Under which session a connection was opened, and the role its route asks for.
struct Lease {
    std::string token;
    Role role = Role::Anyone;
    std::string address;
    bool tls = false; ///< what goes over it cannot be read on its way
};

/// A connection that ends when its session is revoked.
class Session
{
public:
    Session(Sessions *sessions, Lease lease) : sessions_{sessions}, lease_{std::move(lease)}
    {
        sessions_->add(this);
    }
    virtual ~Session() { sessions_->remove(this); }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    virtual void expire() = 0;
    /// From now on there is TLS, and this came without.
    virtual void end_plain() {}
    const Lease &lease() const { return lease_; }

private:
    Sessions *sessions_;
    Lease lease_;
};

inline void
Sessions::expire(const std::function<bool(const std::string &token, Role role)> &still_valid)
{
    for (Session *s : std::set<Session *>{all_})
        if (all_.count(s) && !still_valid(s->lease().token, s->lease().role))
            s->expire();
}

inline void Sessions::end_plain()
{
    for (Session *s : std::set<Session *>{all_})
        if (all_.count(s) && !s->lease().tls)
            s->end_plain();
}

} // namespace panto::http
