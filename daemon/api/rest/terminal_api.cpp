// SPDX-License-Identifier: LGPL-2.1-or-later
/// The web terminal: its bytes in binary frames, what is typed in text frames, its size in binary
/// ones.
#include "daemon/api/rest/rest.h"

#include "daemon/http/socket.h"
#include "daemon/observe/log.h"
#include "daemon/system/terminal.h"
#include "lib/json/json.h"

#include <optional>

namespace panto::api
{

namespace
{

using http::Request;
using http::Role;
using http::Socket;
using system::Terminal;

constexpr int kMost = 4;
constexpr unsigned short kOver = 1000, kRefused = 1008, kBroken = 1011;
constexpr unsigned kPingSeconds = 15;
constexpr size_t kMostFrame = 64 << 10;
constexpr size_t kMostReason = 120; // of a close frame's 125 bytes

/// How many there are; counts one for as long as it lives.
class Seat
{
public:
    explicit Seat(std::shared_ptr<int> taken) : taken_{std::move(taken)} { ++*taken_; }
    ~Seat() { --*taken_; }
    Seat(const Seat &) = delete;
    Seat &operator=(const Seat &) = delete;

private:
    std::shared_ptr<int> taken_;
};

/// One socket and its shell; it dies when either ends.
class Session
{
public:
    explicit Session(std::unique_ptr<Socket> socket) : socket_{std::move(socket)}
    {
        socket_->keep_alive(kPingSeconds);
        socket_->listen([this](std::span<const uint8_t> m, bool text) { take(m, text); },
                        [this] { delete this; });
    }

    Result<> begin(const config::System &settings, std::shared_ptr<int> taken)
    {
        if (!settings.terminal)
            return Error{Kind::Denied, "the terminal is off: set system.terminal in server.yaml"};
        if (*taken >= kMost)
            return Error{Kind::Busy, "there are " + std::to_string(kMost) + " terminals already"};
        PANTO_TRY(terminal, Terminal::create(settings, {[this] { return !socket_->congested(); },
                                                        [this](std::span<const uint8_t> said) {
                                                            socket_->send_binary(said);
                                                        },
                                                        [this] { socket_->close(kOver, ""); }}));
        terminal_ = std::move(terminal);
        seat_.emplace(std::move(taken));
        return ok;
    }
    void refuse(const Error &why)
    {
        const bool ours = why.kind == Kind::Unavailable || why.kind == Kind::NotFound;
        socket_->close(ours ? kBroken : kRefused, why.message.substr(0, kMostReason));
    }

private:
    void take(std::span<const uint8_t> m, bool text)
    {
        const std::string_view bytes{reinterpret_cast<const char *>(m.data()), m.size()};
        if (!terminal_)
            return;
        if (text)
            return terminal_->type(bytes);
        auto size = json::parse_object(std::string{bytes});
        if (!size) // the wire has it passed over
            return;
        const auto rows = json::whole_at(json::object(*size), "rows");
        const auto columns = json::whole_at(json::object(*size), "cols");
        if (rows && columns)
            terminal_->resize(*rows, *columns);
    }

    std::optional<Seat> seat_;
    std::unique_ptr<Socket> socket_;
    std::unique_ptr<Terminal> terminal_;
};

void open(const config::System &settings, const std::shared_ptr<int> &taken, const Request &rq,
          std::unique_ptr<Socket> socket)
{
    auto *session = new Session{std::move(socket)}; // until either end is closed
    if (auto begun = session->begin(settings, taken); !begun) {
        log_message("system", "no terminal",
                    {{"peer", rq.address}, {"why", begun.error().message}});
        return session->refuse(begun.error());
    }
    log_message("system", "terminal opened", {{"user", rq.principal.user}, {"peer", rq.address}});
}

} // namespace

std::vector<http::Route> terminal_routes(const config::System &settings)
{
    const auto start = [&settings, taken = std::make_shared<int>(0)](
                           const Request &rq, std::unique_ptr<Socket> socket) {
        open(settings, taken, rq, std::move(socket));
    };
    return {
        {"WS",
         "/api/vm/terminal",
         Role::Admin,
         "Opens a shell of this device, where that is switched on",
         http::Open{start},
         {},
         kMostFrame},
    };
}

} // namespace panto::api
