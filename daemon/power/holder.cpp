// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/holder.h"

#include "daemon/observe/log.h"
#include "daemon/power/connect.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
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
    if (process_)
        (void)::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
}

void Holder::ended()
{
    log_warning("power", "the process that holds the buttons ended; another takes over");
    readable_ = {};
    socket_ = {};
    process_ = {};
    orphans_.clear();
    for (const std::string &text : lines_)
        if (auto line = parse_gpio_line(text))
            orphans_.push_back(std::move(*line));
    tries_ = kTries;
    let_go();
    for (size_t button = 0; button < pending_.size(); ++button)
        answer(button, Error{Kind::Unavailable, "the process that held the button ended"});
}

void Holder::let_go()
{
    std::erase_if(orphans_, [](const GpioLine &line) {
        const auto up = gpio::connect(line, gpio::Use::Output);
        return up || up.error().kind != Kind::Busy;
    });
    const auto lived = std::chrono::steady_clock::now() - started_;
    if (!orphans_.empty() && --tries_ > 0)
        again_ = after(kNextTry, [this] { let_go(); });
    else if (lived < kShortLife)
        again_ = after(kShortLife, [this] { start(); });
    else
        start();
}

} // namespace panto::power
