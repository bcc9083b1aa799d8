// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/message.h"

#include <memory>

namespace panto::http
{

/// A parked message: answered later, unless the client has gone by then.
struct Parked {
    SoupServerMessage *message;
    std::shared_ptr<const bool> stopped; ///< the server has let go of its connections
    bool gone = false;

    Parked(SoupServerMessage *m, std::shared_ptr<const bool> server_stopped)
        : message{SOUP_SERVER_MESSAGE(g_object_ref(m))}, stopped{std::move(server_stopped)}
    {
        g_signal_connect_swapped(m, "finished", G_CALLBACK(+[](Parked *p) { p->gone = true; }),
                                 this);
        soup_server_message_pause(m);
    }
    ~Parked()
    {
        g_signal_handlers_disconnect_by_data(message, this);
        g_object_unref(message);
    }
    Parked(const Parked &) = delete;
    Parked &operator=(const Parked &) = delete;
    void send(const Response &response)
    {
        if (gone || *stopped)
            return;
        write_response(message, response);
        soup_server_message_unpause(message);
    }
};

/// Parks the message until the Reply is given.
inline Reply park(SoupServerMessage *message, std::shared_ptr<const bool> stopped)
{
    auto parked = std::make_shared<Parked>(message, std::move(stopped));
    return Reply{[parked](Response r) { parked->send(r); }};
}

} // namespace panto::http
