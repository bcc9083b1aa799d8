// SPDX-License-Identifier: LGPL-2.1-or-later
/// The owner's scripts, and those that run at each start of the device.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/http/multipart.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using system::Scripts;

constexpr size_t kMostUpload = (1 << 20) + (64 << 10); // the largest script, and a form around it
constexpr size_t kMostContent = 2 << 20;               // the same, as JSON escapes it

struct RunBody {
    std::string name;
    std::string type;
};
constexpr Field<RunBody> kRun[] = {
    required<RunBody>({"name", "Name of the script", &RunBody::name}),
    required<RunBody>(one_of<RunBody>("foreground|background", "type",
                                      "foreground answers what it said when it has ended",
                                      &RunBody::type)),
};
struct NameBody {
    std::string name;
};
constexpr Field<NameBody> kName[] = {
    required<NameBody>({"name", "Name of the script", &NameBody::name}),
};
struct ContentBody {
    std::string content;
};
constexpr Field<ContentBody> kContent[] = {
    {"content", "The whole script", &ContentBody::content},
};

void list(const Scripts &scripts, const Reply &reply, const char *what)
{
    scripts.list([reply, what](Result<std::vector<std::string>> names) {
        if (!names)
            return reply(failure(-1, what, names.error()));
        reply(success(json::Object{}.add("files", json::array_of(*names))));
    });
}

void upload(Scripts &scripts, const Request &rq, const Reply &reply)
{
    auto reader = http::PartReader::create(rq.content_type_line, "file");
    if (!reader)
        return reply(failure(-1, "bad request", reader.error()));
    auto content = reader->feed(rq.body);
    if (!content || !reader->ended())
        return reply(
            failure(-1, "bad request", Error{Kind::Invalid, "there is no whole part named file"}));
    const std::string name = reader->filename();
    scripts.save(name, *content, [reply, name](Result<> saved) {
        if (saved)
            return reply(success(json::Object{}.add("file", name)));
        const bool wrong = saved.error().kind == Kind::Invalid;
        reply(failure(-2, wrong ? "invalid arguments" : "save failed", saved.error()));
    });
}

/// What a script said is for whoever ran it, and for no log.
http::Response ended(const Result<system::Ended> &end)
{
    if (!end)
        return failure(-2, "run script failed", end.error());
    if (end->status == 0)
        return success(json::Object{}.add("log", end->output));
    const std::string why = end->status < 0 ? std::string{"a signal ended it"}
                                            : "exit status " + std::to_string(end->status);
    auto r = failure(-2, "run script failed",
                     Error{Kind::Internal, why + (end->output.empty() ? "" : "\n" + end->output)});
    r.why = "run script failed: " + why;
    return r;
}

void run(const Scripts &scripts, const RunBody &body, const Reply &reply)
{
    if (body.type == "foreground")
        return scripts.run(body.name,
                           [reply](const Result<system::Ended> &end) { reply(ended(end)); });
    scripts.start(body.name, [reply](Result<> started) {
        reply(started ? success(json::Object{}.add("log", ""))
                      : failure(-2, "run script failed", started.error()));
    });
}

std::vector<http::Route> autostart_routes(Scripts &autostart)
{
    const auto tell = [&autostart](const Request &, Reply reply) {
        list(autostart, reply, "get autostart directory fail");
    };
    const auto read = [&autostart](const Request &rq, Reply reply) {
        autostart.read(rq.params.at("name"), [reply](Result<std::string> content) {
            reply(content ? success(*content) : failure(-1, "read file fail", content.error()));
        });
    };
    const auto write = [&autostart](const ContentBody &body, const Request &rq, Reply reply) {
        const std::string name = rq.params.at("name");
        autostart.save(name, body.content, [reply, name](Result<> saved) {
            reply(saved ? success(name) : failure(-1, "create file fail", saved.error()));
        });
    };
    const auto remove = [&autostart](const Request &rq, Reply reply) {
        autostart.remove(rq.params.at("name"), answer(reply, -3, "remove file fail"));
    };
    return {
        {"GET", "/api/vm/autostart", Role::Admin, "Lists what runs at each start of the device",
         tell},
        {"GET", "/api/vm/autostart/:name", Role::Admin, "Reads what runs at each start", read},
        {"POST",
         "/api/vm/autostart/:name",
         Role::Admin,
         "Writes what runs at each start",
         with_body(kContent, write, {-1, "parse form request fail"}),
         {},
         kMostContent},
        {"DELETE", "/api/vm/autostart/:name", Role::Admin, "Removes what runs at each start",
         without_fields(remove)},
    };
}

} // namespace

std::vector<http::Route> scripts_routes(Scripts &scripts, Scripts &autostart)
{
    const auto tell = [&scripts](const Request &, Reply reply) {
        list(scripts, reply, "get scripts failed");
    };
    const auto save = [&scripts](const Request &rq, Reply reply) { upload(scripts, rq, reply); };
    const auto start = [&scripts](const RunBody &body, const Request &, Reply reply) {
        run(scripts, body, reply);
    };
    const auto remove = [&scripts](const NameBody &body, const Request &, Reply reply) {
        scripts.remove(body.name, [reply](Result<> removed) {
            if (removed)
                return reply(success());
            const bool wrong = removed.error().kind == Kind::Invalid;
            reply(failure(wrong ? -1 : -3, wrong ? "invalid arguments" : "delete failed",
                          removed.error()));
        });
    };
    std::vector<http::Route> routes = {
        {"GET", "/api/vm/script", Role::Admin, "Lists the scripts", tell},
        {"POST",
         "/api/vm/script/upload",
         Role::Admin,
         "Stores a script: a form with a part named file",
         save,
         {},
         kMostUpload},
        {"POST", "/api/vm/script/run", Role::Admin, "Runs a script", with_body(kRun, start)},
        {"DELETE", "/api/vm/script", Role::Admin, "Removes a script", with_body(kName, remove)},
    };
    const auto more = autostart_routes(autostart);
    routes.insert(routes.end(), more.begin(), more.end());
    return routes;
}

} // namespace panto::api
