// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/mpp.h"
#include "plugins/venc/rules.h"

#include <linux/dma-buf.h>
#include <sys/ioctl.h>

namespace panto::mpp
{

namespace
{

constexpr char kTag[] = "pantograph"; // names our buffers in the library's own reports

std::shared_ptr<Buffer> owned(const Library &lib, Buffer *buffer)
{
    return {buffer, [&lib](Buffer *b) { lib.mpp_buffer_put_with_caller(b, kTag); }};
}

/// For libraries that do not do it themselves. What is not a DMABUF refuses, and needs it not.
void synchronize(int fd, uint64_t flags)
{
    dma_buf_sync sync{flags};
    ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
}

} // namespace

/// The memory keeps its import, because the same few pieces come again and again.
std::shared_ptr<Buffer> MppSession::imported(const venc::Direct &direct)
{
    const std::lock_guard lock{direct.slot->mutex};
    if (!direct.slot->import) {
        BufferInfo info{BufferType::ExtDma, direct.size, nullptr, nullptr, direct.fd, -1};
        Buffer *buffer = nullptr;
        const Ret ret = lib_->mpp_buffer_import_with_tag(nullptr, &info, &buffer, kTag, kTag);
        if (ret != Ret::Ok || !buffer) {
            if (!std::exchange(import_failed_, true))
                note_("the encoder cannot read the capture's memory, error " + text_of(ret) +
                      ": each picture is copied");
            return nullptr;
        }
        direct.slot->import = owned(*lib_, buffer);
    }
    return std::static_pointer_cast<Buffer>(direct.slot->import);
}

Result<> MppSession::allocate(size_t size)
{
    if (copy_ && lib_->mpp_buffer_get_size_with_caller(copy_.get(), kTag) >= size)
        return ok;
    copy_.reset();
    if (!group_) {
        // Cached, since the processor writes it; the library takes what the kernel has in its
        // stead.
        const auto cached = BufferType(int(BufferType::Drm) | kBufferCachable);
        for (const BufferType type : {cached, BufferType::Drm, BufferType::Ion})
            if (!group_ && lib_->mpp_buffer_group_get(&group_, type, BufferMode::Internal, kTag,
                                                      kTag) != Ret::Ok)
                group_ = nullptr;
        if (!group_)
            return Error{Kind::Unavailable, "no memory for pictures"};
    }
    Buffer *buffer = nullptr;
    const Ret ret = lib_->mpp_buffer_get_with_tag(group_, &buffer, size, kTag, kTag);
    if (ret != Ret::Ok || !buffer)
        return failure("no memory for a picture", ret);
    copy_ = owned(*lib_, buffer);
    return ok;
}

void MppSession::begin_writing()
{
    if (lib_->mpp_buffer_sync_begin_f && lib_->mpp_buffer_sync_end_f)
        lib_->mpp_buffer_sync_begin_f(copy_.get(), 0, kTag);
    else
        synchronize(lib_->mpp_buffer_get_fd_with_caller(copy_.get(), kTag),
                    DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
}

void MppSession::end_writing()
{
    if (lib_->mpp_buffer_sync_begin_f && lib_->mpp_buffer_sync_end_f)
        lib_->mpp_buffer_sync_end_f(copy_.get(), 0, kTag);
    else
        synchronize(lib_->mpp_buffer_get_fd_with_caller(copy_.get(), kTag),
                    DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
}

Result<MppSession::Input> MppSession::copied(const venc::Picture &picture)
{
    const auto layout = venc::aligned_layout(video_.pixels, video_.width, video_.height);
    PANTO_TRY(allocated, allocate(venc::picture_bytes(video_.pixels, layout)));
    static_cast<void>(allocated);
    auto *to = static_cast<uint8_t *>(lib_->mpp_buffer_get_ptr_with_caller(copy_.get(), kTag));
    const auto planes = picture.map ? picture.map() : nullptr;
    if (!to || !planes)
        return Error{Kind::Unavailable, "the picture's memory cannot be read"};
    begin_writing();
    venc::copy_picture(video_, *planes, layout, to);
    end_writing();
    return Input{copy_, layout, true};
}

Result<MppSession::Input> MppSession::input_of(const venc::Picture &picture)
{
    if (picture.direct && picture.direct->layout != refused_)
        if (auto buffer = imported(*picture.direct))
            return Input{std::move(buffer), picture.direct->layout};
    return copied(picture);
}

} // namespace panto::mpp
