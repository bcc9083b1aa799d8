// SPDX-License-Identifier: LGPL-2.1-or-later
/// The envelope of the NanoKVM's REST door: HTTP 200 with {"code","msg","data"}, and its bodies.
///
/// Source   the NanoKVM server's HTTP layer: JSON, urlencoded and multipart bodies decode alike
#pragma once

#include "daemon/http/request.h"
#include "daemon/http/route.h"
#include "lib/base/done.h"
#include "lib/json/fields_json.h"
#include "lib/json/json.h"

#include <map>
#include <string>

namespace panto::api
{

inline http::Response success(const json::Value &data = nullptr)
{
    http::Response r;
    r.body = json::Object{}.add("code", 0).add("msg", "success").add("data", data).text();
    return r;
}

/// The log gets msg, too; a msg that repeats what the request held comes with another text for it.
inline http::Response failure(int code, const std::string &msg, const std::string &why = "")
{
    http::Response r;
    r.why = why.empty() ? msg : why;
    r.body = json::Object{}.add("code", code).add("msg", msg).add("data", nullptr).text();
    return r;
}

/// One whose msg clients compare: what was wrong stands beside it, for people and the log.
inline http::Response failure(int code, const std::string &msg, const Error &why)
{
    http::Response r;
    r.why = msg + ": " + why.message;
    r.body = json::Object{}
                 .add("code", code)
                 .add("msg", msg)
                 .add("data", nullptr)
                 .add("reason", why.message)
                 .text();
    return r;
}

/// How what succeeds with no data, or fails with `code` and `what`, is answered.
inline Done<> answer(const http::Reply &reply, int code, const std::string &what)
{
    return [reply, code, what](Result<> done) {
        reply(done ? success() : failure(code, what, done.error()));
    };
}

/// A request's body: a JSON object, or a form.
class Body
{
public:
    /// Chosen by Content-Type; a form that starts with { is read as JSON, as people forget -H.
    static Result<Body> parse(const http::Request &rq);

    template <class S, size_t N>
    Result<S> read(const Field<S> (&fields)[N]) const
    {
        return json_ ? json::read(json::object(json_), fields) : json::read(form_, fields);
    }
    /// A list of a JSON body, which a field table cannot say; nullptr for none, as in a form.
    /// Errors   Invalid: it is something else than a list
    Result<JsonArray *> list(const char *name) const;
    /// Whether there are fields at all, those of the query among them.
    bool has_fields() const { return json_ || !form_.empty(); }
    /// Whether the field is there at all, in any case.
    bool has(const char *name) const;

private:
    Ref<JsonNode> json_;
    std::map<std::string, std::string> form_;
};

/// For a route that takes no fields: any body will do, unless it says it is JSON and is none.
template <class Fn>
http::Call without_fields(Fn fn)
{
    return [fn](const http::Request &rq, http::Reply reply) {
        if (auto body = Body::parse(rq); !body && !rq.body.empty())
            return reply(failure(-1, "invalid arguments", body.error()));
        fn(rq, std::move(reply));
    };
}

/// A field table as the documentation shows it.
template <class S, size_t N>
std::vector<http::BodyField> documented(const Field<S> (&fields)[N])
{
    constexpr const char *kTypes[] = {"boolean", "integer", "integer", "string"};
    std::vector<http::BodyField> out;
    for (const auto &f : fields)
        out.push_back({f.name, kTypes[f.at.index()], f.doc, f.min, f.max, f.choices, f.required});
    return out;
}

/// What a body is answered that its route cannot take.
struct BadBody {
    int code = -1;
    const char *msg = "invalid arguments";
    bool tells_why = false; ///< the wire's msg goes on with a colon and the cause
    int no_choice = 0;      ///< of a text that is none of its field's choices; 0: as the others
    const char *no_choice_msg = msg;

    http::Response refuse(const Error &e) const;
};

/// Reads the body by a field table and calls fn(S, Reply).
template <class S, size_t N, class Fn>
http::Handler with_body(const Field<S> (&fields)[N], Fn fn, BadBody bad = {})
{
    const http::Call call = [&fields, fn, bad](const http::Request &rq, http::Reply reply) {
        auto body = Body::parse(rq);
        if (!body)
            return reply(bad.refuse(body.error()));
        auto value = body->read(fields);
        if (!value)
            return reply(bad.refuse(value.error()));
        fn(*value, rq, std::move(reply));
    };
    return {call, documented(fields)};
}

} // namespace panto::api
