// SPDX-License-Identifier: LGPL-2.1-or-later
// The emulated device's configuration, and the commands that change it while it runs.
#define _GNU_SOURCE
#include "tests/fakes/v4l2shim/shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct device dev = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .ready = PTHREAD_COND_INITIALIZER,
    .once = PTHREAD_ONCE_INIT,
    .app_end = -1,
    .dev_end = -1,
    .ctl = -1,
};

void debugf(const char *format, ...)
{
    if (!dev.debug)
        return;
    va_list ap;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
}

void write_stats(void)
{
    FILE *const f = (dev.stats_file ? fopen(dev.stats_file, "we") : NULL);
    if (!f)
        return;
    fprintf(f, "frames %llu\ndropped %llu\nproducer_cpu_s %.3f\n", (unsigned long long)dev.frames,
            (unsigned long long)dev.dropped, dev.cpu);
    fclose(f);
}

static void add_source(uint32_t fourcc, const char *file)
{
    const bool drawable = (fourcc != V4L2_PIX_FMT_MJPEG); // without a file
    if (dev.n_src < MAX_FMTS && (file || drawable))
        dev.src[dev.n_src++] = (struct source){.fourcc = fourcc, .file = file};
}

static const char *source_file(const char *name)
{
    char var[32];
    snprintf(var, sizeof(var), "V4L2SHIM_%s", name);
    return getenv(var);
}

static unsigned number(const char *variable, unsigned otherwise)
{
    const char *const s = getenv(variable);
    return s ? (unsigned)atoi(s) : otherwise;
}

static void init_device(void)
{
    const char *s;
    snprintf(dev.path, sizeof(dev.path), "%s", (s = getenv("V4L2SHIM_DEV")) ? s : "/dev/video0");
    if (!(s = getenv("V4L2SHIM_SIZE")) || sscanf(s, "%ux%u", &dev.width, &dev.height) != 2)
        dev.width = 1920, dev.height = 1080;
    dev.src_fps = ((s = getenv("V4L2SHIM_FPS")) && atoi(s) > 0 ? atoi(s) : 30);
    dev.fps = dev.src_fps;
    dev.stamp = number("V4L2SHIM_STAMP", 0);
    dev.freeze = number("V4L2SHIM_STATIC", 0);
    dev.debug = number("V4L2SHIM_DEBUG", 0);
    dev.pad = number("V4L2SHIM_PAD", 0);
    dev.events = number("V4L2SHIM_EVENTS", 1);
    dev.timings = number("V4L2SHIM_TIMINGS", 1);
    dev.most_edid_blocks = number("V4L2SHIM_EDID", 0);
    dev.stats_file = getenv("V4L2SHIM_STATS");
    dev.tight = getenv("V4L2SHIM_TIGHT");
    dev.signal = true;
    dev.gone = number("V4L2SHIM_GONE", 0);
    dev.refuse = number("V4L2SHIM_REFUSE", 0);

    const char *const list = getenv("V4L2SHIM_FORMATS");
    if (list) {
        char copy[128], *save = NULL;
        snprintf(copy, sizeof(copy), "%s", list);
        for (char *t = strtok_r(copy, ",", &save); t; t = strtok_r(NULL, ",", &save))
            for (size_t i = 0; i < n_formats; ++i)
                if (!strcasecmp(t, formats[i].name))
                    add_source(formats[i].fourcc, source_file(formats[i].name));
    } else {
        bool yuyv = false;
        for (size_t i = 0; i < n_formats; ++i) {
            const char *const file = source_file(formats[i].name);
            if (file) {
                add_source(formats[i].fourcc, file);
                yuyv |= (formats[i].fourcc == V4L2_PIX_FMT_YUYV);
            }
        }
        if (!yuyv)
            add_source(V4L2_PIX_FMT_YUYV, NULL);
    }
    if (!dev.n_src)
        add_source(V4L2_PIX_FMT_YUYV, source_file("YUYV"));
    dev.cur = &dev.src[0];
    atexit(write_stats);
}

bool is_device_path(const char *path)
{
    pthread_once(&dev.once, init_device);
    return path && !strcmp(path, dev.path);
}

// Called with the lock held by the command thread.
static void set_mode(unsigned w, unsigned h, unsigned fps)
{
    dev.width = w;
    dev.height = h;
    if (fps)
        dev.src_fps = dev.fps = fps;
    // Frames already mapped keep their size; files of raw frames cannot follow,
    // so these formats fall back to the built-in picture.
    for (unsigned i = 0; i < dev.n_src; ++i)
        if (dev.src[i].fourcc != V4L2_PIX_FMT_MJPEG)
            forget_source(&dev.src[i]);
    raise_source_change();
}

static bool set_flag(const char *word, unsigned value)
{
    const struct {
        const char *word;
        bool *flag;
        bool inverted, tells;
    } flags[] = {
        {"signal", &dev.signal, false, true},      {"asleep", &dev.asleep, false, true},
        {"lock", &dev.unlocked, true, true},       {"range", &dev.beyond, true, true},
        {"static", &dev.freeze, false, false},     {"busy", &dev.busy, false, false},
        {"fail", &dev.failed, false, false},       {"gone", &dev.gone, false, false},
        {"cut", &dev.cut, false, false},           {"short", &dev.shortened, false, false},
        {"scramble", &dev.scramble, false, false}, {"silent", &dev.silent, false, false},
        {"noise", &dev.noise, false, false},       {"trail", &dev.trail, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(flags); ++i) {
        if (strcmp(word, flags[i].word))
            continue;
        *flags[i].flag = flags[i].inverted ? !value : value;
        if (flags[i].tells)
            raise_source_change();
        return true;
    }
    return false;
}

static void handle_command(const char *c)
{
    char word[16];
    unsigned a = 0, b = 0, d = 0;
    if (sscanf(c, "mode %ux%u@%u", &a, &b, &d) >= 2) {
        set_mode(a, b, d);
        return;
    }
    if (sscanf(c, "%15s %u", word, &a) == 2) {
        if (!strcmp(word, "fps") && a)
            dev.src_fps = dev.fps = a;
        else if (!strcmp(word, "stall"))
            dev.stall_ms = a;
        else if (!strcmp(word, "broken"))
            dev.broken = a;
        else if (!strcmp(word, "refuse"))
            dev.refuse = a;
        else if (!set_flag(word, a))
            fprintf(stderr, "v4l2shim: unknown command: %s\n", c);
    }
    if (dev.gone)
        hang_up();
    if (dev.failed)
        raise_frame();
}

static void *obey(void *arg)
{
    (void)arg;
    prctl(PR_SET_NAME, "v4l2shim-ctl");
    char c[256];
    ssize_t n;
    while ((n = recv(dev.ctl, c, sizeof(c) - 1, 0)) >= 0) {
        c[n] = 0;
        pthread_mutex_lock(&dev.lock);
        char *save = NULL;
        for (char *one = strtok_r(c, ";", &save); one; one = strtok_r(NULL, ";", &save))
            handle_command(one);
        pthread_mutex_unlock(&dev.lock);
    }
    return NULL;
}

// Not before somebody opens the device: a child that only inherited the environment, such as
// GStreamer's plugin scanner, must not take the socket away from its parent.
void serve_commands(void)
{
    const char *const s = getenv("V4L2SHIM_CTL");
    pthread_t t;
    if (!s || dev.serving)
        return;
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", s);
    unlink(s);
    dev.ctl = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (dev.ctl < 0 || bind(dev.ctl, (struct sockaddr *)&a, sizeof(a)) < 0)
        perror("v4l2shim: V4L2SHIM_CTL");
    dev.serving = (pthread_create(&t, NULL, obey, NULL) == 0 && pthread_detach(t) == 0);
}
