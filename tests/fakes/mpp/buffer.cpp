// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/buffer.h"

#include "tests/fakes/mpp/knobs.h"

#include <cstring>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace panto::mpp
{

using standin::fatal;
using standin::live;
using standin::log;

namespace
{

/// Memory of a program's own knows nothing of this; there is nothing to be done then.
void sync_dmabuf(int fd, uint64_t flags)
{
    dma_buf_sync sync{flags};
    ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
}

} // namespace

void BufferGroup::drop()
{
    if (--refs == 0)
        delete this;
}

Buffer::Buffer(BufferGroup *group, size_t s, int d, bool owns)
    : size{s}, fd{d}, group_{group}, owns_{owns}
{
    fstat(fd, &file_);
    if (group_) {
        ++group_->refs;
        ++group_->used;
    }
}

Buffer *Buffer::make(BufferGroup *group, size_t size)
{
    const int fd = memfd_create("mpp stand-in", MFD_CLOEXEC);
    if (fd < 0)
        return nullptr;
    if (ftruncate(fd, off_t(size))) {
        close(fd);
        return nullptr;
    }
    auto *const made = new Buffer{group, size, fd, true};
    if (standin::offers_sync())
        made->cache_.reset(new uint8_t[size]());
    return made;
}

Buffer *Buffer::import(BufferGroup *group, const BufferInfo &info, bool duplicate)
{
    const int fd = duplicate ? fcntl(info.fd, F_DUPFD_CLOEXEC, 0) : info.fd;
    if (fd < 0 || fcntl(fd, F_GETFD) < 0)
        return nullptr;
    return new Buffer{group, info.size, fd, duplicate};
}

Buffer::~Buffer()
{
    struct stat now = {};
    if (fstat(fd, &now) || now.st_dev != file_.st_dev || now.st_ino != file_.st_ino)
        fatal("mpp_buffer_put", "the descriptor " + std::to_string(fd) +
                                    " of an imported buffer was closed before the buffer was put");
    if (map_)
        munmap(map_, size);
    if (owns_)
        close(fd);
    if (group_) {
        --group_->used;
        group_->drop();
    }
}

void Buffer::put(const char *caller)
{
    const int left = --refs;
    if (left < 0)
        fatal(caller, "a buffer put more often than taken");
    if (left == 0)
        delete this;
}

uint8_t *Buffer::map()
{
    if (!map_) {
        void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
            p = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
        map_ = p == MAP_FAILED ? nullptr : static_cast<uint8_t *>(p);
    }
    return map_;
}

uint8_t *Buffer::view()
{
    return cache_ ? cache_.get() : map();
}

const uint8_t *Buffer::memory(size_t bytes)
{
    // Behind the end of the memory itself a read would end the process with SIGBUS.
    const off_t end = lseek(fd, 0, SEEK_END);
    if (bytes > size || end < 0 || bytes > size_t(end)) {
        log("fault: %zu bytes are read of a buffer of %zu, whose memory has %lld", bytes, size,
            (long long)end);
        return nullptr;
    }
    const uint8_t *const m = map();
    if (m)
        sync_dmabuf(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
    return m;
}

void Buffer::done()
{
    sync_dmabuf(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

void Buffer::write_back()
{
    if (cache_ && map())
        std::memcpy(map_, cache_.get(), size);
}

void Buffer::invalidate()
{
    if (cache_ && map())
        std::memcpy(cache_.get(), map_, size);
}

Ret mpp_buffer_group_get(BufferGroup **group, BufferType type, BufferMode mode, const char *tag,
                         const char *caller)
{
    if (!group)
        return Ret::NullPointer;
    *group = new BufferGroup{type, mode};
    log("buffer_group_get type=%d mode=%d tag=%s", int(type), int(mode), tag ? tag : "");
    return Ret::Ok;
}

Ret mpp_buffer_group_put(BufferGroup *group)
{
    if (!group)
        return Ret::NullPointer;
    live(group, __func__).drop();
    return Ret::Ok;
}

Ret mpp_buffer_group_limit_config(BufferGroup *group, size_t size, int32_t count)
{
    if (!group)
        return Ret::NullPointer;
    live(group, __func__).most = count;
    return Ret::Ok;
}

Ret mpp_buffer_get_with_tag(BufferGroup *group, Buffer **buffer, size_t size, const char *tag,
                            const char *caller)
{
    if (!buffer || !size)
        return Ret::NullPointer;
    *buffer = nullptr;
    if (group) {
        const int most = live(group, __func__).most;
        if (group->mode == BufferMode::External || (most > 0 && group->used >= most))
            return Ret::Nok;
    }
    *buffer = Buffer::make(group, size);
    return *buffer ? Ret::Ok : Ret::NoMemory;
}

Ret mpp_buffer_import_with_tag(BufferGroup *group, BufferInfo *info, Buffer **buffer,
                               const char *tag, const char *caller)
{
    if (!info || !buffer)
        return Ret::NullPointer;
    *buffer = nullptr;
    if (group && live(group, __func__).mode != BufferMode::External)
        return Ret::Nok;
    const int kind = int(info->type) & 0xffff;
    const bool external = kind == int(BufferType::ExtDma);
    const bool kept_by_library = kind == int(BufferType::Drm) || kind == int(BufferType::DmaHeap);
    if (!external && !kept_by_library)
        return Ret::Nok;
    if (!info->size || info->fd < 0)
        return Ret::Nok;
    if (info->ptr)
        return Ret::Value;
    *buffer = Buffer::import(group, *info, kept_by_library);
    log("buffer_import fd=%d size=%zu%s", info->fd, info->size, *buffer ? "" : " refused");
    return *buffer ? Ret::Ok : Ret::Nok;
}

Ret mpp_buffer_put_with_caller(Buffer *buffer, const char *caller)
{
    if (!buffer)
        return Ret::NullPointer;
    live(buffer, caller ? caller : __func__).put(caller ? caller : __func__);
    return Ret::Ok;
}

Ret mpp_buffer_inc_ref_with_caller(Buffer *buffer, const char *caller)
{
    if (!buffer)
        return Ret::NullPointer;
    live(buffer, caller ? caller : __func__).take();
    return Ret::Ok;
}

void *mpp_buffer_get_ptr_with_caller(Buffer *buffer, const char *caller)
{
    return live(buffer, caller ? caller : __func__).view();
}

int mpp_buffer_get_fd_with_caller(Buffer *buffer, const char *caller)
{
    return live(buffer, caller ? caller : __func__).fd;
}

size_t mpp_buffer_get_size_with_caller(Buffer *buffer, const char *caller)
{
    return live(buffer, caller ? caller : __func__).size;
}

Ret mpp_buffer_sync_begin_f(Buffer *buffer, int32_t ro, const char *caller)
{
    if (!buffer)
        return Ret::NullPointer;
    Buffer &b = live(buffer, caller ? caller : __func__);
    if (ro)
        b.invalidate();
    return Ret::Ok;
}

Ret mpp_buffer_sync_end_f(Buffer *buffer, int32_t ro, const char *caller)
{
    if (!buffer)
        return Ret::NullPointer;
    Buffer &b = live(buffer, caller ? caller : __func__);
    if (!ro)
        b.write_back();
    return Ret::Ok;
}

} // namespace panto::mpp
