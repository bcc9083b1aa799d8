// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/bus.h"

#include <string_view>

namespace panto::system
{

namespace
{

using Failure = Owned<GError, g_error_free>;

struct Pending {
    Method method;
    Ref<GVariant> arguments;
    Ref<GCancellable> cancel;
    Done<Ref<GVariant>> done;
};

bool cancelled(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/// What a caller can do about it, by the name that the service or the bus gave it.
Kind kind_of(std::string_view name)
{
    for (const char *denied : {"AccessDenied", "InteractiveAuthorizationRequired", "AuthFailed"})
        if (name.ends_with(denied))
            return Kind::Denied;
    for (const char *gone : {"ServiceUnknown", "NameHasNoOwner", "NoReply", "Timeout",
                             "Disconnected", "TimedOut", "Spawn.ExecFailed", "NoServer"})
        if (name.ends_with(gone))
            return Kind::Unavailable;
    for (const char *missing : {"NoSuchUnit", "UnknownObject", "NotFound", "FileNotFound"})
        if (name.ends_with(missing))
            return Kind::NotFound;
    return Kind::Internal;
}

Error refusal(const Method &method, GError *error)
{
    char *remote = g_dbus_error_get_remote_error(error);
    const std::string name = remote ? remote : "";
    g_free(remote);
    g_dbus_error_strip_remote_error(error);
    const Kind kind = name.empty() ? Kind::Unavailable : kind_of(name);
    std::string message = std::string{method.service} + "." + method.name + ": " + error->message;
    if (kind == Kind::Denied)
        message += " (run pantographd as root, or let its user do this with a polkit rule)";
    return Error{kind, std::move(message)};
}

void answered(GObject *connection, GAsyncResult *result, gpointer data)
{
    const std::unique_ptr<Pending> pending{static_cast<Pending *>(data)};
    GError *raw = nullptr;
    GVariant *answer = g_dbus_connection_call_finish(G_DBUS_CONNECTION(connection), result, &raw);
    const Failure error{raw};
    if (answer)
        return pending->done(Ref<GVariant>::adopt(answer));
    if (!cancelled(error.get()))
        pending->done(refusal(pending->method, error.get()));
}

void connected(GObject *, GAsyncResult *result, gpointer data)
{
    std::unique_ptr<Pending> pending{static_cast<Pending *>(data)};
    GError *raw = nullptr;
    GDBusConnection *connection = g_bus_get_finish(result, &raw);
    const Failure error{raw};
    if (!connection) {
        if (!cancelled(error.get()))
            pending->done(
                Error{Kind::Unavailable, std::string{"no system bus: "} + error->message});
        return;
    }
    g_dbus_connection_set_exit_on_close(connection, FALSE);
    const Method m = pending->method;
    GVariant *arguments = pending->arguments.get();
    GCancellable *cancel = pending->cancel.get();
    g_dbus_connection_call(connection, m.service, m.path.c_str(), m.interface, m.name, arguments,
                           nullptr,
                           m.wakes ? G_DBUS_CALL_FLAGS_NONE : G_DBUS_CALL_FLAGS_NO_AUTO_START,
                           int(m.longest.count()), cancel, answered, pending.release());
    g_object_unref(connection); // the call keeps it
}

} // namespace

Bus::Bus() : cancel_{Ref<GCancellable>::adopt(g_cancellable_new())} {}

Bus::~Bus()
{
    g_cancellable_cancel(cancel_.get());
}

void Bus::call(const Method &method, Ref<GVariant> arguments, Done<Ref<GVariant>> done)
{
    auto *pending = new Pending{method, std::move(arguments), cancel_, std::move(done)};
    g_bus_get(G_BUS_TYPE_SYSTEM, cancel_.get(), connected, pending);
}

} // namespace panto::system
