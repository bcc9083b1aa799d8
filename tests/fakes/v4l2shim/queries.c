// SPDX-License-Identifier: LGPL-2.1-or-later
// What the emulated device answers about itself, its formats and its signal. All is called with the
// lock held and returns 0 or a negative errno.
#define _GNU_SOURCE
#include "tests/fakes/v4l2shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

bool has_signal(void)
{
    return dev.signal && !dev.asleep && !dev.unlocked && !dev.beyond;
}

static struct source *find_source(uint32_t fourcc)
{
    for (unsigned i = 0; i < dev.n_src; ++i)
        if (dev.src[i].fourcc == fourcc)
            return &dev.src[i];
    return NULL;
}

static int do_querycap(struct v4l2_capability *c)
{
    memset(c, 0, sizeof(*c));
    strcpy((char *)c->driver, "v4l2shim");
    strcpy((char *)c->card, "V4L2 shim capture");
    strcpy((char *)c->bus_info, "platform:v4l2shim");
    c->version = 6 << 16;
    c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_EXT_PIX_FORMAT;
    c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int do_enum_fmt(struct v4l2_fmtdesc *f)
{
    if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || f->index >= dev.n_src)
        return -EINVAL;
    f->pixelformat = dev.src[f->index].fourcc;
    f->flags = (f->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0);
    for (size_t i = 0; i < n_formats; ++i)
        if (formats[i].fourcc == f->pixelformat)
            snprintf((char *)f->description, sizeof(f->description), "%s", formats[i].name);
    return 0;
}

static int do_enum_framesizes(struct v4l2_frmsizeenum *e)
{
    if (e->index || !find_source(e->pixel_format))
        return -EINVAL;
    e->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    e->discrete.width = dev.width;
    e->discrete.height = dev.height;
    return 0;
}

static int do_enum_frameintervals(struct v4l2_frmivalenum *e)
{
    if (e->index || !find_source(e->pixel_format) || e->width != dev.width ||
        e->height != dev.height)
        return -EINVAL;
    e->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    e->discrete.numerator = 1;
    e->discrete.denominator = dev.src_fps;
    return 0;
}

static void fill_pix(struct v4l2_pix_format *p, uint32_t fourcc)
{
    memset(p, 0, sizeof(*p));
    p->width = dev.width;
    p->height = dev.height;
    p->pixelformat = fourcc;
    p->field = V4L2_FIELD_NONE;
    p->bytesperline = stride_of(fourcc, dev.width);
    p->sizeimage = size_of(fourcc, dev.width, dev.height);
    for (size_t i = 0; dev.tight && i < n_formats; ++i)
        if (formats[i].fourcc == fourcc && !strcmp(formats[i].name, dev.tight))
            p->sizeimage -= p->bytesperline;
    p->colorspace = (fourcc == V4L2_PIX_FMT_MJPEG ? V4L2_COLORSPACE_JPEG : V4L2_COLORSPACE_REC709);
    p->priv = V4L2_PIX_FMT_PRIV_MAGIC;
}

static int do_fmt(struct v4l2_format *f, unsigned long cmd)
{
    if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return -EINVAL;
    struct source *s = dev.cur;
    if (cmd != VIDIOC_G_FMT && !(s = find_source(f->fmt.pix.pixelformat)))
        s = &dev.src[0];
    if (cmd == VIDIOC_S_FMT) {
        if (dev.refuse == 1)
            return -EIO;
        if (dev.n_bufs && s != dev.cur)
            return -EBUSY;
        dev.cur = s;
    }
    fill_pix(&f->fmt.pix, s->fourcc);
    return 0;
}

static int do_parm(struct v4l2_streamparm *p, bool set)
{
    if (p->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return -EINVAL;
    const struct v4l2_fract t = p->parm.capture.timeperframe;
    if (set && t.numerator && t.denominator) {
        const unsigned want = t.denominator / t.numerator;
        dev.fps = (want == 0 ? 1 : (want < dev.src_fps ? want : dev.src_fps));
    }
    memset(&p->parm, 0, sizeof(p->parm));
    p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    p->parm.capture.timeperframe.numerator = 1;
    p->parm.capture.timeperframe.denominator = dev.fps;
    p->parm.capture.readbuffers = 2;
    return 0;
}

static int do_dv_timings(struct v4l2_dv_timings *t, bool query)
{
    if (!dev.timings)
        return -ENODATA;
    if (query && (!dev.signal || dev.asleep))
        return -ENOLINK;
    if (query && dev.unlocked)
        return -ENOLCK;
    if (query && dev.beyond)
        return -ERANGE;
    memset(t, 0, sizeof(*t));
    t->type = V4L2_DV_BT_656_1120;
    t->bt.width = dev.width;
    t->bt.height = dev.height;
    t->bt.hfrontporch = 88;
    t->bt.hsync = 44;
    t->bt.hbackporch = 148;
    t->bt.vfrontporch = 4;
    t->bt.vsync = 5;
    t->bt.vbackporch = 36;
    t->bt.pixelclock = (uint64_t)(dev.width + 280) * (dev.height + 45) * dev.src_fps;
    t->bt.standards = V4L2_DV_BT_STD_CEA861;
    return 0;
}

static int do_timings_cap(struct v4l2_dv_timings_cap *c)
{
    if (!dev.timings)
        return -ENODATA;
    memset(c, 0, sizeof(*c));
    c->type = V4L2_DV_BT_656_1120;
    c->bt.max_width = 1920;
    c->bt.max_height = 1200;
    c->bt.max_pixelclock = 165000000;
    return 0;
}

static int do_dqevent(struct v4l2_event *e)
{
    if (!dev.n_events)
        return -ENOENT;
    char c;
    (void)!recv(dev.app_end, &c, 1, MSG_OOB | MSG_DONTWAIT);
    memset(e, 0, sizeof(*e));
    e->type = V4L2_EVENT_SOURCE_CHANGE;
    e->u.src_change.changes = V4L2_EVENT_SRC_CH_RESOLUTION;
    e->pending = --dev.n_events;
    clock_gettime(CLOCK_MONOTONIC, &e->timestamp);
    return 0;
}

static int do_ctrl(struct v4l2_control *c)
{
    if (!dev.timings || c->id != V4L2_CID_DV_RX_POWER_PRESENT)
        return -EINVAL;
    c->value = dev.signal;
    return 0;
}

static int do_queryctrl(struct v4l2_queryctrl *q)
{
    const bool next = (q->id & V4L2_CTRL_FLAG_NEXT_CTRL);
    const uint32_t id = q->id & ~(V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND);
    if (next ? id >= V4L2_CID_DV_RX_POWER_PRESENT : id != V4L2_CID_DV_RX_POWER_PRESENT)
        return -EINVAL;
    memset(q, 0, sizeof(*q));
    q->id = V4L2_CID_DV_RX_POWER_PRESENT;
    q->type = V4L2_CTRL_TYPE_BOOLEAN;
    strcpy((char *)q->name, "Power Present");
    q->maximum = q->step = 1;
    q->flags = V4L2_CTRL_FLAG_READ_ONLY;
    return 0;
}

static int do_enuminput(struct v4l2_input *i)
{
    if (i->index)
        return -EINVAL;
    memset(i, 0, sizeof(*i));
    strcpy((char *)i->name, "HDMI");
    i->type = V4L2_INPUT_TYPE_CAMERA;
    i->status = has_signal() ? 0 : V4L2_IN_ST_NO_SIGNAL;
    i->capabilities = dev.timings ? V4L2_IN_CAP_DV_TIMINGS : 0;
    return 0;
}

static int do_get_edid(struct v4l2_edid *e)
{
    if (!dev.most_edid_blocks)
        return -ENOTTY;
    if (!dev.edid_blocks)
        return -ENODATA;
    if (e->start_block >= dev.edid_blocks)
        return -EINVAL;
    if (e->blocks > dev.edid_blocks - e->start_block)
        e->blocks = dev.edid_blocks - e->start_block;
    memcpy(e->edid, dev.edid + 128 * e->start_block, 128 * e->blocks);
    return 0;
}

static int do_set_edid(struct v4l2_edid *e)
{
    if (!dev.most_edid_blocks)
        return -ENOTTY;
    if (e->blocks > dev.most_edid_blocks) {
        e->blocks = dev.most_edid_blocks;
        return -E2BIG;
    }
    if (dev.n_bufs)
        return -EBUSY;
    memcpy(dev.edid, e->edid, 128 * e->blocks);
    dev.edid_blocks = e->blocks;
    return 0;
}

int device_ioctl(int fd, unsigned long cmd, void *arg)
{
    if (dev.gone)
        return -ENODEV;
    switch (cmd) {
    case VIDIOC_QUERYCAP:
        return do_querycap(arg);
    case VIDIOC_ENUM_FMT:
        return do_enum_fmt(arg);
    case VIDIOC_ENUM_FRAMESIZES:
        return do_enum_framesizes(arg);
    case VIDIOC_ENUM_FRAMEINTERVALS:
        return do_enum_frameintervals(arg);
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT:
        return do_fmt(arg, cmd);
    case VIDIOC_G_PARM:
        return do_parm(arg, false);
    case VIDIOC_S_PARM:
        return do_parm(arg, true);
    case VIDIOC_REQBUFS:
        return do_reqbufs(arg);
    case VIDIOC_QUERYBUF:
        return do_querybuf(arg);
    case VIDIOC_QBUF:
        return do_qbuf(arg);
    case VIDIOC_DQBUF:
        return do_dqbuf(arg, fcntl(fd, F_GETFL) & O_NONBLOCK);
    case VIDIOC_EXPBUF:
        return do_expbuf(arg);
    case VIDIOC_STREAMON:
        return do_streamon();
    case VIDIOC_STREAMOFF:
        stop_streaming();
        return 0;
    case VIDIOC_ENUMINPUT:
        return do_enuminput(arg);
    case VIDIOC_G_INPUT:
        *(int *)arg = 0;
        return 0;
    case VIDIOC_S_INPUT:
        return *(int *)arg == 0 ? 0 : -EINVAL;
    case VIDIOC_QUERY_DV_TIMINGS:
        return do_dv_timings(arg, true);
    case VIDIOC_DV_TIMINGS_CAP:
        return do_timings_cap(arg);
    case VIDIOC_G_DV_TIMINGS:
        return do_dv_timings(arg, false);
    case VIDIOC_S_DV_TIMINGS:
        return 0;
    case VIDIOC_G_EDID:
        return do_get_edid(arg);
    case VIDIOC_S_EDID:
        return do_set_edid(arg);
    case VIDIOC_G_CTRL:
        return do_ctrl(arg);
    case VIDIOC_QUERYCTRL:
        return do_queryctrl(arg);
    case VIDIOC_SUBSCRIBE_EVENT:
        if (!dev.events ||
            ((struct v4l2_event_subscription *)arg)->type != V4L2_EVENT_SOURCE_CHANGE)
            return -EINVAL;
        dev.subscribed = true;
        return 0;
    case VIDIOC_UNSUBSCRIBE_EVENT:
        dev.subscribed = false;
        return 0;
    case VIDIOC_DQEVENT:
        return do_dqevent(arg);
    default:
        return -ENOTTY;
    }
}
