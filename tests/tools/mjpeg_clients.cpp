// SPDX-License-Identifier: LGPL-2.1-or-later
/// mjpeg-clients: many viewers of one MJPEG stream in one process, and what they get.
///
///   mjpeg-clients PORT PATH CLIENTS SECONDS
///
/// Connects to 127.0.0.1, lets the streams settle for a second, watches for so long and prints one
/// JSON object: the frames per second that each client got, and how old a picture was when the
/// last of its bytes had been read.
///
/// Units    ages in ms of CLOCK_REALTIME, from the capture's stamp: a comment "TS=<20 digits>" in
///          ns, or else the barcode of lib/virtual/stamp.h, in steps of 0.1 ms
/// Errors   a message on standard error and 1: no connection, a stream that ended, or no stamps
/// Threads  one; pictures are decoded after the measurement, each once for all who got it
#include "lib/virtual/stamp.h"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <vector>

namespace
{

using Clock = std::chrono::steady_clock;

constexpr auto kSettle = std::chrono::seconds{1};
constexpr size_t kBeginBytes = 4096; // of a picture: the stamp's first row is in there
constexpr int kKeepEvery = 4;        // pictures with a barcode that are decoded
constexpr size_t kMaxHeadBytes = 4096;

[[noreturn]] void fail(const std::string &why)
{
    std::fprintf(stderr, "mjpeg-clients: %s\n", why.c_str());
    std::exit(1);
}

int64_t wall_ns()
{
    timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

/// What all clients got of one picture: when its last byte came, and all of it if it is kept.
struct Picture {
    std::vector<int64_t> arrivals_ns;
    std::string jpeg;
};

struct Result {
    bool measuring = false;
    std::vector<double> ages_ms;
    std::map<std::string, Picture> pictures; ///< by their beginnings; those with a barcode
    size_t distinct = 0;
};

/// One viewer.
class Client
{
public:
    Client(int fd, bool keeps) : fd_{fd}, keeps_{keeps} {}

    int fd() const { return fd_; }
    size_t frames() const { return frames_; }

    void take(std::string_view bytes, Result &result)
    {
        while (!bytes.empty())
            bytes.remove_prefix(left_ > 0 ? take_picture(bytes, result) : take_head(bytes));
    }

private:
    /// Collects the lines before a picture; how many bytes that took.
    size_t take_head(std::string_view bytes)
    {
        const size_t before = head_.size();
        head_ += bytes.substr(0, kMaxHeadBytes);
        const size_t end = head_.find("\r\n\r\n", before > 3 ? before - 3 : 0);
        if (end == std::string::npos) {
            if (head_.size() > kMaxHeadBytes)
                fail("no picture in what comes");
            return head_.size() - before;
        }
        if (const char *length = strcasestr(head_.c_str(), "content-length:"))
            if (length < head_.c_str() + end)
                left_ = std::strtoul(length + 15, nullptr, 10);
        head_.clear();
        picture_.clear();
        return end + 4 - before;
    }

    size_t take_picture(std::string_view bytes, Result &result)
    {
        const size_t count = std::min(bytes.size(), left_);
        const size_t wanted = keeps_ ? count : kBeginBytes - std::min(picture_.size(), kBeginBytes);
        picture_ += bytes.substr(0, std::min(count, wanted));
        left_ -= count;
        if (left_ == 0 && result.measuring)
            note(wall_ns(), result);
        return count;
    }

    void note(int64_t now, Result &result)
    {
        ++frames_;
        const std::string begin = picture_.substr(0, kBeginBytes);
        if (const size_t at = begin.substr(0, 64).find("TS="); at != std::string::npos)
            return result.ages_ms.push_back(
                double(now - std::strtoll(begin.c_str() + at + 3, nullptr, 10)) / 1e6);
        Picture &p = result.pictures[begin];
        if (p.arrivals_ns.empty())
            ++result.distinct;
        p.arrivals_ns.push_back(now);
        if (keeps_ && result.distinct % kKeepEvery == 0)
            p.jpeg = picture_;
    }

    int fd_;
    bool keeps_; // whole pictures, not only their beginnings
    std::string head_, picture_;
    size_t left_ = 0; // of the picture
    size_t frames_ = 0;
};

int connected(int port, const std::string &path)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(uint16_t(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    if (fd < 0 || connect(fd, reinterpret_cast<sockaddr *>(&to), sizeof to) < 0 ||
        write(fd, request.data(), request.size()) != ssize_t(request.size()))
        fail(std::string{"cannot connect: "} + std::strerror(errno));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/// The stamp of a decoded picture, in steps of 0.1 ms modulo 2^32.
std::optional<uint32_t> barcode(const std::string &jpeg)
{
    const auto *data = reinterpret_cast<const unsigned char *>(jpeg.data());
    tjhandle decoder = tjInitDecompress();
    int width = 0, height = 0, sampling = 0, space = 0;
    std::optional<uint32_t> found;
    if (tjDecompressHeader3(decoder, data, jpeg.size(), &width, &height, &sampling, &space) == 0 &&
        width >= int(panto::stamp::kWidth) && height >= int(panto::stamp::kHeight)) {
        std::vector<unsigned char> luma(size_t(width) * size_t(height));
        if (tjDecompress2(decoder, data, jpeg.size(), luma.data(), width, 0, height, TJPF_GRAY,
                          0) == 0)
            found = panto::stamp::read(luma.data(), size_t(width));
    }
    tjDestroy(decoder);
    return found;
}

void decode(Result &result)
{
    for (const auto &[begin, p] : result.pictures) {
        const auto stamp = p.jpeg.empty() ? std::nullopt : barcode(p.jpeg);
        if (stamp)
            for (const int64_t at : p.arrivals_ns)
                result.ages_ms.push_back(double(int32_t(uint32_t(at / 100'000) - *stamp)) / 10);
    }
}

double quantile(const std::vector<double> &sorted, double q)
{
    return sorted[std::min(sorted.size() - 1, size_t(q * double(sorted.size())))];
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 5)
        fail("usage: mjpeg-clients PORT PATH CLIENTS SECONDS");
    const int count = std::atoi(argv[3]);
    const double seconds = std::atof(argv[4]);
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    std::vector<Client> clients;
    for (int i = 0; i < count; ++i) {
        clients.emplace_back(connected(std::atoi(argv[1]), argv[2]), i == 0);
        epoll_event e{EPOLLIN, {}};
        e.data.u32 = uint32_t(i);
        epoll_ctl(poll, EPOLL_CTL_ADD, clients.back().fd(), &e);
    }
    Result result;
    std::vector<char> buffer(256 * 1024);
    const auto start = Clock::now() + kSettle;
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
    for (auto now = Clock::now(); now < end; now = Clock::now()) {
        result.measuring = now >= start;
        epoll_event events[64];
        const int ready = epoll_wait(poll, events, 64, 20);
        for (int i = 0; i < ready; ++i) {
            Client &client = clients[events[i].data.u32];
            const ssize_t n = read(client.fd(), buffer.data(), buffer.size());
            if (n > 0)
                client.take({buffer.data(), size_t(n)}, result);
            else if (n == 0 || errno != EAGAIN)
                fail("a stream ended");
        }
    }
    decode(result);
    if (result.ages_ms.empty())
        fail("no stamped picture came");
    std::sort(result.ages_ms.begin(), result.ages_ms.end());
    double least = 1e9, sum = 0;
    for (const Client &c : clients) {
        least = std::min(least, double(c.frames()) / seconds);
        sum += double(c.frames()) / seconds;
    }
    std::printf("{\"least_fps\": %.2f, \"mean_fps\": %.2f, \"p50_ms\": %.2f, \"p95_ms\": %.2f, "
                "\"ages\": %zu}\n",
                least, sum / count, quantile(result.ages_ms, 0.5), quantile(result.ages_ms, 0.95),
                result.ages_ms.size());
    return 0;
}
