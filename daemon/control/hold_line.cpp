// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/control/hold_line.h"

#include "lib/json/json.h"

namespace panto::control
{

namespace
{

using Event = hid::Hold::Event;

const char *name_of(Event event)
{
    switch (event) {
    case Event::Asked:
        return "asked";
    case Event::Refused:
        return "refused";
    case Event::Lapsed:
        return "lapsed";
    case Event::Given:
        return "given";
    case Event::Taken:
        return "taken";
    case Event::Idle:
        break;
    }
    return "idle";
}

} // namespace

HoldLine::HoldLine(hid::Hold &hold, hid::Hold::Person person, Channel::SendText send_text)
    : hold_{hold}, person_{std::move(person)}, send_text_{std::move(send_text)}
{
}

void HoldLine::introduced(const std::string &id)
{
    auto seat = hold_.join( // before the one it had leaves: it may be the same person's
        id, person_,
        {[this] { tell(); },
         [this](Event event, const std::string &by) {
             send_text_(frame("hold-event",
                              json::Object{}.add("event", name_of(event)).add("by", by).text()));
         }});
    seat_ = std::move(seat);
    tell();
}

/// Numbers, not ids: whoever knows a client's id is that client.
void HoldLine::tell()
{
    if (!seat_) // it is about to be ours
        return;
    const hid::Hold::State now = hold_.state();
    json::Array here;
    for (const auto &[number, person] : now.here)
        here.add(json::Object{}
                     .add("number", number)
                     .add("name", person.name)
                     .add("role", person.admin ? "admin" : "user"));
    send_text_(frame("input-hold", json::Object{}
                                       .add("you", seat_->number())
                                       .add("keeper", now.keeper)
                                       .add("asking", now.asking)
                                       .add("here", here)
                                       .text()));
}

void HoldLine::act(const std::string &deed, unsigned to)
{
    if (auto did = done(deed, to); !did)
        send_text_(frame("hold-refused", json::Object{}.add("reason", did.error().message).text()));
}

Result<> HoldLine::done(const std::string &deed, unsigned to)
{
    if (!seat_)
        return Error{Kind::Denied, "only a client that introduced itself may keep the input"};
    if (deed == "keep")
        return seat_->keep();
    if (deed == "let-go")
        return seat_->let_go();
    if (deed == "ask")
        return seat_->ask();
    if (deed == "give")
        return seat_->give(to);
    if (deed == "refuse")
        return seat_->refuse();
    if (deed == "take")
        return seat_->take();
    if (deed != "withdraw")
        return Error{Kind::Invalid, "no such deed"};
    seat_->withdraw();
    return ok;
}

} // namespace panto::control
