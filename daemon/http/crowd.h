// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/observe/tally.h"
#include "lib/base/clock.h"
#include "lib/glib/source.h"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace panto::http
{

class Guest;

/// Crowd: who is connected. One address has no more than its share of the places; when there is
/// none left, who has kept us waiting for a request longest makes room for who comes, and then who
/// may_leave().
///
/// One timer is there for all who are waited for: a request costs none.
///
/// Drops    who comes when everybody there is being served and has to be; a line in the log says so
/// Threads  main loop only
class Crowd
{
public:
    /// Ends the connection; why goes to the log.
    using Drop = std::function<void(const char *why)>;

    static constexpr size_t kPlaces = 800; ///< of the usual 1024 descriptors

    explicit Crowd(size_t share, size_t places = kPlaces, Clock clock = steady_now);
    ~Crowd();
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;

    /// A place for a connection from that address, until the Guest dies; nullptr: there is none.
    std::unique_ptr<Guest> admit(const std::string &address, Drop drop);
    size_t size() const { return guests_.size(); }

private:
    friend class Guest;
    using Guests = std::list<Guest *>;
    bool make_room(const std::string &address);
    void leave(Guests::iterator guest);
    /// Sees to it that the timer runs at this time, or before.
    void look_at(Time time);
    void send_late_away();

    const size_t share_, places_;
    const Clock clock_;
    Guests guests_; // as they came
    std::map<std::string, size_t> open_;
    observe::Tally refused_, sent_away_;
    Source timer_;
    Time timer_at_{}; // when it comes due
};

/// Guest: one connection's place, held as long as its peer keeps to the time: 15 s for the head of
/// a request and 30 s for its body; one that may be long has to bring 16 KiB every 15 s. Whoever
/// outlives the Crowd is waited for no longer.
///
/// Threads  main loop only
class Guest
{
public:
    Guest(Crowd *crowd, std::string address, Crowd::Drop drop);
    ~Guest();
    Guest(const Guest &) = delete;
    Guest &operator=(const Guest &) = delete;

    /// A request may come, as it may at first.
    void awaits_head();
    void awaits_body();
    void awaits_upload();
    /// So much of the upload came.
    void moved(size_t bytes) { moved_bytes_ += bytes; }
    /// We do not read: the peer cannot be blamed.
    void hold();
    void go_on();
    /// The request is whole, and it is our turn.
    void served();
    /// Until the next request: it has to make room when nobody is waited for.
    void may_leave() { may_leave_ = true; }
    /// The connection is no longer one for requests.
    void stays();

private:
    friend class Crowd;
    bool waiting() const { return why_ != nullptr; }
    void wait(std::chrono::seconds limit, const char *why);
    void drop(const char *why);

    Crowd *crowd_; // null when it let go of us
    const std::string address_;
    Crowd::Drop drop_;
    std::list<Guest *>::iterator place_; // in the crowd, while it has not let go of us
    const char *why_ = nullptr;          // it is sent away at the deadline; null: there is none
    Time deadline_{};
    Source pace_; // of an upload
    size_t moved_bytes_ = 0;
    bool uploads_ = false, stays_ = false, may_leave_ = false;
};

} // namespace panto::http
