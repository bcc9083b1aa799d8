// SPDX-License-Identifier: LGPL-2.1-or-later
/// v4l2shim: LD_PRELOAD emulation of one V4L2 capture device, for any unmodified program.
///
/// open() of the emulated path gives one end of a socket pair. It is a real descriptor, so poll and
/// select need no help: a byte in the socket means that a frame is ready (POLLIN), an out-of-band
/// byte that an event is pending (POLLPRI). Buffers live in a memfd each; mmap() of the device goes
/// to it and EXPBUF hands out a copy of it. A thread named v4l2shim plays the DMA engine: whoever
/// measures a program's time subtracts that thread's.
///
/// Environment
///   V4L2SHIM_DEV=/dev/video0   path to emulate; one below a folder of the test's own is safest
///   V4L2SHIM_SIZE=1920x1080    the source's mode
///   V4L2SHIM_FPS=30            its rate; S_PARM may lower it
///   V4L2SHIM_MJPG=FILE         concatenated JPEGs, looped; enables MJPG
///   V4L2SHIM_YUYV=FILE         raw frames, looped, and so for every raw format; else drawn ones
///   V4L2SHIM_FORMATS=YUYV,NV12 what it offers, in order; else all with a file, and YUYV
///   V4L2SHIM_PAD=0             bytes behind each row
///   V4L2SHIM_EVENTS=1          0: SUBSCRIBE_EVENT fails
///   V4L2SHIM_TIMINGS=1         0: no DV timings, as a capture stick
///   V4L2SHIM_TIGHT=YU12        a format whose frames the driver makes one row too small
///   V4L2SHIM_EDID=0            most blocks of EDID it takes; 0: it has none, as a capture stick
///   V4L2SHIM_GONE=0            1: not there yet
///   V4L2SHIM_REFUSE=0          as the command refuse, from the beginning
///   V4L2SHIM_STATIC=1          always the first frame
///   V4L2SHIM_STAMP=1           stamp frames with CLOCK_REALTIME: a comment "TS=<20 digits>", in
///                              ns, in JPEG, else the barcode of lib/virtual/stamp.h
///   V4L2SHIM_CTL=PATH          AF_UNIX datagram socket that takes the commands below
///   V4L2SHIM_STATS=FILE        counters, written when a stream stops and at exit
///   V4L2SHIM_DEBUG=1           ioctls on standard error
///
/// Commands
///   signal 0|1   cable out, in             mode WxH[@FPS]  the source changes its mode
///   asleep 0|1   cable in, nothing sent    lock 0|1        no lock / lock
///   range 0|1    mode out of range / fine  fps N           static 0|1
///   stall MS     no frame for so long      broken N        the next N frames carry the error flag
///   fail 1       the stream breaks off     gone 0|1        the device vanishes, comes back
///   busy 0|1     another program has the buffers
///   refuse 0|1|2 takes all / fails to set a format / to start its stream
///   silent 0|1   no frames, whatever the signal
///   noise 0|1    frames go on without a signal
///   cut 0|1      JPEGs end in the middle     short 0|1     or after their first two bytes
///   scramble 0|1 JPEGs have their last third changed, but for the end marker
///   trail 0|1    JPEGs have other bytes behind their end marker
///   Several commands with a semicolon between them happen at once.
///
/// Not emulated: several planes, USERPTR, DMABUF import, read(), sysfs (v4l2-ctl and udev do not
/// see the device), direct system calls (libv4l2) and static programs.
#pragma once

#include <linux/videodev2.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define MAX_BUFS 32
#define MAX_FMTS 8
#define MAX_FDS 4096
#define COOKIE(index) ((off_t)((index) + 1) << 28) // mmap offset of a buffer
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

// One set of frames in one pixel format: a file mapped read-only, or a picture drawn when the
// format is chosen.
struct source {
    uint32_t fourcc;
    const char *file;
    uint8_t *data;
    size_t size;
    size_t *off; // start of frame i; off[n] is the end
    size_t n;
};

enum buf_state { BUF_IDLE, BUF_QUEUED, BUF_DONE };

struct buffer {
    int memfd;
    uint8_t *mem;
    size_t length;
    enum buf_state state;
    bool broken;
    uint32_t used, sequence;
    struct timespec ts;
};

// The device. There is one; every descriptor opened on the path shares it, as with a real driver.
struct device {
    pthread_mutex_t lock;
    pthread_cond_t ready; // a frame or an event, or streaming stopped
    pthread_once_t once;
    // configuration
    char path[256];
    unsigned width, height, fps, src_fps, pad;
    bool stamp, freeze, debug, events, timings;
    unsigned most_edid_blocks;
    const char *stats_file, *tight;
    struct source src[MAX_FMTS];
    unsigned n_src;
    struct source *cur;
    // what the computer sees
    uint8_t edid[4 * 128];
    unsigned edid_blocks;
    // what goes wrong
    bool signal, asleep, unlocked, beyond, gone, busy, failed, silent, noise;
    bool cut, shortened, scramble, trail;
    unsigned stall_ms, broken, refuse;
    // streaming
    struct buffer buf[MAX_BUFS];
    unsigned n_bufs;
    unsigned q[MAX_BUFS], qn, done[MAX_BUFS], dn; // FIFOs of buffer indices
    uint32_t sequence;
    bool streaming;
    pthread_t producer;
    // descriptors
    int app_end, dev_end; // the socket pair
    bool is_ours[MAX_FDS];
    unsigned n_fds;
    bool subscribed;
    unsigned n_events;
    int ctl;
    bool serving; // the command thread runs
    // counters
    uint64_t frames, dropped;
    double cpu;
};
extern struct device dev;

// The C library's own functions, behind ours.
int real_open(const char *path, int flags);
int real_close(int fd);
void *real_mmap(size_t length, int prot, int flags, int fd);

// config.c
bool is_device_path(const char *path);
void debugf(const char *format, ...);
void write_stats(void);
void serve_commands(void);

// source.c
extern const struct format {
    const char *name;
    uint32_t fourcc;
} formats[];
extern const size_t n_formats;
unsigned stride_of(uint32_t fourcc, unsigned width);
size_t size_of(uint32_t fourcc, unsigned width, unsigned height);
bool load_source(struct source *s);
void forget_source(struct source *s);
void stamp_raw(uint8_t *frame, uint32_t fourcc, uint64_t ns);
size_t put_frame(struct buffer *b, const uint8_t *frame, size_t size, uint64_t ns);

// stream.c, called with the lock held
void raise_frame(void);
void raise_source_change(void);
void hang_up(void);
void stop_streaming(void);
void free_buffers(void);
int do_reqbufs(struct v4l2_requestbuffers *r);
int do_querybuf(struct v4l2_buffer *v);
int do_qbuf(struct v4l2_buffer *v);
int do_dqbuf(struct v4l2_buffer *v, bool nonblock);
int do_expbuf(struct v4l2_exportbuffer *e);
int do_streamon(void);

// queries.c, called with the lock held
bool has_signal(void);
int device_ioctl(int fd, unsigned long cmd, void *arg);
