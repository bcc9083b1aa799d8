// SPDX-License-Identifier: LGPL-2.1-or-later
// What the emulated device sees: pictures from files or drawn, and the time stamps on them.
#define _GNU_SOURCE
#include "tests/fakes/v4l2shim/shim.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STAMP_CELL 16
#define STAMP_COM_LEN 29 // FF FE, length, "TS=", 20 digits, 2 spare

const struct format formats[] = {
    {"MJPG", V4L2_PIX_FMT_MJPEG}, {"YUYV", V4L2_PIX_FMT_YUYV},   {"UYVY", V4L2_PIX_FMT_UYVY},
    {"NV12", V4L2_PIX_FMT_NV12},  {"YU12", V4L2_PIX_FMT_YUV420}, {"BGR3", V4L2_PIX_FMT_BGR24},
};
const size_t n_formats = ARRAY_LEN(formats);

static bool is_planar(uint32_t fourcc)
{
    return fourcc == V4L2_PIX_FMT_NV12 || fourcc == V4L2_PIX_FMT_YUV420;
}

// Of the first plane, with the padding.
unsigned stride_of(uint32_t fourcc, unsigned w)
{
    switch (fourcc) {
    case V4L2_PIX_FMT_MJPEG:
        return 0;
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_YUV420:
        return w + dev.pad;
    case V4L2_PIX_FMT_BGR24:
        return w * 3 + dev.pad;
    default:
        return w * 2 + dev.pad;
    }
}

size_t size_of(uint32_t fourcc, unsigned w, unsigned h)
{
    if (fourcc == V4L2_PIX_FMT_MJPEG)
        return (size_t)w * h; // ample for a JPEG
    const size_t luma = (size_t)stride_of(fourcc, w) * h;
    return is_planar(fourcc) ? luma * 3 / 2 : luma;
}

// Offset of luma sample x in a row and the distance to the next one.
static void luma_layout(uint32_t fourcc, unsigned *first, unsigned *step)
{
    *first = (fourcc == V4L2_PIX_FMT_UYVY || fourcc == V4L2_PIX_FMT_BGR24);
    *step = is_planar(fourcc) ? 1 : fourcc == V4L2_PIX_FMT_BGR24 ? 3 : 2;
}

// A still desktop-like picture with a moving block: eight frames.
static void draw_source(struct source *s)
{
    const unsigned w = dev.width, h = dev.height, n = 8;
    const unsigned stride = stride_of(s->fourcc, w);
    const size_t frame = size_of(s->fourcc, w, h);
    unsigned first, step;
    luma_layout(s->fourcc, &first, &step);
    forget_source(s);
    s->size = frame * n;
    s->data = malloc(s->size);
    s->off = calloc(n + 1, sizeof(*s->off));
    s->n = n;
    memset(s->data, 128, s->size);
    for (unsigned i = 0; i < n; ++i) {
        uint8_t *const f = s->data + (s->off[i] = i * frame);
        for (unsigned y = 0; y < h; ++y) {
            uint32_t r = (y / 16 + 1) * 2654435761u; // one "text line" per 16 rows
            for (unsigned x = 0; x < w; ++x) {
                if (x % 8 == 0)
                    r = r * 1664525u + 1013904223u;
                const bool ink = (y % 16 > 2 && y % 16 < 13) && (x % 8) < 6 && (r >> 28) > 3 &&
                                 ((r >> (x % 8 + y % 8)) & 1);
                const bool cursor = (y / 24 == h / 48 && x / 16 == (w / 32 + i * 4) % (w / 16));
                f[y * stride + x * step + first] = (cursor ? 160 : (ink ? 40 : 220));
            }
        }
    }
    s->off[n] = s->size;
}

// Split concatenated JPEGs. Inside entropy-coded data FF is always followed by
// 00 or RSTn, and headers are skipped by their lengths, so EOI is unambiguous.
static size_t split_jpegs(const uint8_t *d, size_t size, size_t *off)
{
    size_t n = 0, p = 0;
    while (p + 4 <= size && d[p] == 0xFF && d[p + 1] == 0xD8) {
        const size_t start = p;
        bool ended = false;
        p += 2;
        while (p + 4 <= size && d[p] == 0xFF) {
            const uint8_t m = d[p + 1];
            if (m == 0xD9) {
                ended = true;
                break;
            }
            p += 2 + ((size_t)d[p + 2] << 8 | d[p + 3]);
            if (m == 0xDA)
                while (p + 1 < size &&
                       !(d[p] == 0xFF && d[p + 1] != 0 && (d[p + 1] & 0xF8) != 0xD0))
                    ++p;
        }
        if (!ended && !(p + 2 <= size && d[p] == 0xFF && d[p + 1] == 0xD9))
            break;
        p += 2;
        if (off) {
            off[n] = start;
            off[n + 1] = p;
        }
        ++n;
    }
    return n;
}

bool load_source(struct source *s)
{
    if (!s->file) {
        draw_source(s);
        return true;
    }
    const int fd = real_open(s->file, O_RDONLY | O_CLOEXEC);
    const off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    if (end <= 0) {
        fprintf(stderr, "v4l2shim: cannot read %s\n", s->file);
        return false;
    }
    s->size = (size_t)end;
    s->data = real_mmap(s->size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd);
    real_close(fd);
    if (s->data == MAP_FAILED)
        return false;
    if (s->fourcc == V4L2_PIX_FMT_MJPEG) {
        s->n = split_jpegs(s->data, s->size, NULL);
        s->off = calloc(s->n + 1, sizeof(*s->off));
        split_jpegs(s->data, s->size, s->off);
    } else {
        const size_t frame = size_of(s->fourcc, dev.width, dev.height);
        s->n = s->size / frame;
        s->off = calloc(s->n + 1, sizeof(*s->off));
        for (size_t i = 0; i <= s->n; ++i)
            s->off[i] = i * frame;
    }
    if (!s->n)
        fprintf(stderr, "v4l2shim: no whole frame in %s\n", s->file);
    return s->n > 0;
}

void stamp_raw(uint8_t *f, uint32_t fourcc, uint64_t ns)
{
    const uint32_t value = (uint32_t)(ns / 100000);
    const unsigned stride = stride_of(fourcc, dev.width);
    unsigned first, step;
    luma_layout(fourcc, &first, &step);
    if (dev.width < 32 * STAMP_CELL || dev.height < 2 * STAMP_CELL)
        return;
    for (unsigned row = 0; row < 2; ++row) {
        uint8_t *const line = f + (size_t)row * STAMP_CELL * stride;
        for (unsigned bit = 0; bit < 32; ++bit) {
            const uint8_t luma = (((value >> (31 - bit)) & 1) ^ row) ? 235 : 16;
            for (unsigned x = bit * STAMP_CELL; x < (bit + 1) * STAMP_CELL; ++x)
                line[x * step + first] = luma;
        }
        if (!is_planar(fourcc) && fourcc != V4L2_PIX_FMT_BGR24) // packed: grey chroma, too
            for (unsigned x = 0; x < 32 * STAMP_CELL; ++x)
                line[x * 2 + !first] = 128;
        for (unsigned y = 1; y < STAMP_CELL; ++y)
            memcpy(line + y * stride, line, 32 * STAMP_CELL * step);
    }
    if (fourcc == V4L2_PIX_FMT_NV12) {
        uint8_t *const uv = f + (size_t)stride * dev.height;
        for (unsigned y = 0; y < STAMP_CELL; ++y)
            memset(uv + y * stride, 128, 32 * STAMP_CELL);
    }
}

// A JPEG as bad sticks and cables deliver it.
static size_t spoilt(uint8_t *jpeg, size_t size, size_t room)
{
    const size_t behind = dev.trail && room - size >= 20 ? 20 : 0;
    memset(jpeg + size, 0x11, behind);
    if (dev.shortened)
        return 2;
    if (dev.cut)
        return size / 2;
    for (size_t i = size * 2 / 3; dev.scramble && i + 2 < size; i += 7)
        jpeg[i] ^= 0x5a;
    return size + behind;
}

size_t put_frame(struct buffer *b, const uint8_t *frame, size_t size, uint64_t ns)
{
    if (dev.cur->fourcc == V4L2_PIX_FMT_MJPEG && dev.stamp && size + STAMP_COM_LEN <= b->length) {
        char com[STAMP_COM_LEN + 1];
        snprintf(com, sizeof(com), "\xFF\xFE%c%cTS=%020llu  ", 0, 0, (unsigned long long)ns);
        com[2] = 0;
        com[3] = STAMP_COM_LEN - 2;
        memcpy(b->mem, frame, 2);
        memcpy(b->mem + 2, com, STAMP_COM_LEN);
        memcpy(b->mem + 2 + STAMP_COM_LEN, frame + 2, size - 2);
        return spoilt(b->mem, size + STAMP_COM_LEN, b->length);
    }
    if (size > b->length)
        size = b->length;
    memcpy(b->mem, frame, size);
    if (dev.cur->fourcc != V4L2_PIX_FMT_MJPEG && dev.stamp)
        stamp_raw(b->mem, dev.cur->fourcc, ns);
    return dev.cur->fourcc == V4L2_PIX_FMT_MJPEG ? spoilt(b->mem, size, b->length) : size;
}

// Frame signalling: the socket holds at least one byte while a frame is done.

void forget_source(struct source *s)
{
    if (s->file && s->data)
        munmap(s->data, s->size);
    else
        free(s->data);
    free(s->off);
    *s = (struct source){.fourcc = s->fourcc};
}
