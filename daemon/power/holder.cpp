// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/holder.h"

#include "daemon/observe/log.h"
#include "daemon/power/connect.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace panto::power
{

namespace
{

using namespace std::chrono_literals;

constexpr char kName[] = "pantograph-hold";
constexpr char kInstalled[] = PANTOGRAPH_LIBEXEC_DIR "/pantograph-hold";
/// One that ends sooner would be started in a circle.
constexpr auto kShortLife = 1s;
/// A process that ends gives back its lines a moment after its socket.
constexpr auto kNextTry = 5ms;
constexpr int kTries = 40;

/// How much longer than asked for a press may take: a machine may be busy.
constexpr auto kGrace = 2s;

/// How long it may take to end, and the kernel to take a killed one's lines back.
constexpr auto kLastWords = 500ms, kBurial = 500ms;

/// A started program.
struct Started {
    Fd socket, process;
};

/// Starts the program with its stdin at one end of a pair of sockets; the other end is ours.
Result<Started> spawn(const std::string &program, const std::vector<std::string> &arguments)
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return Error{Kind::Unavailable,
                     std::string{"cannot make a socket: "} + std::strerror(errno)};
    Fd ours{ends[0]};
    const Fd its{ends[1]};
    std::vector<const char *> argv{program.c_str()};
    for (const std::string &argument : arguments)
        argv.push_back(argument.c_str());
    argv.push_back(nullptr);
    GError *error = nullptr;
    GPid pid = 0;
    g_spawn_async_with_pipes_and_fds(nullptr, argv.data(), nullptr, G_SPAWN_DEFAULT, nullptr,
                                     nullptr, its.get(), -1, -1, nullptr, nullptr, 0, &pid, nullptr,
                                     nullptr, nullptr, &error);
    if (error) {
        const Error e{Kind::Unavailable, "cannot start " + program + ": " + error->message};
        g_error_free(error);
        return e;
    }
    // Kernels before 5.3 have none; one that is stuck then keeps its button.
    return Started{std::move(ours), Fd{int(::syscall(SYS_pidfd_open, pid, 0))}};
}

void kill(const Fd &process)
{
    if (process)
        (void)::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

std::vector<GpioLine> parse(const std::vector<std::string> &lines)
{
    std::vector<GpioLine> out;
    for (const std::string &text : lines)
        if (auto line = parse_gpio_line(text))
            out.push_back(std::move(*line));
    return out;
}

/// Drives the lines low; those that stay are still somebody's.
void let_go_of(std::vector<GpioLine> &lines)
{
    std::erase_if(lines, [](const GpioLine &line) {
        const auto up = gpio::connect(line, gpio::Use::Output);
        return up || up.error().kind != Kind::Busy;
    });
}

enum class Farewell {
    Ended,  ///< by itself, or by a signal: what it held may be down
    AtIt,   ///< the chip refuses to let go, and it tries again
    Silent, ///< it is stopped, or stuck
};

/// Waits for a program that has heard of our end.
Farewell farewell(const Started &program)
{
    const auto end = std::chrono::steady_clock::now() + kLastWords;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd socket{program.socket.get(), POLLIN, 0};
        if (left <= 0ms || ::poll(&socket, 1, int(left.count())) == 0)
            return Farewell::Silent;
        char message[1024];
        const ssize_t got = ::recv(socket.fd, message, sizeof message, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return Farewell::Ended;
        if (got > 0 && std::string_view{message, size_t(got)}.starts_with("failed "))
            return Farewell::AtIt;
    }
}

/// Sees to it that a program whose daemon ends leaves no button down, nor one that ended before.
void see_off(const Started &program, std::vector<GpioLine> lines)
{
    const Farewell how = program.socket ? farewell(program) : Farewell::Ended;
    if (how == Farewell::AtIt)
        return;
    if (how == Farewell::Silent) {
        log_warning("power", "the process that holds the buttons does not end: it is killed");
        kill(program.process);
    }
    const auto end = std::chrono::steady_clock::now() + kBurial;
    for (let_go_of(lines); !lines.empty(); let_go_of(lines)) {
        if (std::chrono::steady_clock::now() >= end)
            return log_warning("power", "a button may be down: its line is still in use");
        ::poll(nullptr, 0, int(kNextTry.count()));
    }
}

} // namespace

std::string holder_program()
{
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    const auto beside = self.parent_path() / kName;
    if (!failed && std::filesystem::exists(beside, failed))
        return beside.string();
    return kInstalled;
}

Holder::Holder(std::string program, std::vector<std::string> lines)
    : program_{std::move(program)}, lines_{std::move(lines)}, pending_(lines_.size())
{
    start();
}

Holder::~Holder()
{
    readable_ = {};
    if (socket_)
        ::shutdown(socket_.get(), SHUT_WR); // it hears our end, and we its last words
    auto lines = socket_ ? parse(lines_) : std::move(orphans_);
    const auto program = std::make_shared<Started>(std::move(socket_), std::move(process_));
    offload(Lane::Devices, [program, lines = std::move(lines)] { see_off(*program, lines); });
}

void Holder::start()
{
    again_ = {};
    started_ = std::chrono::steady_clock::now();
    auto started = spawn(program_, lines_);
    if (!started) {
        log_warning("power", "no button can be pressed", {{"why", started.error().message}});
        again_ = after(10 * kShortLife, [this] { start(); });
        return;
    }
    socket_ = std::move(started->socket);
    process_ = std::move(started->process);
    readable_ = readable(socket_.get(), [this] { hear(); });
}

void Holder::press(size_t button, std::chrono::milliseconds hold, Done<> done)
{
    const std::string message =
        "press " + std::to_string(button) + " " + std::to_string(hold.count());
    if (!socket_ || ::send(socket_.get(), message.data(), message.size(),
                           MSG_NOSIGNAL | MSG_DONTWAIT) != ssize_t(message.size()))
        return done(Error{Kind::Unavailable, "the process that holds the buttons (" + program_ +
                                                 ") is not there: the log says why"});
    pending_[button] = {std::move(done), after(hold + kGrace, [this, button] { overdue(button); })};
}

void Holder::hear()
{
    char buffer[1024];
    ssize_t got = 0;
    while ((got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
        obey({buffer, size_t(got)});
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        ended();
}

void Holder::obey(const std::string &message)
{
    const size_t word = message.find(' ');
    if (word == std::string::npos)
        return;
    char *rest = nullptr;
    const size_t button = size_t(g_ascii_strtoull(message.c_str() + word, &rest, 10));
    if (button >= lines_.size())
        return;
    const std::string kind = message.substr(0, word), why = *rest ? rest + 1 : "";
    if (kind == "up")
        answer(button, ok);
    else if (kind == "failed")
        answer(button, Error{Kind::Unavailable, why});
    else if (on_trouble && (kind == "trouble" || kind == "ready"))
        on_trouble(button, why);
}

void Holder::answer(size_t button, Result<> outcome)
{
    const Press press = std::exchange(pending_[button], {});
    if (press.done)
        press.done(std::move(outcome));
}

/// Its end is heard as any other's.
void Holder::overdue(size_t button)
{
    pending_[button].limit = {};
    log_warning("power", "the process that holds the buttons does not let go in time");
    kill(process_);
}

void Holder::ended()
{
    log_warning("power", "the process that holds the buttons ended; another takes over");
    readable_ = {};
    socket_ = {};
    process_ = {};
    orphans_ = parse(lines_);
    tries_ = kTries;
    let_go();
    for (size_t button = 0; button < pending_.size(); ++button)
        answer(button, Error{Kind::Unavailable, "the process that held the button ended"});
}

void Holder::let_go()
{
    let_go_of(orphans_);
    const auto lived = std::chrono::steady_clock::now() - started_;
    if (!orphans_.empty() && --tries_ > 0)
        again_ = after(kNextTry, [this] { let_go(); });
    else if (lived < kShortLife)
        again_ = after(kShortLife, [this] { start(); });
    else
        start();
}

} // namespace panto::power
