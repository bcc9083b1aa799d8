// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/input.h"

#include <algorithm>

namespace panto::hid
{

namespace
{

using namespace std::chrono_literals;

// What is acknowledged just before the network goes counts at the next check, the lease ends at a
// check, too: all up within 450 ms. A peer 300 ms away still renews in time.
constexpr auto kLeaseCheck = 50ms;
constexpr auto kLease = 350ms;
constexpr auto kOwnerIdle = 1s;
constexpr uint16_t kAbsoluteMax = 0x7fff; // the descriptor's logical maximum

template <size_t N>
void copy(std::array<uint8_t, N> &to, std::span<const uint8_t> from)
{
    std::copy(from.begin(), from.end(), to.begin());
}

} // namespace

Input::Input(Send send, Clock clock, bool has_consumer_keys)
    : send_{std::move(send)}, clock_{std::move(clock)}, has_consumer_keys_{has_consumer_keys}
{
}

Input::~Input()
{
    release_all();
}

std::unique_ptr<Input::Client> Input::attach(std::string name, std::function<bool()> proves_life,
                                             Rank rank)
{
    return std::make_unique<Client>(*this, std::move(name), std::move(proves_life), rank);
}

bool Input::holding() const
{
    return keyboard_ != kAllKeysUp || relative_[0] != 0 || absolute_[0] != 0 ||
           consumer_ != ConsumerReport{};
}

void Input::release_all()
{
    lease_ = {};
    if (holding() && on_release)
        on_release();
    if (std::exchange(keyboard_, kAllKeysUp) != kAllKeysUp)
        send_(kAllKeysUp);
    if (std::exchange(consumer_, {}) != ConsumerReport{})
        send_(consumer_);
    if (std::exchange(relative_[0], 0) != 0)
        send_(RelativeReport{});
    if (std::exchange(absolute_[0], 0) != 0) {
        absolute_[5] = 0; // no wheel; the pointer stays where it is
        send_(absolute_);
    }
}

void Input::reset()
{
    release_all();
    send_(kAllKeysUp);
    send_(RelativeReport{});
    if (has_consumer_keys_)
        send_(ConsumerReport{});
    if (absolute_ != AbsoluteReport{}) // else the pointer would move
        send_(absolute_);
}

void Input::detach(Client *client)
{
    if (client == owner_)
        take(nullptr);
}

bool Input::owned_by(const Client &client) const
{
    return owner_ && (owner_ == &client || (!client.id_.empty() && owner_->id_ == client.id_));
}

/// Whether a newer line of this client has taken over.
bool Input::outdated(const Client &client) const
{
    return client.line_ != 0 && owner_ && owned_by(client) && owner_->line_ > client.line_;
}

void Input::reserve(std::string id, std::string name)
{
    if (!id.empty() && owner_ && owner_->id_ != id)
        take(nullptr);
    reserved_ = {std::move(id), std::move(name)};
}

bool Input::busy_for(const Client &client) const
{
    if (!reserved_.id.empty())
        return client.id_ != reserved_.id;
    if (!owner_ || owned_by(client))
        return false;
    const Origin &origin = owner_->origin_;
    if (origin.ended && origin.ended())
        return false;
    if (owner_->rank_ == Rank::Machine)
        return client.rank_ == Rank::Machine && holding();
    const bool same_session = !origin.session.empty() && origin.session == client.origin_.session;
    return holding() || (!same_session && clock_() - owner_->reported_ < kOwnerIdle);
}

void Input::take(Client *client)
{
    const bool lost = owner_ && holding();
    release_all();
    if (lost && on_let_go)
        on_let_go(*owner_,
                  std::chrono::ceil<std::chrono::milliseconds>(clock_() - owner_->renewed_));
    if (std::exchange(owner_, client) != client && on_owner_changed)
        on_owner_changed();
}

Result<> Input::check(std::span<const uint8_t> report) const
{
    const size_t size = report.size();
    if (size == kConsumerSize) {
        if (!has_consumer_keys_)
            return Error{Kind::Unavailable,
                         "there are no consumer keys: hid.consumer is off in the configuration"};
        if ((report[0] | report[1] << 8) > kLastConsumerUsage)
            return Error{Kind::Invalid, "a consumer key's usage is 1..1023"};
    } else if (size != kKeyboardSize && size != kRelativeSize && size != kAbsoluteSize) {
        return Error{Kind::Invalid, "a report has 8, 4, 6 or 2 bytes"};
    }
    return ok;
}

/// Whether it does more than move a pointer.
bool Input::is_deed(std::span<const uint8_t> report) const
{
    const bool relative = report.size() == kRelativeSize;
    if (!relative && report.size() != kAbsoluteSize)
        return true;
    return report[0] != (relative ? relative_[0] : absolute_[0]) || report.back() != 0;
}

Result<> Input::pass(Client *client, std::span<const uint8_t> report)
{
    const Time now = clock_();
    if (auto sound = check(report); !sound)
        return sound;
    if (outdated(*client))
        return ok;
    if (owner_ != client) {
        if (busy_for(*client))
            return Error{Kind::Busy, reserved_.id.empty()
                                         ? "the input is in use by " + owner_->name()
                                         : reserved_.name + " keeps the input"};
        take(client);
    }
    client->renewed_ = client->reported_ = last_report_ = now;
    if (client->rank_ == Rank::Person && is_deed(report))
        person_acted_ = now;
    if (report.size() == kKeyboardSize) {
        copy(keyboard_, report);
        send_(keyboard_);
    } else if (report.size() == kConsumerSize) {
        copy(consumer_, report);
        send_(consumer_);
    } else if (report.size() == kRelativeSize) {
        pass_relative(report);
    } else {
        pass_absolute(report);
    }
    if (!holding())
        lease_ = {};
    else if (!lease_)
        lease_ = every(kLeaseCheck, [this] { watch_lease(); });
    return ok;
}

void Input::pass_relative(std::span<const uint8_t> report)
{
    if (absolute_[0] != 0) { // a button held on one pointer would stay down on the other
        absolute_[0] = absolute_[5] = 0;
        send_(absolute_);
    }
    copy(relative_, report);
    send_(relative_);
}

void Input::pass_absolute(std::span<const uint8_t> report)
{
    if (std::exchange(relative_[0], 0) != 0)
        send_(RelativeReport{});
    copy(absolute_, report);
    for (size_t axis : {1u, 3u}) {
        const unsigned v = absolute_[axis] | absolute_[axis + 1] << 8;
        const unsigned clamped = std::min<unsigned>(v, kAbsoluteMax);
        absolute_[axis] = uint8_t(clamped);
        absolute_[axis + 1] = uint8_t(clamped >> 8);
    }
    send_(absolute_);
}

void Input::watch_lease()
{
    const Time now = clock_();
    if (owner_ && owner_->proves_life_ && owner_->proves_life_())
        owner_->renewed_ = now;
    if (!owner_ || now - owner_->renewed_ > kLease)
        take(nullptr);
}

void Input::Client::renew()
{
    renewed_ = input_.clock_();
}

void Input::Client::introduce(std::string id)
{
    id_ = std::move(id);
    line_ = ++input_.lines_;
    proves_life_ = nullptr;
    origin_.session.clear();
}

void Input::Client::send_for(std::string id)
{
    id_ = std::move(id);
}

} // namespace panto::hid
