// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/control/hold_line.h"
#include "daemon/http/socket.h"
#include "lib/usbhid/codes.h"

namespace panto::api
{

namespace
{

using namespace std::chrono_literals;
using http::Reply;
using http::Request;
using http::Role;

constexpr size_t kMaxMessageBytes = 4096;
constexpr auto kSilenceLimit = 90s;

struct PasteBody {
    std::string content;
    std::string langue;
    std::string client;
};
std::string name_layouts()
{
    std::string out;
    for (const hid::Layout *layout : hid::layouts())
        out.append(out.empty() ? "" : ", ").append(layout->id);
    return "Keyboard layout of the computer: " + out + "; any other text, such as en, is us";
}
const std::string kLayouts = name_layouts();
const Field<PasteBody> kPaste[] = {
    {"content", "Text to type, at most 65536 characters", &PasteBody::content},
    {"langue", kLayouts.c_str(), &PasteBody::langue},
    {"client", "What this client called itself on /api/ws", &PasteBody::client},
};

struct ConsumerBody {
    unsigned usage = 0;
    std::string client;
};
constexpr Field<ConsumerBody> kConsumer[] = {
    required(Field<ConsumerBody>{"usage", "Usage of page 0x0c of the HID usage tables: 205 is play",
                                 &ConsumerBody::usage, 1, hid::kLastConsumerUsage}),
    {"client", "What this client called itself on /api/ws", &ConsumerBody::client},
};

/// NanoKVM's clients expect no data, so how many characters were left out stands in a header.
http::Response typed(size_t left_out)
{
    http::Response r = success();
    if (left_out > 0)
        r.headers = {{"Pantograph-Left-Out", std::to_string(left_out)}};
    return r;
}

std::string utf8(std::u32string_view characters)
{
    char *made = g_ucs4_to_utf8(reinterpret_cast<const gunichar *>(characters.data()),
                                glong(characters.size()), nullptr, nullptr, nullptr);
    std::string text = made;
    g_free(made);
    return text;
}

/// What each key types: plain, with Shift, with AltGr, with both; "" is nothing, a combining mark
/// a dead key.
json::Array keys_of(const hid::Layout &layout)
{
    json::Array keys;
    for (const hid::Key &key : layout.keys) {
        std::vector<std::string> types;
        for (const char32_t c : {key.plain, key.shift, key.altgr, key.shift_altgr})
            types.push_back(c ? utf8({&c, 1}) : "");
        keys.add(json::Object{}
                     .add("code", hid::code_for_usage(key.usage))
                     .add("types", json::array_of(types)));
    }
    return keys;
}

json::Array layouts()
{
    json::Array all;
    for (const hid::Layout *layout : hid::layouts())
        all.add(json::Object{}
                    .add("id", std::string{layout->id})
                    .add("name", std::string{layout->name})
                    .add("characters", utf8(hid::typeable(*layout)))
                    .add("keys", keys_of(*layout)));
    return all;
}

/// One browser tab's socket: input up, status down. Owns itself until the peer goes.
class ControlSocket
{
public:
    static void open(hid::Input &input, hid::Hold &hold, control::Board &board, const Request &rq,
                     std::unique_ptr<http::Socket> socket)
    {
        new ControlSocket{input, hold, board, rq, std::move(socket)};
    }

private:
    ControlSocket(hid::Input &input, hid::Hold &hold, control::Board &board, const Request &rq,
                  std::unique_ptr<http::Socket> socket)
        : socket_{std::move(socket)}, channel_{input,
                                               board,
                                               rq.principal.user + "@" + rq.address,
                                               rq.user_agent,
                                               [this](const std::string &text) { send(text); },
                                               [this] { return proves_life(); },
                                               {rq.token, [this] { return !socket_->open(); }}},
          hold_{hold,
                {rq.principal.user, rq.principal.user + "@" + rq.address,
                 rq.principal.role == Role::Admin},
                [this](const std::string &text) { send(text); }}
    {
        channel_.on_introduced = [this](const std::string &id) { hold_.introduced(id); };
        channel_.on_hold = [this](const std::string &deed, unsigned to) { hold_.act(deed, to); };
        socket_->listen(
            [this](std::span<const uint8_t> message, bool) {
                watch_silence();
                channel_.message(message);
            },
            [this] { delete this; });
        watch_silence();
    }

    void send(const std::string &text)
    {
        if (!socket_->congested()) // a client that never reads misses status, nothing else
            socket_->send_text(text);
    }

    /// Asks the peer's kernel for a sign of life: it acknowledges what we send.
    bool proves_life()
    {
        const bool alive = socket_->unacknowledged_bytes() == 0;
        if (alive) // else a peer further away than a check takes would never have all acknowledged
            send("{\"type\":\"hid-lease\",\"data\":\"{}\"}");
        return alive;
    }

    void watch_silence()
    {
        silence_ = {};
        if (!channel_.speaks_json())
            silence_ = after(kSilenceLimit, [this] {
                silence_ = {};
                if (channel_.speaks_json()) // its only message may have told
                    return;
                socket_->close(1001, "nothing heard for 90 s");
            });
    }

    std::unique_ptr<http::Socket> socket_;
    control::Channel channel_;
    control::HoldLine hold_;
    Source silence_;
};

} // namespace

/// A text that a NanoKVM takes, too, is typed to its end: its clients wait ten seconds for the
/// answer, and go. A longer one, which may take minutes, ends with who sent it.
constexpr size_t kLastsBytes = 1024;

std::vector<http::Route> hid_routes(hid::Input &input, hid::Hold &hold, hid::Paste &paste,
                                    const hid::Cable &cable, control::Board &board,
                                    usb::Gadget &gadget)
{
    const auto type = [&paste](const PasteBody &p, const Request &rq, Reply reply) {
        if (p.content.empty())
            return reply(failure(-1, "invalid arguments"));
        const std::string layout = hid::find_layout(p.langue) ? p.langue : "us";
        const std::string &user = rq.principal.user;
        const hid::Paste::Writer writer{user + "@" + rq.address, p.client, user};
        paste.type(writer, p.content, layout, [reply](Result<size_t> done) {
            if (done)
                return reply(typed(*done));
            const Error &e = done.error();
            reply(e.kind == Kind::Invalid ? failure(-2, e.message)
                  : e.kind == Kind::Busy  ? failure(-3, "HID control is busy", e)
                                          : failure(-3, "HID paste failed", e));
        });
        if (p.content.size() > kLastsBytes)
            reply.if_gone([&paste] { paste.interrupt("the client hung up"); });
    };
    const auto tap = [&input, &cable](const ConsumerBody &key, const Request &rq, Reply reply) {
        const auto client = input.attach(rq.principal.user + "@" + rq.address);
        client->send_for(key.client);
        client->comes_from({rq.token});
        const hid::ConsumerReport down{uint8_t(key.usage), uint8_t(key.usage >> 8)};
        auto pressed = cable.ready(hid::kConsumerSize);
        if (pressed)
            pressed = client->report(down);
        if (pressed)
            pressed = client->report(hid::ConsumerReport{});
        reply(pressed ? success() : failure(-3, pressed.error().message));
    };
    const auto cancel = [&paste](const Request &, Reply reply) {
        reply(success(json::Object{}.add("cancelled", paste.cancel())));
    };
    const auto reset = [&input, &paste, &gadget](const Request &, Reply reply) {
        paste.cancel();
        input.reset();
        if (!gadget.enabled())
            return reply(success());
        gadget.rebind(answer(reply, -1, "failed to reset hid"));
    };
    const auto leds = [&board](const Request &, Reply reply) {
        std::string status = board.read("hid-led-status");
        if (const size_t never = status.find(control::kNever); never != std::string::npos)
            status.erase(never, sizeof control::kNever - 1); // only the socket spells it out
        reply(success(json::Value::raw(status)));
    };
    const auto list = [](const Request &, Reply reply) {
        reply(success(json::Object{}.add("layouts", layouts())));
    };
    const auto open = [&input, &hold, &board](const Request &rq,
                                              std::unique_ptr<http::Socket> socket) {
        ControlSocket::open(input, hold, board, rq, std::move(socket));
    };
    return {
        {"POST", "/api/hid/paste", Role::User, "Types a text", with_body(kPaste, type)},
        {"POST", "/api/hid/paste/cancel", Role::User, "Stops the text that is being typed",
         without_fields(cancel)},
        {"POST", "/api/hid/consumer", Role::User, "Presses a consumer key and lets it go",
         with_body(kConsumer, tap)},
        {"POST", "/api/hid/reset", Role::Admin,
         "Lets every key and button go, and connects the USB gadget anew", without_fields(reset)},
        {"GET", "/api/hid/layouts", Role::User,
         "Lists the layouts, each with all it can type and what each key types", list},
        {"GET", "/api/hid/leds", Role::User, "Reads the keyboard's LEDs", leds},
        {"WS",
         "/api/ws",
         Role::User,
         "Takes keyboard and pointer, tells status",
         http::Open{open},
         {},
         kMaxMessageBytes},
    };
}

} // namespace panto::api
