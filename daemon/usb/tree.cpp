// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/tree.h"

#include "lib/base/fd.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <glib.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace panto::usb
{

namespace
{

constexpr char kConfigfs[] = "/sys/kernel/config";
constexpr char kGadgets[] = "/sys/kernel/config/usb_gadget";
constexpr size_t kPage = 4096; // no attribute holds more

Result<> done(int returned, const char *what, const std::string &path)
{
    return returned == 0 ? ok : Result<>{tree_error(what, path, errno)};
}

/// The kernel's own loader, without a shell; what it says is of no use. False when it fails.
bool modprobe(const char *option, const char *module)
{
    const char *argv[] = {"modprobe", option, module, nullptr};
    const char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", nullptr};
    constexpr auto kQuiet = GSpawnFlags(G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_STDOUT_TO_DEV_NULL |
                                        G_SPAWN_STDERR_TO_DEV_NULL);
    int status = -1;
    return g_spawn_sync(nullptr, const_cast<char **>(argv), const_cast<char **>(environment),
                        kQuiet, nullptr, nullptr, nullptr, nullptr, &status, nullptr) &&
           status == 0;
}

} // namespace

Error tree_error(const std::string &what, const std::string &path, int code)
{
    const Kind kind = code == EACCES || code == EPERM || code == EROFS ? Kind::Denied
                      : code == EBUSY                                  ? Kind::Busy
                      : code == ENOENT || code == ENODEV               ? Kind::NotFound
                                                                       : Kind::Unavailable;
    return Error{kind, "cannot " + what + " " + path + ": " + std::strerror(code), code};
}

bool KernelTree::exists(const std::string &path) const
{
    struct stat st = {};
    return ::lstat(path.c_str(), &st) == 0;
}

std::vector<std::string> KernelTree::list(const std::string &folder) const
{
    std::vector<std::string> names;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator{folder, error})
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

bool KernelTree::may_write(const std::string &path) const
{
    return ::access(path.c_str(), W_OK) == 0;
}

bool KernelTree::has_module(const std::string &name) const
{
    return exists("/sys/module/" + name) || modprobe("-nq", name.c_str());
}

Result<std::string> KernelTree::read(const std::string &path) const
{
    const Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd)
        return tree_error("read", path, errno);
    char page[kPage];
    const ssize_t n = ::read(fd.get(), page, sizeof page);
    if (n < 0)
        return tree_error("read", path, errno);
    std::string text{page, size_t(n)};
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

Result<> KernelTree::write(const std::string &path, const std::string &value)
{
    const Fd fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!fd)
        return tree_error("write", path, errno);
    const std::string text = value.empty() ? "\n" : value; // else the kernel hears nothing
    if (::write(fd.get(), text.data(), text.size()) != ssize_t(text.size()))
        return tree_error("write", path, errno);
    return ok;
}

Result<> KernelTree::make_folder(const std::string &path)
{
    return done(::mkdir(path.c_str(), 0755), "make", path);
}

Result<> KernelTree::remove_folder(const std::string &path)
{
    return done(::rmdir(path.c_str()), "remove", path);
}

Result<> KernelTree::link(const std::string &target, const std::string &path)
{
    return done(::symlink(target.c_str(), path.c_str()), "link", path);
}

Result<> KernelTree::unlink(const std::string &path)
{
    return done(::unlink(path.c_str()), "unlink", path);
}

void KernelTree::prepare()
{
    if (exists(kGadgets))
        return;
    (void)modprobe("-q", "libcomposite"); // what is there then counts
    if (!exists(kGadgets))
        ::mount("none", kConfigfs, "configfs", 0, nullptr);
}

Result<Tree::Held> KernelTree::hold(const std::string &folder)
{
    auto fd = std::make_shared<Fd>(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!*fd)
        return tree_error("open", folder, errno);
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0)
        return tree_error("hold", folder, errno == EWOULDBLOCK ? EBUSY : errno);
    return Held{std::move(fd)};
}

void KernelTree::wait_a_moment()
{
    ::poll(nullptr, 0, 50);
}

} // namespace panto::usb
