// SPDX-License-Identifier: LGPL-2.1-or-later
/// pantograph-hold LINE...: holds the front panel's button lines for pantographd, so that a button
/// goes up whatever happens to that: killed, stopped or stuck (docs/decisions/0005).
///
/// It speaks on stdin, a socket of packets. "press N MS" comes in, "up N" goes out when button N is
/// up again, "failed N WHY" when a press failed, "trouble N WHY" when a line cannot be had, "ready
/// N" when it can again. A signal to end lets every button go; only the socket's end ends it.
#include "daemon/power/connect.h"
#include "daemon/power/presses.h"
#include "daemon/power/wire.h"
#include "lib/base/fd.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <string_view>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace
{

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kSocket = STDIN_FILENO;
constexpr auto kLastTries = 5s; ///< for a wire that cannot let go, once nobody waits for us

void tell(const std::string &message)
{
    (void)::send(kSocket, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Wire wire_of(size_t button, GpioLine line)
{
    return {
        [seat = gpio::Seat{std::move(line)}]() mutable { return seat.connect(gpio::Use::Output); },
        [button = std::to_string(button)](const std::string &trouble) {
            tell(trouble.empty() ? "ready " + button : "trouble " + button + " " + trouble);
        }};
}

/// Requests again what could not be had: a chip may come later, and a line that the holder before
/// us held down is free only a moment after that ended. Then it must not stay down.
class Retry
{
public:
    explicit Retry(std::vector<Wire> &wires) : wires_{wires} {}

    void operator()()
    {
        if (Clock::now() < at_)
            return;
        pause_ = std::min<Clock::duration>(2 * pause_, kSlowest);
        at_ = Clock::now() + pause_;
        for (Wire &wire : wires_)
            (void)wire.connect();
    }
    std::optional<Clock::time_point> next() const
    {
        for (const Wire &wire : wires_)
            if (!wire.connected())
                return at_;
        return std::nullopt;
    }

private:
    static constexpr Clock::duration kSlowest = 5s;
    std::vector<Wire> &wires_;
    Clock::duration pause_ = 10ms;
    Clock::time_point at_ = Clock::now();
};

/// What `text` begins with, up to a blank, as a number; text goes on behind it.
std::optional<unsigned> number(std::string_view &text)
{
    unsigned out = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (code != std::errc{})
        return std::nullopt;
    text.remove_prefix(size_t(end - text.data()));
    if (text.starts_with(' '))
        text.remove_prefix(1);
    return out;
}

void obey(std::string_view message, Presses &presses)
{
    constexpr std::string_view kPress = "press ";
    if (!message.starts_with(kPress))
        return;
    message.remove_prefix(kPress.size());
    const auto button = number(message), hold_ms = number(message);
    if (!button || !hold_ms)
        return;
    auto down = presses.press(*button, std::chrono::milliseconds{*hold_ms}, Clock::now());
    if (!down)
        tell("failed " + std::to_string(*button) + " " + down.error().message);
}

/// False when the daemon is gone.
bool hear(Presses &presses)
{
    char buffer[64];
    const ssize_t got = ::recv(kSocket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0)
        obey({buffer, size_t(got)}, presses);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void let_go(Presses &presses)
{
    for (const auto &up : presses.let_go(Clock::now())) {
        const std::string button = std::to_string(up.button);
        tell(up.outcome ? "up " + button : "failed " + button + " " + up.outcome.error().message);
    }
}

int wait_ms(std::optional<Clock::time_point> next, std::optional<Clock::time_point> other = {})
{
    if (other && (!next || *other < *next))
        next = other;
    if (!next)
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
    return int(std::max(left, 0ms).count());
}

/// Blocks what would end us; readable when somebody tried.
Fd catch_ends()
{
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        sigaddset(&ends, signal);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    return Fd{::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK)};
}

void serve(Presses &presses, Retry retry)
{
    const Fd ends = catch_ends();
    for (bool connected = true; connected;) {
        pollfd waited[] = {{kSocket, POLLIN, 0}, {ends.get(), POLLIN, 0}};
        (void)::poll(waited, std::size(waited), wait_ms(presses.next(), retry.next()));
        signalfd_siginfo signal;
        if (waited[1].revents && ::read(ends.get(), &signal, sizeof signal) > 0)
            presses.end_all(Clock::now());
        if (waited[0].revents)
            connected = hear(presses);
        let_go(presses);
        retry();
    }
    const auto end = Clock::now() + kLastTries;
    presses.end_all(Clock::now());
    for (let_go(presses); presses.next() && Clock::now() < end; let_go(presses))
        (void)::poll(nullptr, 0, wait_ms(presses.next()));
}

} // namespace

int main(int argc, char **argv)
{
    std::vector<Wire> wires;
    for (int i = 1; i < argc; ++i) {
        auto line = parse_gpio_line(argv[i]);
        if (!line) {
            std::fprintf(stderr, "pantograph-hold: %s: %s\n", argv[i],
                         line.error().message.c_str());
            return 2;
        }
        wires.push_back(wire_of(wires.size(), std::move(*line)));
    }
    std::vector<Presses::Wire> buttons;
    for (Wire &wire : wires) {
        (void)wire.connect();
        buttons.push_back([&wire](bool down) { return wire.set(down); });
    }
    Presses presses{std::move(buttons)};
    serve(presses, Retry{wires});
    return 0;
}
