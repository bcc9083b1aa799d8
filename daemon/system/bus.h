// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"
#include "lib/glib/gio.h"

#include <chrono>
#include <memory>
#include <string>

PANTO_COUNTED(GVariant, g_variant_ref, g_variant_unref)

namespace panto::system
{

/// Where a method is on the system bus.
struct Method {
    const char *service;   ///< org.freedesktop.hostname1
    std::string path;      ///< /org/freedesktop/hostname1
    const char *interface; ///< org.freedesktop.hostname1
    const char *name;      ///< SetStaticHostname
    bool wakes = true;     ///< starts the service when it does not run
    std::chrono::milliseconds longest = std::chrono::seconds{10};
};

/// The arguments that g_variant_new() made.
inline Ref<GVariant> taken(GVariant *floating)
{
    return Ref<GVariant>::adopt(g_variant_ref_sink(floating));
}

/// Bus: calls of the services on the system's D-Bus.
///
/// Errors   Unavailable: there is no bus, no such service, or no answer in time. Denied: the
///          service lets somebody else do this only. Else what the service said: NotFound, Internal
/// Threads  main loop only. After its death nothing is called back
class Bus
{
public:
    Bus();
    ~Bus();
    Bus(const Bus &) = delete;
    Bus &operator=(const Bus &) = delete;

    /// `arguments` is a tuple, or nothing. The answer is the tuple of what came back.
    void call(const Method &method, Ref<GVariant> arguments, Done<Ref<GVariant>> done);

private:
    Ref<GCancellable> cancel_;
};

} // namespace panto::system
