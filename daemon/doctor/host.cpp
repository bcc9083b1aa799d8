// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/host.h"

#include "daemon/doctor/processes.h"
#include "lib/base/fd.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

namespace panto::doctor
{

namespace
{

constexpr time_t kBuiltAfter = 1767225600; // 2026-01-01: a clock before that has lost its battery
constexpr int kRenewDays = 30;

/// Binds as the daemon would; 0 or errno.
int try_port(const std::string &host, unsigned port)
{
    const bool v6 = host.empty() || host.find(':') != std::string::npos;
    const Fd socket{::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket)
        return errno;
    const int on = 1, off = 0;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in6 six{};
    sockaddr_in four{};
    six.sin6_family = AF_INET6;
    six.sin6_port = four.sin_port = htons(uint16_t(port));
    four.sin_family = AF_INET;
    if (host.empty())
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    else if (::inet_pton(v6 ? AF_INET6 : AF_INET, host.c_str(),
                         v6 ? static_cast<void *>(&six.sin6_addr) : &four.sin_addr) != 1)
        return EINVAL;
    const auto *address =
        v6 ? reinterpret_cast<const sockaddr *>(&six) : reinterpret_cast<const sockaddr *>(&four);
    if (::bind(socket.get(), address, v6 ? sizeof six : sizeof four) != 0)
        return errno;
    return ::listen(socket.get(), 1) == 0 ? 0 : errno;
}

std::string size_text(uint64_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MB", double(bytes) / 1e6);
    return text;
}

/// `key` is the setting that names the port.
Finding examine_port(const std::string &host, unsigned port, const std::string &key)
{
    const std::string name = (host.empty() ? "*" : host) + ":" + std::to_string(port);
    const int error = try_port(host, port);
    if (error == 0)
        return good("port", name + " is free");
    const std::string what = name + ": " + std::strerror(error);
    if (error == EACCES)
        return broken("port", what,
                      "give pantographd CAP_NET_BIND_SERVICE, or set " + key + " to 1024 or more");
    if (error == EADDRNOTAVAIL)
        return broken("port", what, "set host to an address that this machine has, or to \"\"");
    if (error != EADDRINUSE)
        return broken("port", what, "set host and " + key + " to what this machine can listen on");
    const auto holders = listeners_on(port);
    if (!holders.empty() && std::all_of(holders.begin(), holders.end(),
                                        [](auto &h) { return h.name == "pantographd"; }))
        return good("port", name + ": " + text_of(holders) + " listens");
    return broken("port", name + " is in use" + (holders.empty() ? "" : " by " + text_of(holders)),
                  "end that program, or set " + key + " to another port");
}

} // namespace

Finding examine_settings(const std::vector<std::string> &left_out)
{
    if (left_out.empty())
        return good("settings", "all that the configuration says is used");
    std::string what;
    for (const std::string &line : left_out)
        what += (what.empty() ? "" : " | ") + line;
    return warning("settings", what, "mend or remove those lines");
}

Finding examine_ports(const config::Server &server)
{
    Finding http = examine_port(server.host, server.http_port, "port.http");
    if (server.proto != "https" || http.state == State::Broken)
        return http;
    if (server.http_port == server.https_port)
        return broken("port",
                      "port.http and port.https are both " + std::to_string(server.http_port),
                      "set one of them to another port");
    Finding https = examine_port(server.host, server.https_port, "port.https");
    if (https.state == State::Ok)
        https.what = http.what + ", " + https.what;
    return https;
}

Finding examine_certificate(const config::Server &server, const tls::Files &files)
{
    if (server.proto != "https")
        return absent("certificate", "pages are served over http");
    const auto days = tls::days_left(files);
    const bool none = ::access(files.certificate.c_str(), F_OK) != 0 && errno == ENOENT;
    if (!days && none)
        return warning("certificate", days.error().message,
                       "pantographd makes a certificate when it starts without one");
    if (!days)
        return broken("certificate", days.error().message,
                      days.error().kind == Kind::Timeout
                          ? "renew it, or set this machine's clock"
                          : "set cert.crt and cert.key to a certificate and its key, in PEM");
    const std::string left = files.certificate + " is good for " + std::to_string(*days) + " days";
    return *days < kRenewDays ? warning("certificate", left, "renew it")
                              : good("certificate", left);
}

Finding examine_folder(const std::string &link, const std::string &folder, uint64_t least_free)
{
    struct statvfs fs;
    if (::statvfs(folder.c_str(), &fs) != 0)
        return broken(link, folder + ": " + std::strerror(errno), "make that folder");
    if (std::error_code ignored; !std::filesystem::is_directory(folder, ignored))
        return broken(link, folder + " is no folder", "put a folder in its place");
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        return broken(link, folder + ": " + std::strerror(errno),
                      errno == EROFS ? "mount that file system for writing"
                                     : "let the user that pantographd runs as write there");
    const uint64_t left = uint64_t(fs.f_bavail) * fs.f_frsize;
    const std::string what = folder + ": " + size_text(left) + " left";
    if (fs.f_files > 0 && fs.f_favail == 0)
        return broken(link, folder + ": no inodes left", "remove files there");
    if (left < least_free)
        return broken(link, what, "remove files there: " + size_text(least_free) + " are needed");
    return good(link, what);
}

Finding examine_clock()
{
    const time_t now = ::time(nullptr);
    char text[32];
    tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
    if (now < kBuiltAfter)
        return broken("clock", std::string{text} + " is long past",
                      "set the time, or let it be set from the network (timedatectl set-ntp true)");
    timex state{};
    if (::adjtimex(&state) < 0 || (state.status & STA_UNSYNC))
        return warning("clock", std::string{text} + ", not synchronized",
                       "let it be set from the network (timedatectl set-ntp true)");
    return good("clock", text);
}

} // namespace panto::doctor
