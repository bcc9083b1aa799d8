// SPDX-License-Identifier: LGPL-2.1-or-later
/// Which of the library's objects live, and of which kind each handle is.
///
/// Errors   a handle of another kind, or of an object that is gone, ends the process with a
///          sentence that names the function it was given to, as the library ends it
/// Threads  any
#pragma once

#include "tests/fakes/mpp/mpp_standin.h"

#include <string>

namespace panto::standin
{

enum class Kind {
    Context = MPP_STANDIN_CONTEXTS,
    Frame = MPP_STANDIN_FRAMES,
    Packet = MPP_STANDIN_PACKETS,
    Buffer = MPP_STANDIN_BUFFERS,
    Group = MPP_STANDIN_GROUPS,
    Cfg = MPP_STANDIN_CFGS,
    Meta = MPP_STANDIN_METAS,
};

/// Ends the process: a test's program did what no program may do to the library.
[[noreturn]] void fatal(const char *caller, const std::string &what);

void enter(Kind kind, const void *object);
void leave(const void *object);
void check(Kind kind, const void *object, const char *caller);

/// First base of every object behind a handle.
template <Kind kind>
class Live
{
public:
    Live() { enter(kind, this); }
    ~Live() { leave(this); }
    Live(const Live &) = delete;
    Live &operator=(const Live &) = delete;
    static constexpr Kind kKind = kind;
};

/// The object behind a handle; ends the process where there is none.
template <class T>
T &live(T *handle, const char *caller)
{
    check(T::kKind, handle, caller);
    return *handle;
}

} // namespace panto::standin
