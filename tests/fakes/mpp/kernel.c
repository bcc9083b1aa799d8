// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stands in for Rockchip's kernel, so that the vendor's unmodified library runs on a PC: LD_PRELOAD
 * it. It answers for /proc/device-tree/compatible, /dev/mpp_service and /dev/dma_heap.
 * Configuration, headers, kinds of frames and threads are then the library's own; the slices are
 * not: their bytes are whatever the memory held.
 *
 * Options  KERNEL_SOC (rk3588), KERNEL_FRAME_MS (3) that a picture takes, KERNEL_LENGTH (600), the
 *          bytes of each slice, KERNEL_FAIL_EVERY (0)
 * Source   linux-rockchip develop-5.10: mpp_common.h (commands, requests); linux/dma-heap.h
 */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS /* by which open() would be another name of open64() */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096, READS = 16 };
enum kind { OTHER, SERVICE, HEAP };
enum command {
    QUERY_HW_SUPPORT = 0x000,
    QUERY_HW_ID = 0x001,
    INIT_CLIENT_TYPE = 0x100,
    SET_REG_WRITE = 0x200,
    SET_REG_READ = 0x201,
    POLL_HW_FINISH = 0x300,
    POLL_HW_IRQ = 0x301,
};
enum flag { MULTI_MSG = 1, LAST_MSG = 2 };

struct request {
    uint32_t command, flags, size, offset;
    uint64_t data;
};

/* What the library wants to read of the registers once a picture is done. */
struct client {
    enum kind kind;
    int count;
    struct {
        uint64_t data;
        uint32_t size;
    } reads[READS];
};

static struct client clients[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long option(const char *name, long otherwise)
{
    const char *value = getenv(name);
    return value ? strtol(value, NULL, 0) : otherwise;
}

static const char *soc(void)
{
    const char *value = getenv("KERNEL_SOC");
    return value ? value : "rk3588";
}

static int memory_file(const char *name, const void *data, size_t size)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0 && size && write(fd, data, size) == (ssize_t)size)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* A descriptor for what is answered for here; -2 for anything else. */
static int opened(const char *path)
{
    if (!strcmp(path, "/proc/device-tree/compatible")) {
        char text[64];
        int length = snprintf(text, sizeof(text), "rockchip,%s", soc());
        return memory_file("compatible", text, (size_t)length + 1);
    }
    enum kind kind = !strcmp(path, "/dev/mpp_service")      ? SERVICE
                     : !strncmp(path, "/dev/dma_heap/", 14) ? HEAP
                                                            : OTHER;
    if (kind == OTHER)
        return -2;
    int fd = memory_file("device", NULL, 0);
    if (fd >= 0 && fd < DESCRIPTORS) {
        pthread_mutex_lock(&lock);
        clients[fd] = (struct client){.kind = kind};
        pthread_mutex_unlock(&lock);
    }
    return fd;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        static int (*real)(const char *, int, ...);                                                \
        if (!real)                                                                                 \
            real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);                       \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        int mode = va_arg(rest, int);                                                              \
        va_end(rest);                                                                              \
        int fd = opened(path);                                                                     \
        return fd == -2 ? real(path, flags, mode) : fd;                                            \
    }
OPEN(open)
OPEN(open64)

int access(const char *path, int mode)
{
    static int (*real)(const char *, int);
    if (!real)
        real = (int (*)(const char *, int))dlsym(RTLD_NEXT, "access");
    if (!strcmp(path, "/dev/mpp_service") || !strncmp(path, "/dev/dma_heap", 13))
        return 0;
    return real(path, mode);
}

int close(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < DESCRIPTORS)
        clients[fd].kind = OTHER;
    return real(fd);
}

/* The picture is done: each register that is read says so, or how long its slice is. */
static int finish(struct client *client)
{
    static unsigned pictures;
    struct timespec time = {0, option("KERNEL_FRAME_MS", 3) * 1000000L};
    nanosleep(&time, NULL);
    for (int i = 0; i < client->count; ++i) {
        uint32_t *words = (uint32_t *)(uintptr_t)client->reads[i].data;
        uint32_t size = client->reads[i].size;
        memset(words, 0, size);
        words[0] = size == 4 ? 1 : (uint32_t)option("KERNEL_LENGTH", 600);
    }
    client->count = 0;
    unsigned count = __atomic_add_fetch(&pictures, 1, __ATOMIC_RELAXED);
    long every = option("KERNEL_FAIL_EVERY", 0);
    if (every && count % (unsigned)every == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    return 0;
}

static int serve(struct client *client, const struct request *r)
{
    for (;; ++r) {
        uint32_t *data = (uint32_t *)(uintptr_t)r->data;
        switch (r->command) {
        case QUERY_HW_SUPPORT: /* a bit for each kind of codec that the chip has */
            *data = strstr(soc(), "3588") ? 0x000d0000u : 0x00050000u;
            break;
        case QUERY_HW_ID:
            *data = 0x50603312;
            break;
        case SET_REG_WRITE:
            if (!(r->flags & MULTI_MSG))
                client->count = 0;
            break;
        case SET_REG_READ:
            if (client->count < READS) {
                client->reads[client->count].data = r->data;
                client->reads[client->count++].size = r->size;
            }
            break;
        case POLL_HW_FINISH:
        case POLL_HW_IRQ:
            if (finish(client))
                return -1;
            break;
        case INIT_CLIENT_TYPE:
        default:
            break;
        }
        if (!(r->flags & MULTI_MSG) || (r->flags & LAST_MSG))
            return 0;
    }
}

static int allocate(struct dma_heap_allocation_data *wish)
{
    int fd = memory_file("dmabuf", NULL, 0);
    if (fd < 0 || ftruncate(fd, (off_t)wish->len))
        return -1;
    wish->fd = (uint32_t)fd;
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, ...);
    if (!real)
        real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    va_list rest;
    va_start(rest, request);
    void *data = va_arg(rest, void *);
    va_end(rest);
    enum kind kind = fd >= 0 && fd < DESCRIPTORS ? clients[fd].kind : OTHER;
    unsigned type = (unsigned)(request >> 8 & 0xff);
    if (kind == SERVICE && type == 'v')
        return serve(&clients[fd], data);
    if (kind == HEAP && type == 'H')
        return allocate(data);
    if (type == 'b') /* DMA_BUF_IOCTL_SYNC and its like, of what is a memfd here */
        return 0;
    return real(fd, request, data);
}
