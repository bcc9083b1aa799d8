// SPDX-License-Identifier: LGPL-2.1-or-later
/// What all channels of Sophgo's encoder share: the vendor's system, and memory that chips can
/// read.
///
/// Threads  any
#pragma once

#include "plugins/venc/cvi_abi.h"
#include "plugins/venc/session.h"

namespace panto::cvi
{

/// "what: 0xC0078012 (busy)"
Error failure(const std::string &what, CVI_S32 code);

/// The vendor's system, begun with the first that is held and ended with the last.
class System
{
public:
    /// Errors: a version of the library that was not tried is refused before anything is begun.
    static Result<System> begin();
    System(System &&other) noexcept : held_{std::exchange(other.held_, false)} {}
    System &operator=(System &&other) noexcept
    {
        std::swap(held_, other.held_);
        return *this;
    }
    ~System();

private:
    System() = default;
    bool held_ = true;
};

/// One piece of memory that the processor writes and the encoder reads.
class Memory
{
public:
    static Result<std::unique_ptr<Memory>> allocate(size_t size);
    ~Memory() { CVI_SYS_IonFree(physical_, bytes_); }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;

    size_t size() const { return size_; }
    uint8_t *bytes() const { return static_cast<uint8_t *>(bytes_); }
    CVI_U64 physical() const { return physical_; }
    /// To be done before the encoder reads what was written.
    Result<> flush();

private:
    Memory(CVI_U64 physical, void *bytes, size_t size)
        : physical_{physical}, bytes_{bytes}, size_{size}
    {
    }
    const CVI_U64 physical_;
    void *const bytes_;
    const size_t size_;
};

/// The file of the vendor's encoder library in use.
std::string library_path();

} // namespace panto::cvi
