// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/objects.h"

#include "tests/fakes/mpp/knobs.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <unordered_map>

namespace panto::standin
{

namespace
{

const char *const kNames[MPP_STANDIN_KINDS] = {"contexts", "frames", "packets", "buffers",
                                               "groups",   "cfgs",   "metas"};

struct Register {
    std::mutex lock;
    std::unordered_map<const void *, Kind> kinds;

    void count(int *n)
    {
        std::fill(n, n + MPP_STANDIN_KINDS, 0);
        const std::lock_guard hold{lock};
        for (const auto &[object, kind] : kinds)
            ++n[int(kind)];
    }
};

/// Never destroyed: a context that a hung client has left lives until the process ends.
Register &objects()
{
    static auto *const all = new Register;
    return *all;
}

std::string described(const int *n)
{
    std::string text;
    for (int kind = 0; kind < MPP_STANDIN_KINDS; ++kind)
        text += std::string{" "} + kNames[kind] + "=" + std::to_string(n[kind]);
    return text;
}

const struct Report {
    Report() { objects(); }
    ~Report()
    {
        int n[MPP_STANDIN_KINDS], sum = 0;
        objects().count(n);
        for (const int each : n)
            sum += each;
        if (sum)
            std::fprintf(stderr, "mpp stand-in: left at exit:%s\n", described(n).c_str());
        else
            log("exit: no object is left");
    }
} report;

} // namespace

void fatal(const char *caller, const std::string &what)
{
    std::fprintf(stderr, "mpp stand-in: %s: %s\n", caller, what.c_str());
    std::abort();
}

void enter(Kind kind, const void *object)
{
    const std::lock_guard hold{objects().lock};
    objects().kinds[object] = kind;
}

void leave(const void *object)
{
    const std::lock_guard hold{objects().lock};
    objects().kinds.erase(object);
}

void check(Kind kind, const void *object, const char *caller)
{
    if (!object)
        fatal(caller, "a null handle");
    const std::lock_guard hold{objects().lock};
    const auto found = objects().kinds.find(object);
    if (found == objects().kinds.end())
        fatal(caller, "the handle of an object that is gone or never was");
    if (found->second != kind)
        fatal(caller, std::string{"a handle of "} + kNames[int(found->second)] + ", not of " +
                          kNames[int(kind)]);
}

} // namespace panto::standin

void mpp_standin_counts(int *n)
{
    panto::standin::objects().count(n);
}
