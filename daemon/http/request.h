// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/mapped_file.h"
#include "lib/base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace panto::http
{

/// Who may call a route. User is any valid session.
enum class Role { Anyone, User, Admin };

/// Who is calling, as the session says.
struct Principal {
    std::string user;
    Role role = Role::Anyone;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string path;                          ///< decoded once, without a trailing slash
    std::map<std::string, std::string> params; ///< from the route's :name parts
    std::map<std::string, std::string> query;
    std::string content_type;      ///< without parameters, lower case
    std::string content_type_line; ///< as it came
    std::string body;              ///< empty for a route that takes it part by part
    int64_t content_length = -1;   ///< as announced; -1 when it was not
    std::string content_range;
    std::string checksum;         ///< X-SHA256-Sum, or X-SHA256-Checksum
    std::string token;            ///< the session cookie; of several, the first
    std::string bearer;           ///< what Authorization: Bearer bears
    std::string internal_token;   ///< X-NanoKVM-Internal-Token
    std::string protocol_version; ///< MCP-Protocol-Version
    std::string address;          ///< the peer's address, without port
    std::string local_address;    ///< the address of ours it came to; "" of one that only reads
    std::string host;             ///< the Host header
    std::string origin;
    std::string if_match;
    std::string user_agent;
    std::string accept;  ///< the Accept header as it stands
    bool secure = false; ///< came over TLS, here or at the proxy in front of us
    Principal principal;
};

struct Response {
    unsigned status = 200;
    std::string type = "application/json; charset=utf-8";
    std::string body;
    Headers headers;
    /// For the log: what was wrong with the request, without a word of what it held.
    std::string why = {};
    /// Sent in place of the body, or those parts of it that a Range header asks for.
    std::shared_ptr<const MappedFile> file = {};
};

/// Sends the one Response to a request. May be kept and copied; dropping the last copy without
/// an answer sends 503, so no request can hang.
///
/// Threads  main loop only
class Reply
{
public:
    using Send = std::function<void(Response)>;
    /// Has a function called, once, if the peer goes before it has its answer.
    using IfGone = std::function<void(std::function<void()>)>;

    explicit Reply(Send send, IfGone if_gone = nullptr)
        : state_{std::make_shared<State>(std::move(send), std::move(if_gone))}
    {
    }
    void operator()(Response response) const
    {
        state_->if_gone = nullptr;
        if (auto send = std::exchange(state_->send, nullptr))
            send(std::move(response));
    }

    /// Calls fn, at most once and from the main loop, when the peer ends its side of the connection
    /// before it has its answer. That must still be given. fn must not hold this Reply.
    void if_gone(std::function<void()> fn) const
    {
        if (state_->send && state_->if_gone)
            state_->if_gone(std::move(fn));
    }

private:
    struct State {
        Send send;
        IfGone if_gone;
        State(Send s, IfGone g) : send{std::move(s)}, if_gone{std::move(g)} {}
        State(const State &) = delete;
        State &operator=(const State &) = delete;
        ~State()
        {
            if (send)
                send({503, "text/plain", "request abandoned\n", {}});
        }
    };
    std::shared_ptr<State> state_;
};

/// The HTTP status that says what kind of thing went wrong.
inline unsigned status_of(Kind kind)
{
    switch (kind) {
    case Kind::Invalid:
        return 400;
    case Kind::Denied:
        return 403;
    case Kind::NotFound:
        return 404;
    case Kind::Conflict:
        return 409;
    case Kind::Busy:
    case Kind::Unavailable:
        return 503;
    case Kind::Timeout:
        return 504;
    case Kind::Internal:
        break;
    }
    return 500;
}

} // namespace panto::http
