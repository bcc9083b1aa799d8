// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace panto::http
{

class Socket;
class Stream;

/// Answers once, now or later.
using Call = std::function<void(const Request &, Reply)>;
/// Takes over an upgraded WebSocket.
using Open = std::function<void(const Request &, std::unique_ptr<Socket>)>;
/// Takes over the raw connection of a response without an end, after its headers went out.
using Feed = std::function<void(const Request &, std::unique_ptr<Stream>)>;

/// Where the body of one request goes while it arrives. Destroyed before finish(): the peer went
/// away, or its session was revoked.
class BodySink
{
public:
    virtual ~BodySink() = default;
    /// One part, in order. `taken` asks for the next, now or later; until then the peer waits.
    virtual void take(std::string part, std::function<void()> taken) = 0;
    /// The body was whole and all of it was taken.
    virtual void finish(Reply reply) = 0;

    /// Ends the request before its body is whole, of which no more is read, and soon the sink.
    /// Whoever feeds the sink has set it before the first part; it does nothing after finish().
    std::function<void(Response)> refuse;
};
/// Opens a sink before any of the body is read, or refuses with a response.
using Take = std::function<std::variant<std::unique_ptr<BodySink>, Response>(const Request &)>;

/// One field of a request's body, for the documentation.
struct BodyField {
    const char *name;
    const char *type; ///< string, boolean or integer
    const char *doc;
    int64_t min = 0; ///< min = max = 0: any
    int64_t max = 0;
    const char *choices = nullptr; ///< "a|b|c"; nullptr = any text
    bool required = false;
};

/// What answers, and the fields that it reads from a JSON or form body.
struct Handler {
    template <class Answer>
    requires(!std::same_as<std::remove_cvref_t<Answer>, Handler>)
        Handler(Answer &&a, std::vector<BodyField> f = {})
        : answer{std::forward<Answer>(a)}, fields{std::move(f)}
    {
    }
    std::variant<Call, Open, Feed, Take> answer;
    std::vector<BodyField> fields;
    bool inside = false; ///< for programs of this machine, which need no TLS
};

/// One entry of the one table that dispatch, authorisation and documentation come from.
struct Route {
    const char *method;  ///< GET, POST, ...; WS for a WebSocket
    const char *path;    ///< parts that start with a colon are parameters
    Role role;           ///< least role
    const char *summary; ///< one sentence
    Handler handler;
    /// Feed: the response headers. Open: unused.
    Headers headers = {};
    /// Largest body (or WebSocket message) taken, in bytes. Take: the sink decides.
    size_t max_body_bytes = 1 << 20;
};

/// The one table of routes, which never shrinks.
class RouteTable
{
public:
    /// The reference holds until the next add().
    const Route &add(Route route);
    const std::vector<Route> &all() const { return all_; }
    /// The route of a method (WS for a WebSocket) and path without a slash at its end, and what the
    /// path's :name parts hold; of two that match, one without such parts, else the first.
    const Route *find(const std::string &method, const std::string &path,
                      std::map<std::string, std::string> &params) const;

private:
    std::vector<Route> all_;
    std::unordered_map<std::string, size_t> plain_; // "GET /api/vm/info" -> where in all_
    std::vector<size_t> with_names_;
};

/// "get_api_vm_info": the route's name wherever it is counted, logged or documented.
std::string id_of(const Route &route);

/// Whether this address is this machine's own, inside it.
bool is_loopback(const std::string &address);

/// What the path's :name parts hold, or nothing when the path is another.
bool matches(const char *pattern, const std::string &path,
             std::map<std::string, std::string> &params);

} // namespace panto::http
