// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"
#include "lib/glib/ref.h"
#include "lib/glib/source.h"

#include <functional>
#include <gio/gio.h>
#include <string>

PANTO_COUNTED(GSocket, g_object_ref, g_object_unref)

namespace panto::http
{

/// Listener: accepts connections, and gives up on those that say nothing.
///
/// libsoup's own listening has room for 10 in the queue and waits for a silent peer without an end;
/// GSocketService costs a task for each connection.
///
/// Drops    a peer that neither sends nor takes a byte for 30 s, unless what took the connection
///          over sets the socket's timeout anew
/// Threads  main loop only
class Listener
{
public:
    using Accept = std::function<void(GSocketConnection *, GSocketAddress *remote)>;

    explicit Listener(Accept accept);
    ~Listener() { stop(); }
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    /// Listens on host ("" = all addresses); port 0 takes any free one.
    Result<> listen(const std::string &host, unsigned port);
    /// 0 while it does not listen.
    unsigned port() const { return port_; }
    void stop();

private:
    void wait();
    void accept();

    Accept accept_;
    Ref<GSocket> socket_; // none: it does not listen
    Source waiting_;
    unsigned port_ = 0;
};

} // namespace panto::http
