// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/trace.h"

namespace panto::http
{

namespace
{

GQuark key()
{
    static const GQuark quark = g_quark_from_static_string("pantograph-trace");
    return quark;
}

} // namespace

Trace &trace_of(SoupServerMessage *message)
{
    if (auto *trace = static_cast<Trace *>(g_object_get_qdata(G_OBJECT(message), key())))
        return *trace;
    auto *trace = new Trace;
    g_object_set_qdata_full(G_OBJECT(message), key(), trace,
                            [](gpointer p) { delete static_cast<Trace *>(p); });
    return *trace;
}

} // namespace panto::http
