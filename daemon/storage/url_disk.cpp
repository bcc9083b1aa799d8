// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/url_disk.h"

#include "daemon/observe/log.h"
#include "daemon/storage/url_probe.h"
#include "lib/glib/offload.h"
#include "lib/glib/source.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <vector>

namespace panto::storage
{

namespace
{

using namespace std::chrono_literals;

constexpr size_t kLongestUrl = 2048;
constexpr unsigned kGrace_s = 5; // beyond nbdkit's own limit, before the kernel gives up on it
constexpr auto kLastWords = 2s;
constexpr auto kLookEvery = 1s;

bool holds(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

/// How many reads of a block device are done, well or not. Source: Linux
/// Documentation/block/stat.rst
std::optional<uint64_t> reads_of(const std::string &device)
{
    std::ifstream file{"/sys/block/" + device.substr(device.rfind('/') + 1) + "/stat"};
    uint64_t reads = 0;
    return file >> reads ? std::optional{reads} : std::nullopt;
}

timeval seconds(unsigned s)
{
    return {time_t(s), 0};
}

} // namespace

std::optional<Lack> url_disk_lack()
{
    using Path = Owned<char, g_free>;
    if (!Path{g_find_program_in_path("nbdkit")})
        return Lack{"nbdkit is not installed", "run apt-get install nbdkit"};
    if (!nbd_is_loaded())
        return Lack{"the kernel's nbd module is not loaded", "run modprobe nbd"};
    return std::nullopt;
}

std::string shown(const std::string &url)
{
    return url.substr(0, url.find_first_of("?#"));
}

Result<> check_url(const std::string &url)
{
    const auto refuse = [](const char *why) { return Error{Kind::Invalid, why}; };
    if (url.size() > kLongestUrl ||
        std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
        return refuse("invalid url: it is too long, or holds blanks or characters beyond ASCII");
    using Uri = Owned<GUri, g_uri_unref>;
    const Uri uri{g_uri_parse(url.c_str(), G_URI_FLAGS_HAS_PASSWORD, nullptr)};
    const std::string scheme = uri ? g_uri_get_scheme(uri.get()) : "";
    if (scheme != "http" && scheme != "https")
        return refuse("invalid url: it must begin with http:// or https://");
    const char *host = g_uri_get_host(uri.get());
    if (!host || !*host)
        return refuse("invalid url: it names no server");
    if (g_uri_get_userinfo(uri.get()))
        return refuse("invalid url: it holds a user name, which other users of this machine would "
                      "see");
    const std::string path = g_uri_get_path(uri.get());
    if (path.empty() || path == "/")
        return refuse("invalid url: it names no file");
    return ok;
}

std::string reason_in(const std::string &line, unsigned timeout_s)
{
    const size_t at = line.find("error: ");
    if (at == std::string::npos)
        return "";
    std::string text = line.substr(at + 7);
    if (holds(text, "does not support 'range'"))
        return kNoRanges;
    if (holds(text, "returned error: 412"))
        return "the file on the server is another one now: take it out and mount it again";
    if (const size_t code = text.find("returned error: "); code != std::string::npos)
        return "the server answers " + text.substr(code + 16, 3);
    if (holds(text, "timed out") || holds(text, "Timeout was reached"))
        return no_answer(timeout_s);
    if (holds(text, "cannot open plugin"))
        return "nbdkit has no curl plugin here";
    if (const size_t url = text.find("]: "); holds(text, "URL [") && url != std::string::npos)
        text = text.substr(url + 3);
    return "the server cannot be read from: " + text;
}

void UrlDisk::open(const std::string &url, const How &how, Done<Opened> done)
{
    if (auto good = check_url(url); !good)
        return done(std::move(good.error()));
    if (const auto lack = url_disk_lack())
        return done(Error{Kind::Unavailable, lack->what + ": " + lack->cure});
    Opened disk{new UrlDisk{url, how}};
    disk->opened_ = std::move(done);
    if (!how.fetch)
        return attach(std::move(disk));
    probe_url(how.fetch, url, how.timeout_s, [disk](Result<std::string> precondition) {
        if (!precondition)
            return std::exchange(disk->opened_, nullptr)(std::move(precondition.error()));
        disk->precondition_ = *precondition;
        attach(disk);
    });
}

void UrlDisk::attach(Opened disk)
{
    const auto refuse = [&](Error error) {
        std::exchange(disk->opened_, nullptr)(std::move(error));
    };
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return refuse({Kind::Unavailable, "cannot make a socket", errno});
    Fd theirs{ends[1]};
    auto ours = std::make_shared<Fd>(ends[0]);
    if (auto started = disk->start(std::move(theirs)); !started)
        return refuse(std::move(started.error()));
    disk->keep_ = disk;
    using Device = std::shared_ptr<std::unique_ptr<NbdDevice>>;
    const auto work = [ours, timeout_s = disk->how_.timeout_s,
                       weak = disk->self_.weak()]() -> Result<std::pair<Device, uint64_t>> {
        const timeval limit = seconds(timeout_s + kGrace_s);
        ::setsockopt(ours->get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        PANTO_TRY(what, nbd_greet(*ours));
        const timeval none = seconds(0); // the kernel has its own limit
        ::setsockopt(ours->get(), SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
        PANTO_TRY(device, NbdDevice::attach(std::move(*ours), what, timeout_s + kGrace_s, [weak] {
                      if (auto *self = alive(weak))
                          self->end();
                  }));
        return std::pair{std::make_shared<std::unique_ptr<NbdDevice>>(std::move(device)),
                         what.size_bytes};
    };
    offload(Lane::Network, work, [weak = disk->self_.weak()](auto made) {
        auto *self = alive(weak);
        if (!self)
            return;
        if (made)
            self->attached(std::move(*made->first), made->second);
        else
            self->give_up(std::move(made.error()));
    });
}

UrlDisk::Opened UrlDisk::over(const std::string &url, const How &how,
                              std::unique_ptr<ServedDevice> device, uint64_t size_bytes)
{
    Opened disk{new UrlDisk{url, how}};
    disk->device_ = std::move(device);
    disk->size_bytes_ = size_bytes;
    return disk;
}

void UrlDisk::hang_up()
{
    if (std::exchange(ended_, true))
        return;
    on_trouble = nullptr;
    look_ = {};
    if (trouble_.empty())
        trouble_ = "its connection was ended, as it was to be taken out";
    device_->hang_up();
}

void UrlDisk::hang_up_waiting()
{
    if (ended_ || !device_->is_waited_for())
        return;
    log_warning("storage", "given up, as a change waits for its server", {{"url", shown(url_)}});
    hang_up();
}

UrlDisk::~UrlDisk()
{
    device_.reset(); // its end closes nbdkit's socket
    if (nbdkit_)
        g_subprocess_force_exit(nbdkit_.get());
}

Result<> UrlDisk::start(Fd server)
{
    using Launcher = Owned<GSubprocessLauncher, g_object_unref>;
    const Launcher launcher{g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_PIPE)};
    g_subprocess_launcher_take_stdin_fd(launcher.get(), ::fcntl(server.get(), F_DUPFD_CLOEXEC, 3));
    g_subprocess_launcher_take_stdout_fd(launcher.get(), ::fcntl(server.get(), F_DUPFD_CLOEXEC, 3));
    g_subprocess_launcher_set_child_setup(
        launcher.get(), [](gpointer) { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }, nullptr, nullptr);
    const std::string url = "url=" + url_, timeout = "timeout=" + std::to_string(how_.timeout_s);
    // The kernel's device has whole blocks only, and what the computer sees, too.
    const std::string whole = "round-up=" + std::to_string(how_.block_bytes);
    const std::string same = "header=" + precondition_;
    const char *command[] = {
        "nbdkit", "--single",  "--readonly",           "--log=stderr",  "--filter=truncate",
        "curl",   url.c_str(), "protocols=http,https", timeout.c_str(), whole.c_str(),
        nullptr,  nullptr};
    if (!precondition_.empty())
        command[std::size(command) - 2] = same.c_str();
    GError *error = nullptr;
    nbdkit_ =
        Ref<GSubprocess>::adopt(g_subprocess_launcher_spawnv(launcher.get(), command, &error));
    if (!nbdkit_) {
        Error e{Kind::Unavailable, std::string{"cannot start nbdkit: "} + error->message};
        g_error_free(error);
        return e;
    }
    stderr_ = Ref<GDataInputStream>::adopt(
        g_data_input_stream_new(g_subprocess_get_stderr_pipe(nbdkit_.get())));
    read_line();
    return ok;
}

void UrlDisk::read_line()
{
    using Weak = std::weak_ptr<UrlDisk *>;
    g_data_input_stream_read_line_async(
        stderr_.get(), G_PRIORITY_DEFAULT, nullptr,
        [](GObject *stream, GAsyncResult *result, gpointer p) {
            const std::unique_ptr<Weak> weak{static_cast<Weak *>(p)};
            g_autofree char *line = g_data_input_stream_read_line_finish(
                G_DATA_INPUT_STREAM(stream), result, nullptr, nullptr);
            auto *self = alive(*weak);
            if (!self)
                return;
            if (!line)
                return self->hushed();
            self->said(line);
            self->read_line();
        },
        new Weak{self_.weak()});
}

void UrlDisk::said(const std::string &line)
{
    const std::string reason = reason_in(line, how_.timeout_s);
    if (reason.empty())
        return;
    if (device_)
        wait_for_recovery();
    if (reason == trouble_)
        return;
    trouble_ = reason;
    if (on_trouble)
        on_trouble();
}

/// From the last complaint on. Nothing is read for it: the computer's own reads tell.
void UrlDisk::wait_for_recovery()
{
    if (ended_)
        return;
    recovery_ = {};
    look_ = every(kLookEvery, [this] {
        offload([device = device()] { return reads_of(device); },
                [weak = self_.weak()](std::optional<uint64_t> reads) {
                    auto *self = alive(weak);
                    if (!self || !self->look_ || !reads || !self->recovery_.reads_well(*reads))
                        return;
                    self->look_ = {};
                    self->trouble_.clear();
                    if (self->on_trouble)
                        self->on_trouble();
                });
    });
}

/// nbdkit has ended, and will say no more.
void UrlDisk::hushed()
{
    silent_ = true;
    if (failure_)
        give_up(*failure_);
}

void UrlDisk::attached(std::unique_ptr<NbdDevice> device, uint64_t size)
{
    device_ = std::move(device);
    size_bytes_ = size;
    if (!trouble_.empty()) // the kernel has read from it already
        wait_for_recovery();
    const Opened me = std::exchange(keep_, nullptr);
    std::exchange(opened_, nullptr)(me);
}

/// Waits a moment for nbdkit's own words, which are better than ours.
void UrlDisk::give_up(Error error)
{
    if (!opened_)
        return;
    if (!silent_ && !patience_) {
        failure_ = std::move(error);
        if (failure_->kind == Kind::Timeout)
            g_subprocess_force_exit(nbdkit_.get());
        patience_ = after(kLastWords, [this] { hushed(); });
        return;
    }
    if (!trouble_.empty() && error.kind != Kind::Invalid)
        error.message = trouble_;
    const Opened me = std::exchange(keep_, nullptr); // dies with this call
    std::exchange(opened_, nullptr)(std::move(error));
}

void UrlDisk::end()
{
    ended_ = true;
    look_ = {};
    if (trouble_.empty())
        trouble_ = "nbdkit ended, or did not answer in time";
    if (on_trouble)
        on_trouble();
}

} // namespace panto::storage
