// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/terminal.h"

#include "daemon/system/program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace panto::system
{

namespace
{

constexpr size_t kMostAtOnce = 1024;
constexpr size_t kMostTyped = 1 << 20;
constexpr int64_t kMostLines = 1000;
constexpr std::chrono::milliseconds kPause{20};
constexpr std::chrono::seconds kGrace{2};

Error failed(const char *what)
{
    return Error{Kind::Unavailable, std::string{what} + ": " + std::strerror(errno)};
}

/// Both ends; the shell's is closed with the last of its processes.
Result<std::pair<Fd, Fd>> open_terminal()
{
    Fd master{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)};
    if (!master || grantpt(master.get()) != 0 || unlockpt(master.get()) != 0)
        return failed("cannot open a pseudo-terminal");
    std::array<char, 64> name{};
    if (ptsname_r(master.get(), name.data(), name.size()) != 0)
        return failed("cannot name a pseudo-terminal");
    Fd slave{open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    if (!slave)
        return failed("cannot open a pseudo-terminal");
    return std::pair{std::move(master), std::move(slave)};
}

pid_t group_of(GSubprocess *shell)
{
    const char *id = g_subprocess_get_identifier(shell); // none when it has ended
    return id ? pid_t(std::atoi(id)) : 0;
}

} // namespace

Result<std::unique_ptr<Terminal>> Terminal::create(const config::System &settings,
                                                   Callbacks callbacks)
{
    PANTO_TRY(ends, open_terminal());
    Program shell{{settings.shell}};
    shell.user = settings.user;
    shell.terminal = std::make_shared<Fd>(std::move(ends.second));
    PANTO_TRY(process, spawn(shell));
    return std::unique_ptr<Terminal>{
        new Terminal{std::move(ends.first), std::move(process), std::move(callbacks)}};
}

Terminal::Terminal(Fd master, Ref<GSubprocess> shell, Callbacks callbacks)
    : master_{std::move(master)}, shell_{std::move(shell)}, callbacks_{std::move(callbacks)}
{
    wait_for_output();
}

Terminal::~Terminal()
{
    output_ = {};
    input_ = {};
    master_ = {}; // hangs up
    if (const pid_t group = group_of(shell_.get()); group > 0) {
        kill(-group, SIGHUP);
        after(kGrace, [shell = shell_] {
            if (const pid_t left = group_of(shell.get()); left > 0)
                kill(-left, SIGKILL);
        }).detach();
    }
}

void Terminal::wait_for_output()
{
    output_ = readable(master_.get(), [this] { read(); });
}

void Terminal::read()
{
    if (!callbacks_.room()) { // the shell waits, too, when the kernel's buffer is full
        output_ = after(kPause, [this] { wait_for_output(); });
        return;
    }
    std::array<uint8_t, kMostAtOnce> block;
    const ssize_t n = ::read(master_.get(), block.data(), block.size());
    if (n > 0)
        return callbacks_.said({block.data(), size_t(n)});
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    end(); // EIO: nobody is at the other end
}

void Terminal::type(std::string_view keys)
{
    if (typed_.size() + keys.size() > kMostTyped)
        return end();
    typed_ += keys;
    write();
}

void Terminal::write()
{
    const ssize_t n = ::write(master_.get(), typed_.data(), typed_.size());
    if (n > 0)
        typed_.erase(0, size_t(n));
    input_ = typed_.empty() ? Source{} : after(kPause, [this] { write(); });
}

void Terminal::resize(int64_t rows, int64_t columns)
{
    if (rows < 1 || rows > kMostLines || columns < 1 || columns > kMostLines)
        return;
    winsize size = {};
    size.ws_row = static_cast<unsigned short>(rows);
    size.ws_col = static_cast<unsigned short>(columns);
    (void)ioctl(master_.get(), TIOCSWINSZ, &size); // a shell that is gone has no size
}

void Terminal::end()
{
    output_ = {};
    input_ = {};
    if (const auto ended = std::exchange(callbacks_.ended, nullptr))
        ended();
}

} // namespace panto::system
