// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/hidsink/target.h"

#include "lib/base/fd.h"
#include "lib/usbhid/node.h"
#include "lib/usbhid/report.h"
#include "lib/virtual/led_watch.h"
#include "plugins/hidsink/queue.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

namespace panto
{
namespace
{

/// A /dev/hidgN node.
///
/// Source   drivers/usb/gadget/function/f_hid.c (6.1), run against dummy_hcd: a write is ESHUTDOWN
///          without a configured host and EAGAIN when the host does not poll; poll() says neither,
///          it just stays silent
class GadgetNode : public Target
{
public:
    GadgetNode(std::string path, std::string function)
        : path_{std::move(path)}, function_{std::move(function)}
    {
    }

    bool accepts(size_t size) const override { return size >= 1 && size <= Report::kMost; }

    Result<> open() override
    {
        fd_ = {};
        if (!function_.empty()) {
            PANTO_TRY(node, hid::node_of_function(function_));
            path_ = std::move(node);
        }
        constexpr int kFlags = O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
        Fd fd{::open(path_.c_str(), O_RDWR | kFlags)};
        struct stat what = {};
        if (fd && ::fstat(fd.get(), &what) == 0 && S_ISFIFO(what.st_mode))
            fd = Fd{::open(path_.c_str(), O_WRONLY | kFlags)}; // else we would read our own reports
        const int code = errno;
        if (!fd)
            return Error{Kind::Unavailable, "cannot open " + path_ + ": " + std::strerror(code),
                         code};
        fd_ = std::move(fd);
        return ok;
    }

    Outcome write(std::span<const uint8_t> bytes) override
    {
        for (;;) {
            if (::write(fd_.get(), bytes.data(), bytes.size()) >= 0)
                return Outcome::Taken; // all of it, or as much as the gadget's report holds
            if (errno == EINTR)
                continue;
            return errno == EAGAIN      ? Outcome::Full
                   : errno == ESHUTDOWN ? Outcome::Offline
                                        : Outcome::Gone;
        }
    }

    /// A node without room has a report that the host has not fetched, or no host: a write of no
    /// bytes is refused for the same reason, and sends nothing.
    Outcome probe() override
    {
        pollfd node{fd_.get(), POLLOUT, 0};
        ::poll(&node, 1, 0);
        return node.revents & POLLOUT ? Outcome::Taken : write({});
    }

    std::optional<uint8_t> read_leds(bool &broken) override
    {
        std::optional<uint8_t> newest;
        uint8_t bytes[Report::kMost];
        // Bounded, should a host ever send them faster than we read.
        for (int i = 0; i < 64; ++i) {
            const ssize_t n = ::read(fd_.get(), bytes, sizeof bytes);
            if (n > 0)
                newest = bytes[n - 1];
            else if (n == 0 || (errno != EAGAIN && errno != EINTR && errno != ESHUTDOWN))
                broken = true;
            if (n <= 0)
                break;
        }
        return newest;
    }

    int fd() const override { return fd_.get(); }

private:
    std::string path_;
    const std::string function_;
    Fd fd_;
};

class VirtualTarget : public Target
{
public:
    bool accepts(size_t size) const override
    {
        return size == hid::kKeyboardSize || size == hid::kRelativeSize ||
               size == hid::kAbsoluteSize || size == hid::kConsumerSize;
    }
    Result<> open() override { return ok; }
    Outcome write(std::span<const uint8_t> bytes) override
    {
        return computer_.report(bytes) ? Outcome::Taken : Outcome::Gone;
    }
    bool can_go() const override { return false; }
    std::optional<uint8_t> read_leds(bool &) override { return leds_.look().keyboard; }
    int fd() const override { return leds_.fd(); }

private:
    VirtualComputer &computer_ = VirtualComputer::shared();
    LedWatch leds_{computer_};
};

} // namespace

std::unique_ptr<Target> make_target(const std::string &device, const std::string &function)
{
    if (device == "virtual")
        return std::make_unique<VirtualTarget>();
    return std::make_unique<GadgetNode>(device, function);
}

} // namespace panto
