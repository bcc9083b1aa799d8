// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/nbd_device.h"

#include "lib/base/file.h"
#include "lib/glib/offload.h"
#include "lib/glib/source.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nbd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>

namespace panto::storage
{

namespace
{

constexpr unsigned kMostDevices = 16;
constexpr uint64_t kSectorBytes = 512;
constexpr char kDevicePrefix[] = "/dev/nbd";
constexpr std::string_view kGreeting{"NBDMAGICIHAVEOPT"};
constexpr uint16_t kFixedNewstyle = 1, kNoZeroes = 2;
constexpr uint32_t kExportName = 1;

template <class T>
void put(std::string &to, T number)
{
    for (int shift = 8 * int(sizeof number) - 8; shift >= 0; shift -= 8)
        to += char(number >> shift);
}

uint64_t number(std::string_view bytes)
{
    uint64_t out = 0;
    for (const char c : bytes)
        out = out << 8 | uint8_t(c);
    return out;
}

Result<std::string> receive(const Fd &server, size_t size)
{
    std::string out(size, '\0');
    for (size_t have = 0; have < size;) {
        const ssize_t n = ::recv(server.get(), out.data() + have, size - have, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return Error{errno == EAGAIN ? Kind::Timeout : Kind::Unavailable,
                         "nbdkit does not answer", errno};
        if (n == 0)
            return Error{Kind::Unavailable, "nbdkit ended"};
        have += size_t(n);
    }
    return out;
}

Result<> send(const Fd &server, const std::string &bytes)
{
    if (::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != ssize_t(bytes.size()))
        return Error{Kind::Unavailable, "nbdkit ended", errno};
    return ok;
}

Error failed(const std::string &what, const std::string &path, int code)
{
    if (code == EPERM || code == EACCES)
        return {Kind::Unavailable,
                "not enough privileges for " + path +
                    ": run pantographd as root, or with CAP_SYS_ADMIN and write "
                    "access to the device",
                code};
    return {Kind::Unavailable, "cannot " + what + " " + path + ": " + std::strerror(code), code};
}

/// Nothing but an Error with code EBUSY means that the next device is worth a try.
Result<> prepare(const Fd &device, const Fd &server, const NbdExport &what, unsigned timeout_s,
                 const std::string &path)
{
    if (::ioctl(device.get(), NBD_SET_SOCK, server.get()) != 0)
        return failed("use", path, errno);
    if (::ioctl(device.get(), NBD_SET_BLKSIZE, kSectorBytes) != 0 ||
        ::ioctl(device.get(), NBD_SET_SIZE_BLOCKS, what.size_bytes / kSectorBytes) != 0 ||
        ::ioctl(device.get(), NBD_SET_FLAGS, unsigned(what.flags)) != 0 ||
        ::ioctl(device.get(), NBD_SET_TIMEOUT, timeout_s) != 0) {
        const int code = errno;
        ::ioctl(device.get(), NBD_CLEAR_SOCK);
        return failed("set up", path, code);
    }
    return ok;
}

/// The thread sets the device up a moment after it began: until then it has no sectors.
bool comes_up(const Fd &device, uint64_t size_bytes)
{
    uint64_t now = 0;
    for (int tries = 0; tries < 500; ++tries) {
        if (::ioctl(device.get(), BLKGETSIZE64, &now) == 0 && now / kSectorBytes > 0 &&
            now / kSectorBytes == size_bytes / kSectorBytes)
            return true;
        ::poll(nullptr, 0, 10);
    }
    return false;
}

} // namespace

bool nbd_is_loaded()
{
    return ::access("/sys/block/nbd0", F_OK) == 0;
}

bool is_nbd_device(const std::string &path)
{
    return path.starts_with(kDevicePrefix);
}

Result<NbdExport> nbd_greet(const Fd &server)
{
    PANTO_TRY(greeting, receive(server, 18));
    if (!greeting.starts_with(kGreeting) ||
        !(number(std::string_view{greeting}.substr(16)) & kFixedNewstyle))
        return Error{Kind::Unavailable, "nbdkit speaks another protocol"};
    std::string answer;
    put(answer, uint32_t(kFixedNewstyle | kNoZeroes));
    answer += "IHAVEOPT";
    put(answer, kExportName);
    put(answer, uint32_t(0)); // the default export has no name
    if (auto sent = send(server, answer); !sent)
        return std::move(sent.error());
    PANTO_TRY(about, receive(server, 10));
    const std::string_view bytes = about;
    const NbdExport what{number(bytes.substr(0, 8)), uint16_t(number(bytes.substr(8)))};
    if (what.size_bytes == 0)
        return Error{Kind::Invalid, "the file is empty: there is nothing to put into a drive"};
    return what;
}

/// What the thread and the owner share.
struct NbdDevice::Service {
    Fd device;
    Fd server;
    std::function<void()> on_end;
    std::atomic<bool> wanted = true;
    std::atomic<bool> serves = true; // else the device may be another one's by now
    std::thread thread;
};

Result<std::unique_ptr<NbdDevice>> NbdDevice::attach(Fd server, const NbdExport &what,
                                                     unsigned timeout_s,
                                                     std::function<void()> on_end)
{
    for (unsigned i = 0; i < kMostDevices; ++i) {
        const std::string path = kDevicePrefix + std::to_string(i);
        if (::access(("/sys/block/nbd" + std::to_string(i) + "/pid").c_str(), F_OK) == 0)
            continue; // in use
        auto service = std::make_shared<Service>();
        service->device = Fd{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
        if (!service->device && errno == ENOENT)
            break;
        if (!service->device)
            return failed("open", path, errno);
        auto prepared = prepare(service->device, server, what, timeout_s, path);
        if (!prepared && prepared.error().code == EBUSY)
            continue;
        if (!prepared)
            return std::move(prepared.error());
        service->server = std::move(server);
        service->on_end = std::move(on_end);
        service->thread = std::thread{[service] {
            ::ioctl(service->device.get(), NBD_DO_IT); // until the end
            service->serves = false;
            ::ioctl(service->device.get(), NBD_CLEAR_QUE);
            ::ioctl(service->device.get(), NBD_CLEAR_SOCK);
            post([service] {
                if (service->wanted)
                    service->on_end();
            });
        }};
        std::unique_ptr<NbdDevice> made{new NbdDevice{path, service}};
        if (!comes_up(made->service_->device, what.size_bytes))
            return Error{Kind::Unavailable, path + " does not come up"};
        return made;
    }
    return Error{Kind::Unavailable, "every nbd device of this machine is in use"};
}

/// The kernel hears of it as when the server dies, and the thread ends the reads that wait.
void NbdDevice::hang_up()
{
    ::shutdown(service_->server.get(), SHUT_RDWR);
}

bool NbdDevice::is_waited_for() const
{
    const auto reads_and_writes =
        read_file("/sys/block/" + path_.substr(path_.rfind('/') + 1) + "/inflight");
    return reads_and_writes && reads_and_writes->find_first_of("123456789") != std::string::npos;
}

NbdDevice::~NbdDevice()
{
    service_->wanted = false;
    offload(Lane::Network, [service = service_] {
        if (service->serves)
            ::ioctl(service->device.get(), NBD_DISCONNECT);
        ::shutdown(service->server.get(), SHUT_RDWR); // a server that hangs hears no goodbye
        service->thread.join();
        service->device = {};
        service->server = {};
    });
}

} // namespace panto::storage
