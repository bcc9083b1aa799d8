// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/hid/input.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace panto::hid
{

/// Hold: one person keeps the input beyond the second that using it gives. Others ask for it and
/// are given it or refused, and an admin takes it (docs/decisions/0018).
///
/// A hold ends when its keeper lets go, has sent no report for kIdle, or has been away for kAway.
/// Whoever asks at that moment keeps it next. One asks at a time, for kAsking at most. What ends
/// what is held stays as it is: a hold lengthens no lease, and stops no Input::reset().
///
/// Errors   Denied: only the keeper, or an admin, may; Busy: another keeps, uses or asks for it;
///          NotFound: no such person is here; Conflict: there is nothing to ask for
/// Threads  main loop only
class Hold
{
public:
    static constexpr std::chrono::seconds kAsking{30};
    static constexpr std::chrono::minutes kIdle{5};
    static constexpr std::chrono::seconds kAway{10};
    static constexpr size_t kMost = 32; ///< whoever comes later is not shown, and keeps nothing

    struct Person {
        std::string user; ///< the account
        std::string name; ///< as others see it
        bool admin = false;
    };
    /// A person by the number that others know it by; it says nothing of the client's id.
    struct Guest {
        unsigned number;
        Person person;
    };
    /// 0 is nobody.
    struct State {
        unsigned keeper = 0, asking = 0;
        std::vector<Guest> here;
    };
    /// What befalls one person, by another.
    enum class Event { Asked, Refused, Lapsed, Given, Taken, Idle };
    struct Listener {
        std::function<void()> changed;
        std::function<void(Event event, const std::string &by)> happened;
    };
    class Seat;

    explicit Hold(Input &input, Clock clock = steady_now);

    /// Somebody is here, by a line of the client that introduced itself with this id. Coming back
    /// within kAway, with the same id and account, finds the hold as it was left.
    std::unique_ptr<Seat> join(std::string id, Person person, Listener listener);
    State state() const;

private:
    struct Keeper {
        unsigned number;
        std::string id;
        Person person;
        Time since;
        std::optional<Time> away;
    };
    struct Wish {
        unsigned number;
        Time until;
    };
    void leave(Seat *seat);
    Seat *seat_of(unsigned number) const;
    bool keeps(const Seat &seat) const;
    Result<> check_keeper(const Seat &seat) const;
    void settle(const Seat &seat);
    void end();
    void drop_wish(Event event, const std::string &by);
    void happen(unsigned number, Event event, const std::string &by);
    void changed();
    void watch();

    Input &input_;
    Clock clock_;
    std::vector<Seat *> seats_;
    unsigned last_number_ = 0;
    std::optional<Keeper> keeper_;
    std::optional<Wish> wish_;
    Source watch_;
};

/// One person's place; gone when it dies.
class Hold::Seat
{
public:
    Seat(Hold &hold, unsigned number, std::string id, Person person, Listener listener);
    ~Seat() { hold_.leave(this); }
    Seat(const Seat &) = delete;
    Seat &operator=(const Seat &) = delete;

    /// What others know it by; 0 when too many are here.
    unsigned number() const { return number_; }

    /// Keeps the input, if nobody does and no other uses it now.
    Result<> keep();
    Result<> let_go();
    /// Asks whoever keeps it, who is told.
    Result<> ask();
    /// Asks no more.
    void withdraw();
    /// Keeper: hands it to the person of this number, who may be the one that asks.
    Result<> give(unsigned number);
    /// Keeper: says no to whoever asks.
    Result<> refuse();
    /// Admin: keeps the input from now on, whoever did or uses it.
    Result<> take();

private:
    friend class Hold;
    Result<> check_seated() const;

    Hold &hold_;
    unsigned number_;
    std::string id_;
    Person person_;
    Listener listener_;
};

} // namespace panto::hid
