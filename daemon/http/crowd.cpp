// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/crowd.h"

#include "daemon/observe/log.h"

#include <algorithm>

namespace panto::http
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kHeadTime = 15s;
constexpr auto kBodyTime = 30s;
constexpr auto kPaceTime = 15s;
constexpr size_t kPaceBytes = 16 * 1024;

observe::Tally::Say warn(const char *what)
{
    return [what](const std::string &why, size_t more) {
        const std::string times = std::to_string(std::max<size_t>(more, 1));
        log_warning("http", what, {{"why", why}, {"times", times}});
    };
}

} // namespace

Crowd::Crowd(size_t share, size_t places, Clock clock)
    : share_{share}, places_{places}, clock_{std::move(clock)},
      refused_{warn("connection refused")}, sent_away_{warn("connection ended to make room")}
{
}

Crowd::~Crowd()
{
    for (Guest *guest : guests_)
        guest->crowd_ = nullptr;
}

std::unique_ptr<Guest> Crowd::admit(const std::string &address, Drop drop)
{
    if (!make_room(address))
        return nullptr;
    auto guest = std::make_unique<Guest>(this, address, std::move(drop));
    guest->place_ = guests_.insert(guests_.end(), guest.get());
    ++open_[address];
    return guest;
}

bool Crowd::make_room(const std::string &address)
{
    const auto own = open_.find(address);
    const bool has_its_share = own != open_.end() && own->second >= share_;
    if (!has_its_share && guests_.size() < places_)
        return true;
    const std::string why =
        has_its_share ? address + " has its share of " + std::to_string(share_) + " connections"
                      : "all " + std::to_string(places_) + " connections are in use";
    const auto first = [&](auto &&one_who) {
        const auto found = std::find_if(guests_.begin(), guests_.end(), [&](const Guest *guest) {
            return one_who(*guest) && (!has_its_share || guest->address_ == address);
        });
        return found == guests_.end() ? nullptr : *found;
    };
    Guest *leaves = first([](const Guest &guest) { return guest.waiting(); });
    if (!leaves)
        leaves = first([](const Guest &guest) { return guest.may_leave_; });
    if (!leaves) {
        refused_.add(why);
        return false;
    }
    sent_away_.add(why);
    leaves->drop("made room for another connection");
    return true;
}

void Crowd::leave(Guests::iterator guest)
{
    const auto own = open_.find((*guest)->address_);
    if (--own->second == 0)
        open_.erase(own);
    guests_.erase(guest);
}

void Crowd::look_at(Time time)
{
    if (timer_ && timer_at_ <= time)
        return;
    timer_at_ = time;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - clock_());
    timer_ = after(std::max(left, 0ms), [this] { send_late_away(); });
}

void Crowd::send_late_away()
{
    timer_ = {};
    const Time now = clock_();
    for (auto next = guests_.begin(); next != guests_.end();) {
        Guest *guest = *next++;
        if (!guest->waiting())
            continue;
        if (guest->deadline_ > now)
            look_at(guest->deadline_);
        else
            guest->drop(guest->why_);
    }
}

Guest::Guest(Crowd *crowd, std::string address, Crowd::Drop drop)
    : crowd_{crowd}, address_{std::move(address)}, drop_{std::move(drop)}
{
    awaits_head();
}

Guest::~Guest()
{
    if (crowd_)
        crowd_->leave(place_);
}

void Guest::awaits_head()
{
    if (!stays_)
        wait(kHeadTime, "no whole request head within 15 s");
}

void Guest::awaits_body()
{
    wait(kBodyTime, "no whole request body within 30 s");
}

void Guest::awaits_upload()
{
    why_ = nullptr;
    uploads_ = true;
    go_on();
}

void Guest::hold()
{
    pace_ = {};
}

void Guest::go_on()
{
    if (!uploads_)
        return;
    moved_bytes_ = 0;
    pace_ = every(kPaceTime, [this] {
        if (std::exchange(moved_bytes_, 0) < kPaceBytes)
            drop("less than 16 KiB of the body within 15 s");
    });
}

void Guest::served()
{
    uploads_ = false;
    why_ = nullptr;
    pace_ = {};
}

void Guest::stays()
{
    stays_ = true;
    may_leave_ = false;
    served();
}

void Guest::wait(std::chrono::seconds limit, const char *why)
{
    if (!crowd_)
        return;
    may_leave_ = false;
    why_ = why;
    deadline_ = crowd_->clock_() + limit;
    crowd_->look_at(deadline_);
}

void Guest::drop(const char *why)
{
    if (auto *crowd = std::exchange(crowd_, nullptr))
        crowd->leave(place_);
    served();
    if (auto end = std::exchange(drop_, nullptr))
        end(why);
}

} // namespace panto::http
