// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/control/channel.h"

#include "daemon/observe/log.h"
#include "lib/json/json.h"

#include <algorithm>
#include <glib.h>

namespace panto::control
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kOnceEvery = 1s;
constexpr size_t kMaxTextBytes = 256;
constexpr size_t kMinIdBytes = 16; // shorter ones could meet
constexpr size_t kMaxIdBytes = 64;

/// Whether a second has passed since `last`, which then becomes now.
bool due(Time &last)
{
    const Time now = steady_now();
    if (now - last < kOnceEvery)
        return false;
    last = now;
    return true;
}

/// Why the dialect made nothing of a message; nothing of what it says is repeated.
std::string nonsense(std::span<const uint8_t> message)
{
    if (message.empty())
        return "it is empty";
    const std::string size = std::to_string(message.size() - 1);
    switch (message[0]) {
    case '[':
        return "no array that clients send";
    case 1:
        return "a key report of " + size + " bytes";
    case 2:
        return "a pointer report of " + size + " bytes";
    case 3:
        return "a consumer report of " + size + " bytes";
    default:
        return "of no known type";
    }
}

} // namespace

std::string frame(const std::string &type, const std::string &data)
{
    return json::Object{}.add("type", type).add("data", data).text();
}

Channel::Channel(hid::Input &input, Board &board, std::string name, const std::string &user_agent,
                 SendText send_text, std::function<bool()> proves_life, hid::Input::Origin origin)
    : input_{input}, board_{board}, dialect_{user_agent}, send_text_{std::move(send_text)},
      client_{input.attach(std::move(name), std::move(proves_life))},
      ignored_{[this](const std::string &why, size_t more) {
          // Clients expect silence about what makes no sense; an operator may want to know.
          log_info("control", "message ignored",
                   {{"operator", client_->name()},
                    {"why", why},
                    {"times", std::to_string(std::max<size_t>(more, 1))}});
      }},
      reader_{board.join(
          [this](const std::string &type, const std::string &data) { status(type, data); })}
{
    client_->comes_from(std::move(origin));
}

void Channel::status(const std::string &type, const std::string &data)
{
    if (type != "input-owner")
        return send_text_(frame(type, data));
    const bool mine = client_ && input_.owned_by(*client_);
    send_text_(
        frame(type, json::Object{}.add("mine", mine).add("owner", json::Value::raw(data)).text()));
}

void Channel::message(std::span<const uint8_t> message)
{
    client_->renew();
    if (!message.empty() && message[0] == '{')
        return answer({reinterpret_cast<const char *>(message.data()), message.size()});
    const auto reports = dialect_.decode(message);
    const bool heartbeat = !message.empty() && message[0] == 0;
    if (reports.empty() && !heartbeat)
        ignored_.add(nonsense(message));
    for (const auto &report : reports)
        if (auto passed = client_->report(report); !passed)
            refused(passed.error().message);
}

void Channel::answer(std::string_view text)
{
    auto node =
        text.size() <= kMaxTextBytes ? json::parse_object(text) : Error{Kind::Invalid, "too long"};
    if (!node)
        return ignored_.add(text.size() > kMaxTextBytes ? "JSON that is too long"
                                                        : "no JSON object");
    const auto id = json::text_at(json::object(*node), "client");
    if (id && id->size() >= kMinIdBytes && id->size() <= kMaxIdBytes)
        return introduced(*id);
    if (const auto deed = json::text_at(json::object(*node), "hold"); deed && on_hold) {
        const double to = json::number_at(json::object(*node), "to").value_or(0);
        return on_hold(*deed, to >= 1 && to <= UINT32_MAX ? unsigned(to) : 0);
    }
    const auto ping = json::number_at(json::object(*node), "ping");
    if (!ping)
        return ignored_.add("JSON without a ping");
    const auto ms = [](int64_t us) { return double(us) / 1000; };
    send_text_(json::Object{}
                   .add("pong", *ping)
                   .add("wall", ms(g_get_real_time()))
                   .add("steady", ms(g_get_monotonic_time()))
                   .text());
}

/// Whose the input is may mean something else to it now.
void Channel::introduced(const std::string &id)
{
    client_->introduce(id);
    if (const std::string owner = board_.read("input-owner"); !owner.empty())
        status("input-owner", owner);
    if (on_introduced)
        on_introduced(id);
}

void Channel::refused(const std::string &why)
{
    if (!due(last_refusal_))
        return;
    send_text_(frame("input-refused", json::Object{}.add("reason", why).text()));
}

} // namespace panto::control
