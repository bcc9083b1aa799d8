// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/hold.h"

#include "daemon/observe/log.h"

#include <algorithm>

namespace panto::hid
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kCheck = 1s;

} // namespace

Hold::Hold(Input &input, Clock clock) : input_{input}, clock_{std::move(clock)} {}

std::unique_ptr<Hold::Seat> Hold::join(std::string id, Person person, Listener listener)
{
    unsigned number = 0;
    if (keeper_ && keeper_->id == id) {
        if (keeper_->person.user == person.user) {
            number = keeper_->number;
            keeper_->away.reset();
        } else {
            end(); // the page's next person has not been given it
        }
    }
    for (const Seat *seat : seats_)
        if (seat->id_ == id && seat->person_.user == person.user)
            number = seat->number_;
    if (number == 0 && state().here.size() < kMost)
        number = ++last_number_;
    auto seat = std::make_unique<Seat>(*this, number, std::move(id), std::move(person),
                                       std::move(listener));
    seats_.push_back(seat.get());
    changed();
    return seat;
}

void Hold::leave(Seat *seat)
{
    std::erase(seats_, seat);
    if (seat_of(seat->number_))
        return; // by another line
    if (wish_ && wish_->number == seat->number_)
        wish_.reset();
    if (keeps(*seat))
        keeper_->away = clock_();
    changed();
}

Hold::State Hold::state() const
{
    State now{keeper_ ? keeper_->number : 0, wish_ ? wish_->number : 0, {}};
    for (const Seat *seat : seats_)
        if (seat->number_ != 0 && seat == seat_of(seat->number_))
            now.here.push_back({seat->number_, seat->person_});
    if (keeper_ && !seat_of(keeper_->number))
        now.here.push_back({keeper_->number, keeper_->person});
    return now;
}

/// The first line of the person of this number.
Hold::Seat *Hold::seat_of(unsigned number) const
{
    const auto at = std::find_if(seats_.begin(), seats_.end(),
                                 [&](const Seat *seat) { return seat->number_ == number; });
    return number == 0 || at == seats_.end() ? nullptr : *at;
}

bool Hold::keeps(const Seat &seat) const
{
    return keeper_ && keeper_->number == seat.number_;
}

Result<> Hold::check_keeper(const Seat &seat) const
{
    if (!keeps(seat))
        return Error{Kind::Denied, "only who keeps the input may do that"};
    return ok;
}

/// This one keeps the input from now on. What somebody asked of another keeper is void.
void Hold::settle(const Seat &seat)
{
    if (wish_ && wish_->number == seat.number_)
        wish_.reset();
    drop_wish(Event::Lapsed, seat.person_.name);
    keeper_ = Keeper{seat.number_, seat.id_, seat.person_, clock_(), {}};
    input_.reserve(seat.id_, seat.person_.name);
    log_message("hid", "input kept", {{"operator", seat.person_.name}});
    changed();
}

/// Nobody keeps the input any more, or whoever asks for it does.
void Hold::end()
{
    if (const Seat *next = wish_ ? seat_of(wish_->number) : nullptr) {
        const std::string by = keeper_->person.name;
        const unsigned number = next->number_;
        settle(*next);
        return happen(number, Event::Given, by);
    }
    log_message("hid", "input kept no more", {{"operator", keeper_->person.name}});
    keeper_.reset();
    input_.reserve("");
    changed();
}

void Hold::drop_wish(Event event, const std::string &by)
{
    if (const auto gone = std::exchange(wish_, std::nullopt))
        happen(gone->number, event, by);
}

/// Tells each line of a person; any of them may be gone by the next.
void Hold::happen(unsigned number, Event event, const std::string &by)
{
    for (const Seat *seat : std::vector{seats_})
        if (std::count(seats_.begin(), seats_.end(), seat) > 0 && seat->number_ == number)
            seat->listener_.happened(event, by);
}

void Hold::changed()
{
    if (!keeper_)
        watch_ = {};
    else if (!watch_)
        watch_ = every(kCheck, [this] { watch(); });
    for (const Seat *seat : std::vector{seats_})
        if (std::count(seats_.begin(), seats_.end(), seat) > 0)
            seat->listener_.changed();
}

void Hold::watch()
{
    const Time now = clock_();
    if (wish_ && now >= wish_->until) {
        drop_wish(Event::Lapsed, keeper_->person.name);
        changed();
    }
    if (keeper_->away) {
        if (now - *keeper_->away >= kAway)
            end();
    } else if (now - std::max(keeper_->since, input_.last_report()) >= kIdle) {
        const unsigned number = keeper_->number;
        end();
        happen(number, Event::Idle, "");
    }
}

Hold::Seat::Seat(Hold &hold, unsigned number, std::string id, Person person, Listener listener)
    : hold_{hold}, number_{number}, id_{std::move(id)}, person_{std::move(person)},
      listener_{std::move(listener)}
{
}

Result<> Hold::Seat::check_seated() const
{
    if (number_ == 0)
        return Error{Kind::Busy, "too many are here"};
    return ok;
}

Result<> Hold::Seat::keep()
{
    if (auto may = check_seated(); !may)
        return may;
    if (hold_.keeps(*this))
        return ok;
    if (hold_.keeper_)
        return Error{Kind::Busy, hold_.keeper_->person.name + " keeps the input"};
    const auto line = hold_.input_.attach(person_.name);
    line->send_for(id_);
    if (hold_.input_.busy_for(*line))
        return Error{Kind::Busy, "the input is in use by " + hold_.input_.owner()->name()};
    hold_.settle(*this);
    return ok;
}

Result<> Hold::Seat::let_go()
{
    if (auto may = hold_.check_keeper(*this); !may)
        return may;
    hold_.end();
    return ok;
}

Result<> Hold::Seat::ask()
{
    if (auto may = check_seated(); !may)
        return may;
    if (!hold_.keeper_ || hold_.keeps(*this))
        return Error{Kind::Conflict, "nobody else keeps the input"};
    if (hold_.wish_ && hold_.wish_->number != number_)
        return Error{Kind::Busy, "somebody else asks for it already"};
    if (hold_.wish_)
        return ok;
    hold_.wish_ = Wish{number_, hold_.clock_() + kAsking};
    hold_.changed();
    hold_.happen(hold_.keeper_->number, Event::Asked, person_.name);
    return ok;
}

void Hold::Seat::withdraw()
{
    if (!hold_.wish_ || hold_.wish_->number != number_)
        return;
    hold_.wish_.reset();
    hold_.changed();
}

Result<> Hold::Seat::give(unsigned number)
{
    if (auto may = hold_.check_keeper(*this); !may)
        return may;
    const Seat *next = hold_.seat_of(number);
    if (!next || next == this)
        return Error{Kind::NotFound, "nobody of that number is here"};
    const std::string by = person_.name;
    Hold &hold = hold_;
    hold.settle(*next);
    hold.happen(number, Event::Given, by);
    return ok;
}

Result<> Hold::Seat::refuse()
{
    if (auto may = hold_.check_keeper(*this); !may)
        return may;
    hold_.drop_wish(Event::Refused, person_.name);
    hold_.changed();
    return ok;
}

Result<> Hold::Seat::take()
{
    if (auto may = check_seated(); !may)
        return may;
    if (!person_.admin)
        return Error{Kind::Denied, "only an admin may take the input"};
    if (hold_.keeps(*this))
        return ok;
    const unsigned before = hold_.keeper_ ? hold_.keeper_->number : 0;
    const std::string by = person_.name;
    Hold &hold = hold_;
    hold.settle(*this);
    hold.happen(before, Event::Taken, by);
    return ok;
}

} // namespace panto::hid
