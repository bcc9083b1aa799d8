// SPDX-License-Identifier: LGPL-2.1-or-later
/// Memory as the encoder's hardware knows it: descriptors, which it reads through maps of its own,
/// never through a program's pointers.
///
/// Where the functions that write caches back are offered, a program's view of the library's own
/// memory is a cache: what it wrote reaches the hardware with mpp_buffer_sync_end_f.
#pragma once

#include "tests/fakes/mpp/exports.h"
#include "tests/fakes/mpp/objects.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <sys/stat.h>

namespace panto::mpp
{

/// Where buffers come from; goes when the last of them has gone.
struct BufferGroup : standin::Live<standin::Kind::Group> {
    BufferGroup(BufferType t, BufferMode m) : type{t}, mode{m} {}
    BufferType type;
    BufferMode mode;
    std::atomic<int> refs{1};
    std::atomic<int> used{0};
    std::atomic<int> most{0}; ///< 0: no limit

    void drop();
};

struct Buffer : standin::Live<standin::Kind::Buffer> {
    /// Memory of the library's own; null when there is none to be had.
    static Buffer *make(BufferGroup *group, size_t size);
    /// Memory of another's: its descriptor is kept as it is, or a duplicate of it.
    static Buffer *import(BufferGroup *group, const BufferInfo &info, bool duplicate);

    void take() { ++refs; }
    void put(const char *caller);

    /// What a program reads and writes; null where the memory cannot be mapped.
    uint8_t *view();
    /// What the hardware reads, if there are so many bytes; null is a fault of its memory unit.
    const uint8_t *memory(size_t bytes);
    /// Ends the hardware's reading.
    void done();

    void write_back();
    void invalidate();

    const size_t size;
    const int fd;

private:
    Buffer(BufferGroup *group, size_t size, int fd, bool owns);
    ~Buffer();
    uint8_t *map();

    BufferGroup *group_;
    const bool owns_;
    std::atomic<int> refs{1};
    uint8_t *map_ = nullptr;
    std::unique_ptr<uint8_t[]> cache_;
    struct stat file_ = {};
};

} // namespace panto::mpp
