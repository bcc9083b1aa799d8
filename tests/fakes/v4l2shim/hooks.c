// SPDX-License-Identifier: LGPL-2.1-or-later
// The C library's calls that a V4L2 program makes, with the emulated device behind them.
#undef _FILE_OFFSET_BITS // with it, open() would be open64() here
#define _GNU_SOURCE
#include "tests/fakes/v4l2shim/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define REAL(ret, name, ...)                                                                       \
    static ret (*next_##name)(__VA_ARGS__);                                                        \
    static ret (*get_##name(void))(__VA_ARGS__)                                                    \
    {                                                                                              \
        if (!next_##name)                                                                          \
            *(void **)&next_##name = dlsym(RTLD_NEXT, #name);                                      \
        return next_##name;                                                                        \
    }

REAL(int, open64, const char *, int, ...)
REAL(int, openat64, int, const char *, int, ...)
REAL(int, close, int)
REAL(int, dup, int)
REAL(int, ioctl, int, unsigned long, ...)
REAL(void *, mmap64, void *, size_t, int, int, int, off64_t)
REAL(int, access, const char *, int)
REAL(int, faccessat, int, const char *, int, int)
REAL(int, stat64, const char *, struct stat64 *)
REAL(int, lstat64, const char *, struct stat64 *)
REAL(int, fstat64, int, struct stat64 *)
REAL(int, fstatat64, int, const char *, struct stat64 *, int)

int real_open(const char *path, int flags)
{
    return get_open64()(path, flags);
}

int real_close(int fd)
{
    return get_close()(fd);
}

void *real_mmap(size_t length, int prot, int flags, int fd)
{
    return get_mmap64()(NULL, length, prot, flags, fd, 0);
}

static bool is_device_fd(int fd)
{
    return fd >= 0 && fd < MAX_FDS && dev.is_ours[fd];
}

// A capture device never polls as writable, so the program's side of the pair
// is stuffed until it blocks; nobody reads it.
static void make_unwritable(int fd)
{
    static const char junk[512];
    const int small = 1;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    while (send(fd, junk, sizeof(junk), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        ;
}

static int open_device(int flags)
{
    pthread_mutex_lock(&dev.lock);
    int fd = -1;
    serve_commands();
    if (dev.gone) {
        pthread_mutex_unlock(&dev.lock);
        errno = ENODEV;
        return -1;
    }
    if (dev.app_end < 0) {
        int sv[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == 0) {
            dev.app_end = sv[0];
            dev.dev_end = sv[1];
            make_unwritable(dev.app_end);
        }
    }
    if (dev.app_end >= 0)
        fd = fcntl(dev.app_end, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0 && fd < MAX_FDS) {
        // The status flags are shared by all duplicates, so the last open()
        // decides; recv() here never relies on them.
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
        if (flags & O_NONBLOCK)
            fcntl(fd, F_SETFL, O_NONBLOCK);
        dev.is_ours[fd] = true;
        ++dev.n_fds;
    }
    pthread_mutex_unlock(&dev.lock);
    debugf("v4l2shim: open -> %d\n", fd);
    return fd;
}

EXPORT int open64(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    const mode_t mode = va_arg(ap, mode_t);
    va_end(ap);
    return is_device_path(path) ? open_device(flags) : get_open64()(path, flags, mode);
}

EXPORT int openat64(int at, const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    const mode_t mode = va_arg(ap, mode_t);
    va_end(ap);
    return is_device_path(path) ? open_device(flags) : get_openat64()(at, path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...) __attribute__((alias("open64")));
EXPORT int openat(int at, const char *path, int flags, ...) __attribute__((alias("openat64")));

EXPORT int __open64_2(const char *path, int flags)
{
    return is_device_path(path) ? open_device(flags) : get_open64()(path, flags);
}

EXPORT int __open_2(const char *path, int flags) __attribute__((alias("__open64_2")));

EXPORT int close(int fd)
{
    if (is_device_fd(fd)) {
        pthread_mutex_lock(&dev.lock);
        dev.is_ours[fd] = false;
        if (--dev.n_fds == 0) {
            free_buffers();
            dev.subscribed = false;
            dev.n_events = 0;
            get_close()(dev.app_end);
            get_close()(dev.dev_end);
            dev.app_end = dev.dev_end = -1;
        }
        pthread_mutex_unlock(&dev.lock);
    }
    return get_close()(fd);
}

EXPORT int dup(int fd)
{
    const int copy = get_dup()(fd);
    if (is_device_fd(fd) && copy >= 0 && copy < MAX_FDS) {
        pthread_mutex_lock(&dev.lock);
        dev.is_ours[copy] = true;
        ++dev.n_fds;
        pthread_mutex_unlock(&dev.lock);
    }
    return copy;
}

EXPORT int ioctl(int fd, unsigned long cmd, ...)
{
    va_list ap;
    va_start(ap, cmd);
    void *const arg = va_arg(ap, void *);
    va_end(ap);
    if (!is_device_fd(fd))
        return get_ioctl()(fd, cmd, arg);
    cmd &= 0xFFFFFFFFul; // callers that keep it in an int sign-extend it
    pthread_mutex_lock(&dev.lock);
    const int rc = device_ioctl(fd, cmd, arg);
    pthread_mutex_unlock(&dev.lock);
    debugf("v4l2shim: ioctl 'V' %lu -> %d\n", cmd & 0xFF, rc);
    if (rc < 0) {
        errno = -rc;
        return -1;
    }
    return 0;
}

EXPORT void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off64_t off)
{
    if (is_device_fd(fd)) {
        const off64_t index = (off >> 28) - 1;
        if (index < 0 || index >= dev.n_bufs) {
            errno = EINVAL;
            return MAP_FAILED;
        }
        fd = dev.buf[index].memfd;
        off &= (1 << 28) - 1;
    }
    return get_mmap64()(addr, len, prot, flags, fd, off);
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
    __attribute__((alias("mmap64")));

static int stat_device(struct stat64 *st)
{
    memset(st, 0, sizeof(*st));
    st->st_mode = S_IFCHR | 0660;
    st->st_nlink = 1;
    st->st_rdev = makedev(81, 0);
    return 0;
}

EXPORT int access(const char *path, int mode)
{
    return is_device_path(path) ? 0 : get_access()(path, mode);
}

EXPORT int faccessat(int at, const char *path, int mode, int flags)
{
    return is_device_path(path) ? 0 : get_faccessat()(at, path, mode, flags);
}

EXPORT int stat64(const char *path, struct stat64 *st)
{
    return is_device_path(path) ? stat_device(st) : get_stat64()(path, st);
}

EXPORT int lstat64(const char *path, struct stat64 *st)
{
    return is_device_path(path) ? stat_device(st) : get_lstat64()(path, st);
}

EXPORT int fstat64(int fd, struct stat64 *st)
{
    return is_device_fd(fd) ? stat_device(st) : get_fstat64()(fd, st);
}

EXPORT int fstatat64(int at, const char *path, struct stat64 *st, int flags)
{
    return is_device_path(path) ? stat_device(st) : get_fstatat64()(at, path, st, flags);
}

// struct stat and struct stat64 are the same on 64-bit Linux.
_Static_assert(sizeof(off_t) == 8, "the aliases below need a 64-bit target");
EXPORT int stat(const char *path, struct stat *st)
{
    return stat64(path, (struct stat64 *)st);
}
EXPORT int lstat(const char *path, struct stat *st)
{
    return lstat64(path, (struct stat64 *)st);
}
EXPORT int fstat(int fd, struct stat *st)
{
    return fstat64(fd, (struct stat64 *)st);
}
EXPORT int fstatat(int at, const char *path, struct stat *st, int flags)
{
    return fstatat64(at, path, (struct stat64 *)st, flags);
}