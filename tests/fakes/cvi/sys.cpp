// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/cvi/state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>

using namespace panto::cvi_standin;

namespace
{

/// The processor's side is what it writes to; the encoder reads the other.
struct Block {
    std::vector<CVI_U8> written, seen;
};

struct System {
    std::mutex lock;
    int begun = 0;
    CVI_U64 next = 0x80000000; // no address of a process
    std::map<CVI_U64, std::unique_ptr<Block>> blocks;
};

/// Never destroyed: a channel may hang until the process ends.
System &all()
{
    static auto *const system = new System;
    return *system;
}

} // namespace

namespace panto::cvi_standin
{

int knob(const char *name)
{
    const char *const text = std::getenv(name);
    return text ? std::atoi(text) : 0;
}

void fatal(const std::string &what)
{
    std::fprintf(stderr, "stand-in for Sophgo's encoder: %s\n", what.c_str());
    std::abort();
}

std::vector<CVI_U8> memory_at(CVI_U64 physical, size_t size)
{
    const std::lock_guard hold{all().lock};
    auto after = all().blocks.upper_bound(physical);
    if (after == all().blocks.begin())
        fatal("a picture is not in the encoder's memory");
    const auto &[begin, block] = *std::prev(after);
    const size_t offset = physical - begin;
    if (offset + size > block->seen.size())
        fatal("a picture ends behind its memory");
    const auto from = block->seen.begin() + ptrdiff_t(offset);
    return {from, from + ptrdiff_t(size)};
}

bool has_begun()
{
    const std::lock_guard hold{all().lock};
    return all().begun > 0;
}

int blocks()
{
    const std::lock_guard hold{all().lock};
    return int(all().blocks.size());
}

} // namespace panto::cvi_standin

CVI_S32 CVI_SYS_Init(void)
{
    const std::lock_guard hold{all().lock};
    if (const int refused = knob("CVI_STANDIN_INIT"))
        return refused;
    ++all().begun;
    return 0;
}

CVI_S32 CVI_SYS_Exit(void)
{
    const std::lock_guard hold{all().lock};
    if (all().begun-- == 0)
        fatal("a system is ended that was not begun");
    if (all().begun == 0 && !all().blocks.empty())
        fatal("the system is ended while memory of it is in use");
    return 0;
}

CVI_S32 CVI_SYS_GetVersion(MMF_VERSION_S *version)
{
    const char *const text = std::getenv("CVI_STANDIN_VERSION");
    std::snprintf(version->version, sizeof version->version, "%s", text ? text : "stand-in 1");
    return 0;
}

CVI_S32 CVI_SYS_IonAlloc(CVI_U64 *physical, void **bytes, const CVI_CHAR *, CVI_U32 size)
{
    if (const int refused = knob("CVI_STANDIN_ALLOC"))
        return refused;
    const std::lock_guard hold{all().lock};
    if (!all().begun)
        fatal("memory is asked for before the system has begun");
    auto block = std::make_unique<Block>();
    block->written.resize(size, 0x5a);
    block->seen = block->written;
    *physical = all().next;
    *bytes = block->written.data();
    all().next += (size + 0xFFFu) / 0x1000u * 0x1000u + 0x1000u;
    all().blocks[*physical] = std::move(block);
    return 0;
}

CVI_S32 CVI_SYS_IonFlushCache(CVI_U64 physical, void *bytes, CVI_U32 size)
{
    const std::lock_guard hold{all().lock};
    const auto found = all().blocks.find(physical);
    if (found == all().blocks.end() || bytes != found->second->written.data() ||
        size > found->second->written.size())
        fatal("a cache is written back to memory that is not there");
    std::copy_n(found->second->written.begin(), size, found->second->seen.begin());
    return 0;
}

CVI_S32 CVI_SYS_IonFree(CVI_U64 physical, void *)
{
    const std::lock_guard hold{all().lock};
    if (all().blocks.erase(physical) == 0)
        fatal("memory is freed that is not there");
    return 0;
}
