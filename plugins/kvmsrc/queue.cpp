// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/queue.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

namespace panto::kvm
{

namespace
{

Error failure(const char *what)
{
    const int code = errno;
    const Kind kind = code == EBUSY ? Kind::Busy : Kind::Unavailable;
    return Error{kind, std::string{what} + ": " + std::strerror(code), code};
}

} // namespace

int v4l2_ioctl(int fd, unsigned long request, void *argument)
{
    int result;
    do
        result = ::ioctl(fd, request, argument);
    while (result < 0 && errno == EINTR);
    return result;
}

/// One v4l2_buffer, with the plane that the multi-planar interface wants beside it.
struct Queue::Request {
    v4l2_buffer buffer{};
    v4l2_plane plane{};
    const bool planar;

    Request(v4l2_buf_type type, unsigned index) : planar{type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE}
    {
        buffer.type = type;
        buffer.memory = V4L2_MEMORY_MMAP;
        buffer.index = index;
        if (planar) {
            buffer.m.planes = &plane;
            buffer.length = 1;
        }
    }
    size_t length() const { return planar ? plane.length : buffer.length; }
    off_t offset() const { return off_t(planar ? plane.m.mem_offset : buffer.m.offset); }
    size_t used() const
    {
        return planar ? plane.bytesused - std::min(plane.data_offset, plane.bytesused)
                      : buffer.bytesused;
    }
    size_t begin() const { return planar ? plane.data_offset : 0; }
};

Result<std::shared_ptr<Queue>> Queue::start(std::shared_ptr<const Fd> device, Options options)
{
    auto queue = std::make_shared<Queue>(Private{}, std::move(device), options);
    const int fd = queue->device_->get();
    v4l2_requestbuffers wanted{};
    wanted.count = options.buffers;
    wanted.type = options.type;
    wanted.memory = V4L2_MEMORY_MMAP;
    if (v4l2_ioctl(fd, VIDIOC_REQBUFS, &wanted) < 0)
        return failure("cannot get buffers");
    if (wanted.count < 2)
        return Error{Kind::Unavailable, "the driver gave fewer than two buffers"};
    auto mapped = queue->map_all(wanted.count);
    if (!mapped) {
        queue->stop();
        return std::move(mapped.error());
    }
    int type = options.type;
    if (v4l2_ioctl(fd, VIDIOC_STREAMON, &type) < 0) {
        Error error = failure("cannot start the stream");
        queue->stop();
        return error;
    }
    return queue;
}

Result<> Queue::map_all(unsigned count)
{
    const int fd = device_->get();
    buffers_.resize(count);
    streaming_ = true;
    exported_ = options_.export_dmabuf;
    for (unsigned i = 0; i < count; ++i) {
        Request request{options_.type, i};
        if (v4l2_ioctl(fd, VIDIOC_QUERYBUF, &request.buffer) < 0)
            return failure("cannot query a buffer");
        void *data = ::mmap(nullptr, request.length(), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                            request.offset());
        if (data == MAP_FAILED)
            return failure("cannot map a buffer");
        buffers_[i].data = static_cast<uint8_t *>(data);
        buffers_[i].size = request.length();
        if (exported_) {
            v4l2_exportbuffer exported{};
            exported.type = options_.type;
            exported.index = i;
            exported.flags = O_CLOEXEC | O_RDWR;
            if (v4l2_ioctl(fd, VIDIOC_EXPBUF, &exported) == 0)
                buffers_[i].dmabuf = Fd{exported.fd};
            else
                exported_ = false; // this driver cannot: plain memory serves as well
        }
        PANTO_TRY(queued, hand_over(i));
        (void)queued;
    }
    return ok;
}

Result<> Queue::hand_over(unsigned index)
{
    Request request{options_.type, index};
    if (v4l2_ioctl(device_->get(), VIDIOC_QBUF, &request.buffer) < 0)
        return failure("cannot queue a buffer");
    ++waiting_;
    return ok;
}

Queue::~Queue()
{
    stop();
}

void Queue::stop()
{
    std::lock_guard lock{mutex_};
    if (!streaming_)
        return;
    streaming_ = false;
    waiting_ = 0;
    int type = options_.type;
    (void)v4l2_ioctl(device_->get(), VIDIOC_STREAMOFF, &type);
    for (auto &b : buffers_)
        if (!b.lent)
            unmap(b);
    // Fails on kernels before 4.20 while a buffer is lent out; the next start() then says "busy".
    v4l2_requestbuffers none{};
    none.type = options_.type;
    none.memory = V4L2_MEMORY_MMAP;
    (void)v4l2_ioctl(device_->get(), VIDIOC_REQBUFS, &none);
}

void Queue::unmap(Buffer &buffer)
{
    if (buffer.data)
        ::munmap(buffer.data, buffer.size);
    buffer = {};
}

void Queue::give_back(unsigned index)
{
    std::lock_guard lock{mutex_};
    buffers_[index].lent = false;
    if (streaming_)
        (void)hand_over(index); // a driver that refuses it will say so to the next newest()
    else
        unmap(buffers_[index]);
}

unsigned Queue::waiting() const
{
    std::lock_guard lock{mutex_};
    return waiting_;
}

Result<std::optional<Queue::Frame>> Queue::dequeue()
{
    Request request{options_.type, 0};
    if (v4l2_ioctl(device_->get(), VIDIOC_DQBUF, &request.buffer) < 0) {
        if (errno == EAGAIN)
            return std::optional<Frame>{};
        return failure("cannot take a frame");
    }
    const v4l2_buffer &b = request.buffer;
    Buffer &buffer = buffers_.at(b.index);
    {
        std::lock_guard lock{mutex_};
        buffer.lent = true;
        --waiting_;
    }
    if (sequence_ && b.sequence - *sequence_ > 1 && b.sequence - *sequence_ < 1000)
        dropped_ += b.sequence - *sequence_ - 1;
    sequence_ = b.sequence;
    const bool monotonic =
        (b.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    const auto captured = monotonic ? std::chrono::seconds{b.timestamp.tv_sec} +
                                          std::chrono::microseconds{b.timestamp.tv_usec}
                                    : std::chrono::steady_clock::now().time_since_epoch();
    const size_t begin = std::min(request.begin(), buffer.size);
    const std::span<uint8_t> memory{buffer.data + begin, buffer.size - begin};
    return std::optional<Frame>{
        Frame{Lease{shared_from_this(), b.index}, memory, std::min(request.used(), memory.size()),
              begin ? -1 : buffer.dmabuf.get(), captured, bool(b.flags & V4L2_BUF_FLAG_ERROR),
              v4l2_field(b.field), b.sequence}};
}

Result<std::vector<Queue::Frame>> Queue::newest(size_t most)
{
    std::vector<Frame> last;
    for (;;) {
        auto next = dequeue();
        if (!next)
            return std::move(next.error());
        if (!*next)
            return last;
        if (last.size() == most) {
            last.erase(last.begin());
            ++dropped_;
        }
        last.push_back(std::move(**next));
    }
}

} // namespace panto::kvm
