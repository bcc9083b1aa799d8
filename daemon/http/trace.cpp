// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/trace.h"

namespace panto::http
{

namespace
{

constexpr char kKey[] = "pantograph-trace";

} // namespace

Trace &trace_of(SoupServerMessage *message)
{
    if (auto *trace = static_cast<Trace *>(g_object_get_data(G_OBJECT(message), kKey)))
        return *trace;
    auto *trace = new Trace;
    g_object_set_data_full(G_OBJECT(message), kKey, trace,
                           [](gpointer p) { delete static_cast<Trace *>(p); });
    return *trace;
}

} // namespace panto::http
