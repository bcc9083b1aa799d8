// SPDX-License-Identifier: LGPL-2.1-or-later
/// An image's bytes. The input is what is looked at first: two sectors' worth of a disk's start,
/// then what follows the descriptors of a disc; beyond its end the image repeats.
#include "daemon/storage/inspector.h"

#include <algorithm>
#include <glib.h>

using namespace panto::storage;

namespace
{

constexpr uint64_t kStartBytes = 4096 + 512;
constexpr uint64_t kDescriptors = 16 * kCdBlockBytes;
constexpr unsigned kMostReads = 32 + 32 + 2 * 130; // descriptors, a catalogue each, both tables

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned reads = 0;
    const auto read = [&](uint64_t offset, std::span<uint8_t> to) -> size_t {
        g_assert(++reads <= kMostReads && to.size() <= kCdBlockBytes);
        const uint64_t at = offset < kDescriptors ? offset : offset - kDescriptors + kStartBytes;
        for (size_t i = 0; size && i < to.size(); ++i)
            to[i] = data[(at + i) % size];
        return size ? to.size() : 0;
    };
    const Inspection i = inspect(read, size * 100);
    g_assert(!i.kind.empty() && !i.reason.empty());
    g_assert(i.mount_as == As::Disk || i.no_cdrom.empty());
    for (const unsigned char c : i.label())
        g_assert(c >= 0x20 && c < 0x7f);
    g_assert(i.disk.partitions <= 128);
    return 0;
}
