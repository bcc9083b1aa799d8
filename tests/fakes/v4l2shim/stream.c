// SPDX-License-Identifier: LGPL-2.1-or-later
// The emulated device's stream: the producer of frames, and the ioctls about buffers, which are
// called with the lock held and return 0 or a negative errno.
#define _GNU_SOURCE
#include "tests/fakes/v4l2shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

void raise_frame(void)
{
    (void)!send(dev.dev_end, "F", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    pthread_cond_broadcast(&dev.ready);
}

void raise_source_change(void)
{
    if (dev.subscribed && !dev.n_events) { // changes that nobody has read yet merge into one
        dev.n_events = 1;
        (void)!send(dev.dev_end, "E", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
        pthread_cond_broadcast(&dev.ready);
    }
}

// The device is pulled out: whoever polls it is told so, until all have closed it.
void hang_up(void)
{
    (void)shutdown(dev.dev_end, SHUT_RDWR);
    pthread_cond_broadcast(&dev.ready);
}

static double thread_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *produce(void *arg)
{
    (void)arg;
    prctl(PR_SET_NAME, "v4l2shim");
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    size_t i = 0;
    const double cpu0 = dev.cpu;

    pthread_mutex_lock(&dev.lock);
    while (dev.streaming) {
        next.tv_nsec += 1000000000 / dev.fps + (long)dev.stall_ms * 1000000 % 1000000000;
        next.tv_sec += dev.stall_ms / 1000 + next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        dev.stall_ms = 0;
        while (dev.streaming &&
               pthread_cond_clockwait(&dev.ready, &dev.lock, CLOCK_MONOTONIC, &next) != ETIMEDOUT)
            ;
        if (!dev.streaming)
            break;
        // No frames without a signal, nor after set_mode() took the raw frames
        // away: the program must restart streaming to follow the new mode.
        if ((!has_signal() && !dev.noise) || dev.silent || dev.failed || dev.gone || !dev.cur->n)
            continue;
        const uint32_t seq = dev.sequence++;
        if (!dev.qn) {
            ++dev.dropped;
            continue;
        }
        const unsigned index = dev.q[0];
        memmove(dev.q, dev.q + 1, --dev.qn * sizeof(dev.q[0]));
        struct buffer *const b = &dev.buf[index];
        const size_t k = (dev.freeze ? 0 : i++ % dev.cur->n);

        struct timespec real;
        clock_gettime(CLOCK_REALTIME, &real);
        b->used =
            put_frame(b, dev.cur->data + dev.cur->off[k], dev.cur->off[k + 1] - dev.cur->off[k],
                      real.tv_sec * 1000000000ull + real.tv_nsec);
        clock_gettime(CLOCK_MONOTONIC, &b->ts);
        b->sequence = seq;
        b->broken = dev.broken && dev.broken--;
        b->state = BUF_DONE;
        dev.done[dev.dn++] = index;
        ++dev.frames;
        dev.cpu = cpu0 + thread_cpu();
        raise_frame();
    }
    pthread_mutex_unlock(&dev.lock);
    return NULL;
}

static void drain_signals(void)
{
    char c[64];
    while (recv(dev.app_end, c, sizeof(c), MSG_DONTWAIT) > 0)
        ;
}

void stop_streaming(void)
{
    if (!dev.streaming)
        return;
    dev.streaming = false;
    pthread_cond_broadcast(&dev.ready);
    pthread_mutex_unlock(&dev.lock);
    pthread_join(dev.producer, NULL);
    pthread_mutex_lock(&dev.lock);
    for (unsigned i = 0; i < dev.n_bufs; ++i)
        dev.buf[i].state = BUF_IDLE;
    dev.qn = dev.dn = 0;
    dev.failed = false;
    drain_signals();
    write_stats();
}

void free_buffers(void)
{
    stop_streaming();
    for (unsigned i = 0; i < dev.n_bufs; ++i) {
        munmap(dev.buf[i].mem, dev.buf[i].length);
        real_close(dev.buf[i].memfd);
    }
    dev.n_bufs = dev.qn = dev.dn = 0;
}

int do_reqbufs(struct v4l2_requestbuffers *r)
{
    if (r->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return -EINVAL;
    r->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS;
    if (r->memory != V4L2_MEMORY_MMAP)
        return -EINVAL;
    if (dev.streaming && r->count)
        return -EBUSY;
    if (dev.busy && r->count)
        return -EBUSY;
    free_buffers();
    if (r->count > MAX_BUFS)
        r->count = MAX_BUFS;
    const size_t page = sysconf(_SC_PAGESIZE);
    const size_t length =
        (size_of(dev.cur->fourcc, dev.width, dev.height) + page - 1) / page * page;
    for (unsigned i = 0; i < r->count; ++i) {
        const int fd = memfd_create("v4l2shim", MFD_CLOEXEC);
        if (fd < 0 || ftruncate(fd, length) < 0)
            return -ENOMEM;
        uint8_t *const mem =
            real_mmap(length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd);
        if (mem == MAP_FAILED)
            return -ENOMEM;
        dev.buf[i] = (struct buffer){.memfd = fd, .mem = mem, .length = length};
        dev.n_bufs = i + 1;
    }
    return 0;
}

static void fill_buf(struct v4l2_buffer *v, unsigned index)
{
    const struct buffer *const b = &dev.buf[index];
    const uint32_t type = v->type;
    memset(v, 0, sizeof(*v));
    v->type = type;
    v->index = index;
    v->memory = V4L2_MEMORY_MMAP;
    v->m.offset = (uint32_t)COOKIE(index);
    v->length = b->length;
    v->field = V4L2_FIELD_NONE;
    v->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_MAPPED |
               (b->state == BUF_QUEUED ? V4L2_BUF_FLAG_QUEUED : 0) |
               (b->state == BUF_DONE ? V4L2_BUF_FLAG_DONE : 0) |
               (b->broken ? V4L2_BUF_FLAG_ERROR : 0);
    v->bytesused = b->used;
    v->sequence = b->sequence;
    v->timestamp.tv_sec = b->ts.tv_sec;
    v->timestamp.tv_usec = b->ts.tv_nsec / 1000;
}

int do_querybuf(struct v4l2_buffer *v)
{
    if (v->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || v->index >= dev.n_bufs)
        return -EINVAL;
    fill_buf(v, v->index);
    return 0;
}

int do_qbuf(struct v4l2_buffer *v)
{
    if (v->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || v->index >= dev.n_bufs ||
        v->memory != V4L2_MEMORY_MMAP || dev.buf[v->index].state != BUF_IDLE)
        return -EINVAL;
    dev.buf[v->index].state = BUF_QUEUED;
    dev.q[dev.qn++] = v->index;
    v->flags |= V4L2_BUF_FLAG_QUEUED;
    return 0;
}

int do_dqbuf(struct v4l2_buffer *v, bool nonblock)
{
    if (v->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || v->memory != V4L2_MEMORY_MMAP)
        return -EINVAL;
    if (dev.failed)
        return -EIO;
    while (!dev.dn) {
        if (!dev.streaming)
            return -EINVAL;
        if (nonblock)
            return -EAGAIN;
        pthread_cond_wait(&dev.ready, &dev.lock);
    }
    const unsigned index = dev.done[0];
    memmove(dev.done, dev.done + 1, --dev.dn * sizeof(dev.done[0]));
    char c;
    (void)!recv(dev.app_end, &c, 1, MSG_DONTWAIT);
    dev.buf[index].state = BUF_IDLE;
    fill_buf(v, index);
    return 0;
}

int do_expbuf(struct v4l2_exportbuffer *e)
{
    if (e->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || e->index >= dev.n_bufs)
        return -EINVAL;
    const int fd = fcntl(dev.buf[e->index].memfd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    e->fd = fd;
    return 0;
}

int do_streamon(void)
{
    if (dev.streaming)
        return 0;
    if (!dev.n_bufs)
        return -EINVAL;
    if (dev.refuse == 2)
        return -ENOSPC; // as a USB bus without bandwidth left
    if (!dev.cur->n && !load_source(dev.cur))
        return -EIO;
    dev.streaming = true;
    dev.sequence = 0;
    return -pthread_create(&dev.producer, NULL, produce, NULL);
}
