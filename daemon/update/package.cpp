// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/update/package.h"

#include "daemon/update/manifest.h"
#include "lib/base/fd.h"
#include "lib/base/owned.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <glib.h>
#include <unistd.h>

namespace panto::update
{

namespace
{

constexpr mode_t kOursOnly = 0600;

} // namespace

/// Used by one thread at a time: each block is waited for.
struct Package::File {
    explicit File(std::string where) : path{std::move(where)} {}
    ~File()
    {
        if (!kept && fd)
            unlink(path.c_str());
    }

    void fail(const char *what)
    {
        if (failed)
            failed = Error{Kind::Unavailable, std::string{"cannot "} + what + " " + path + ": " +
                                                  std::strerror(errno)};
    }
    void open()
    {
        std::error_code ignored; // opening says what is wrong
        std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
        fd = Fd{
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kOursOnly)};
        if (!fd)
            fail("make");
    }
    void write(const std::string &block)
    {
        if (!fd && failed)
            open();
        size += block.size();
        if (failed && size > kMostPackageBytes)
            failed = Error{Kind::Invalid, "a package has 1 GiB at the most"};
        for (size_t at = 0; failed && at < block.size();) {
            const ssize_t n = ::write(fd.get(), block.data() + at, block.size() - at);
            if (n < 0 && errno != EINTR)
                fail("write");
            at += n > 0 ? size_t(n) : 0;
        }
        const auto *bytes = reinterpret_cast<const guchar *>(block.data());
        g_checksum_update(sha256.get(), bytes, gssize(block.size()));
        g_checksum_update(sha512.get(), bytes, gssize(block.size()));
    }
    Result<std::string> finish(const Expected &expected)
    {
        if (failed && (!fd || fsync(fd.get()) != 0))
            fail("write");
        if (!failed)
            return failed.error();
        if (expected.size_bytes && expected.size_bytes != size)
            return Error{Kind::Invalid, "size mismatch", EBADMSG};
        const auto differs = [](const std::string &wanted, GChecksum *is) {
            return !wanted.empty() &&
                   g_ascii_strcasecmp(wanted.c_str(), g_checksum_get_string(is)) != 0;
        };
        if (differs(expected.sha256, sha256.get()))
            return Error{Kind::Invalid, "sha256 checksum mismatch", EBADMSG};
        if (differs(expected.sha512, sha512.get()))
            return Error{Kind::Invalid, "sha512 checksum mismatch", EBADMSG};
        kept = true;
        return path;
    }

    std::string path;
    Fd fd;
    uint64_t size = 0;
    Owned<GChecksum, g_checksum_free> sha256{g_checksum_new(G_CHECKSUM_SHA256)};
    Owned<GChecksum, g_checksum_free> sha512{g_checksum_new(G_CHECKSUM_SHA512)};
    Result<> failed = ok;
    bool kept = false;
};

Package::Package(const std::string &path) : file_{std::make_shared<File>(path)} {}
Package::~Package() = default;

void Package::take(std::string block, std::function<void()> taken)
{
    offload([file = file_, block = std::move(block)] { return file->write(block), 0; },
            [taken = std::move(taken)](int) { taken(); });
}

void Package::finish(const Expected &expected, Done<std::string> done)
{
    offload([file = file_, expected] { return file->finish(expected); }, std::move(done));
}

} // namespace panto::update
