// SPDX-License-Identifier: LGPL-2.1-or-later
/// Queue: the memory a V4L2 driver fills, lent out frame by frame without a copy.
///
/// Owner    whoever holds the Queue or one of its leases; the mappings go with the last of them
/// Drops    all but the newest frame when several are waiting
/// Threads  newest() and stop() on one thread; a lease may end on any
#pragma once

#include "lib/base/fd.h"
#include "lib/base/result.h"

#include <chrono>
#include <cstdint>
#include <linux/videodev2.h>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace panto::kvm
{

/// ioctl() that begins again when a signal breaks it; 0, or -1 with errno.
int v4l2_ioctl(int fd, unsigned long request, void *argument);

class Queue : public std::enable_shared_from_this<Queue>
{
    struct Private {
    };

public:
    /// The right to read one buffer; gives it back to the driver when it ends.
    class Lease
    {
    public:
        Lease(std::shared_ptr<Queue> queue, unsigned index)
            : queue_{std::move(queue)}, index_{index}
        {
        }
        Lease(Lease &&) = default;
        Lease &operator=(Lease &&other) noexcept
        {
            std::swap(queue_, other.queue_);
            std::swap(index_, other.index_);
            return *this;
        }
        ~Lease()
        {
            if (queue_)
                queue_->give_back(index_);
        }

    private:
        std::shared_ptr<Queue> queue_;
        unsigned index_;
    };

    struct Frame {
        Lease lease;
        std::span<uint8_t> memory; ///< the whole buffer
        size_t size_bytes;         ///< what the driver filled of it
        int dmabuf;                ///< its exported descriptor, or -1; borrowed from the queue
        std::chrono::nanoseconds captured; ///< CLOCK_MONOTONIC
        bool broken;                       ///< the driver says that something is missing
        v4l2_field field = V4L2_FIELD_NONE;
        uint32_t sequence = 0; ///< the driver's count of whole pictures, those it lost included
    };

    struct Options {
        v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        unsigned buffers = 6;
        bool export_dmabuf = false; ///< where the driver can; else as without
    };

    /// Asks for buffers, queues them all and starts the stream.
    static Result<std::shared_ptr<Queue>> start(std::shared_ptr<const Fd> device, Options options);

    Queue(Private, std::shared_ptr<const Fd> device, Options options)
        : device_{std::move(device)}, options_{options}
    {
    }
    ~Queue();
    Queue(const Queue &) = delete;
    Queue &operator=(const Queue &) = delete;

    /// Stops the stream and frees what is not lent out; the rest goes when its lease ends.
    void stop();
    /// The newest frames that are ready, at most so many, oldest first.
    Result<std::vector<Frame>> newest(size_t most);
    /// How many buffers the driver has left to fill, or filled already.
    unsigned waiting() const;
    /// Frames that were ready but thrown away for a newer one, or lost by the driver.
    unsigned dropped() const { return dropped_; }
    bool exported() const { return exported_; }

private:
    struct Buffer {
        uint8_t *data = nullptr;
        size_t size = 0;
        Fd dmabuf;
        bool lent = false;
    };
    struct Request;

    Result<> map_all(unsigned count);
    Result<> hand_over(unsigned index);
    Result<std::optional<Frame>> dequeue();
    void give_back(unsigned index);
    void unmap(Buffer &buffer);

    std::shared_ptr<const Fd> device_;
    const Options options_;
    std::vector<Buffer> buffers_;
    bool exported_ = false;
    unsigned dropped_ = 0;
    std::optional<uint32_t> sequence_; // of the last frame

    mutable std::mutex mutex_; // guards what follows, and each buffer's `lent`
    bool streaming_ = false;
    unsigned waiting_ = 0;
};

} // namespace panto::kvm
