// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions that make a context, and the table of those that work on one.
#include "tests/fakes/mpp/context.h"

#include <cstring>

namespace panto::mpp
{

using standin::fatal;
using standin::live;
using standin::log;

namespace
{

void not_imitated()
{
    fatal("MppApi", "a function that no encoder calls");
}

Ret put_frame(Context *context, Frame *frame)
{
    return live(context, "encode_put_frame").put(frame);
}

Ret get_packet(Context *context, Packet **packet)
{
    return live(context, "encode_get_packet").get(packet);
}

Ret poll(Context *context, Port port, Poll timeout)
{
    return live(context, "poll").poll(port, timeout);
}

// The task interface, which a caller that puts and gets does not need.
Ret dequeue(Context *, Port, Task **)
{
    return Ret::Nok;
}
Ret enqueue(Context *, Port, Task *)
{
    return Ret::Nok;
}

Ret reset(Context *context)
{
    return live(context, "reset").reset();
}

Ret control(Context *context, Command command, void *parameter)
{
    return live(context, "control").control(command, parameter);
}

/// One for each of the sizes that libraries have; shared by all contexts, and never freed.
struct Table {
    alignas(Api) unsigned char bytes[kApiSize + kPointer] = {};

    explicit Table(uint32_t size)
    {
        const Api now{
            .size = size,
            .version = 0,
            .decode = not_imitated,
            .decode_put_packet = not_imitated,
            .decode_get_frame = not_imitated,
            .encode = not_imitated,
            .encode_put_frame = put_frame,
            .encode_get_packet = get_packet,
            .isp = not_imitated,
            .isp_put_frame = not_imitated,
            .isp_get_frame = not_imitated,
            .poll = poll,
            .dequeue = dequeue,
            .enqueue = enqueue,
            .reset = reset,
            .control = control,
            .reserv = {},
        };
        std::memcpy(bytes, &now, sizeof(now));
        if (size < kApiSize) // before 2017: everything behind isp_get_frame lies one place earlier
            std::memmove(bytes + offsetof(Api, poll), bytes + offsetof(Api, dequeue),
                         sizeof(Api) - offsetof(Api, dequeue));
        // A larger one has another function in place of the first numbers of reserv.
    }
    Api *api() { return reinterpret_cast<Api *>(bytes); }
};

} // namespace

Api *Context::api() const
{
    static Table old{uint32_t(kApiSize - kPointer)}, common{kApiSize},
        grown{uint32_t(kApiSize + kPointer)};
    const auto size = uint32_t(knobs_.table);
    return size < kApiSize ? old.api() : size > kApiSize ? grown.api() : common.api();
}

Ret mpp_create(Context **context, Api **api)
{
    if (!context || !api)
        return Ret::NullPointer;
    standin::open_log();
    *context = new Context;
    *api = (*context)->api();
    log("create");
    return Ret::Ok;
}

Ret mpp_init(Context *context, CtxType type, Coding coding)
{
    return live(context, __func__).init(type, coding);
}

Ret mpp_destroy(Context *context)
{
    if (!context)
        return Ret::NullPointer;
    log("destroy");
    delete &live(context, __func__);
    return Ret::Ok;
}

Ret mpp_check_support_format(CtxType type, Coding coding)
{
    // What was compiled in, not what the chip has.
    const bool known = coding == Coding::Avc || coding == Coding::Mjpeg || coding == Coding::Hevc;
    return type == CtxType::Encoder && known ? Ret::Ok : Ret::Nok;
}

} // namespace panto::mpp

void mpp_standin_release_hangs()
{
    panto::standin::Chip::release_hangs();
}
