// SPDX-License-Identifier: LGPL-2.1-or-later
/// The least that passes for the encoder library, and then refuses: mpp_init fails, as on hardware
/// without the codec. Built three times: as it is, with LACKS_A_FUNCTION, and with TABLE_SIZE=that
/// of another version.
#include "plugins/venc/mppabi.h"

#include <type_traits>

#ifndef TABLE_SIZE
#define TABLE_SIZE kApiSize
#endif

namespace panto::mpp
{

namespace
{

Ret control(Context *, Command, void *)
{
    return Ret::Ok;
}

Api table{};

template <class T>
T refused()
{
    if constexpr (std::is_same_v<T, Ret>)
        return Ret::Nok;
    else if constexpr (!std::is_void_v<T>)
        return T{};
}

} // namespace

// Defined by hand below: their places in the list define names that nobody looks for.
#define mpp_create unused_create
#define mpp_destroy unused_destroy
#ifdef LACKS_A_FUNCTION
#define mpp_packet_get_pts unused_get_pts
#endif
#define REFUSE(need, ret, name, args)                                                              \
    extern "C" [[gnu::visibility("default")]] ret name args                                        \
    {                                                                                              \
        return refused<ret>();                                                                     \
    }
PANTO_MPP_FUNCTIONS(REFUSE)
#undef mpp_create
#undef mpp_destroy

extern "C" [[gnu::visibility("default")]] Ret mpp_create(Context **context, Api **api)
{
    table.size = TABLE_SIZE;
    table.control = control;
    *context = reinterpret_cast<Context *>(&table);
    *api = &table;
    return Ret::Ok;
}

extern "C" [[gnu::visibility("default")]] Ret mpp_destroy(Context *)
{
    return Ret::Ok;
}

} // namespace panto::mpp
