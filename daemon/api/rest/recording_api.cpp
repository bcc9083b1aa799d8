// SPDX-License-Identifier: LGPL-2.1-or-later
/// Recordings of the screen: begun and ended here, or saved from the seconds kept in memory.
#include "daemon/api/rest/recording_api.h"

#include "daemon/api/rest/envelope.h"
#include "lib/glib/ask_disk.h"
#include "lib/glib/time_text.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using recording::Recorder;
using recording::Shelf;

struct StartBody {
    std::string format = "mp4";
    unsigned minutes = 0;
};
constexpr Field<StartBody> kStart[] = {
    one_of("mp4|mkv", "format", "What the file is", &StartBody::format),
    {"minutes", "When it ends by itself; 0: as recording.most_minutes says", &StartBody::minutes, 0,
     10080},
};
struct SaveBody {
    std::string format = "mp4";
};
constexpr Field<SaveBody> kSave[] = {
    one_of("mp4|mkv", "format", "What the file is", &SaveBody::format),
};
struct WindowBody {
    unsigned seconds = 0;
};
constexpr Field<WindowBody> kWindow[] = {
    required<WindowBody>(
        {"seconds", "How much is kept in memory, in s; 0: nothing", &WindowBody::seconds, 0, 600}),
};

Done<std::string> answer_name(const Reply &reply, const char *what)
{
    return [reply, what](Result<std::string> name) {
        if (name)
            return reply(success(json::Object{}.add("name", *name)));
        const Error &e = name.error();
        const int code = e.kind == Kind::Busy || e.kind == Kind::NotFound ? -2 : -3;
        reply(failure(code, what, e));
    };
}

/// Of several files the last is the newest: who asks for one name gets that.
Done<Recorder::Names> answer_names(const Reply &reply, const char *what)
{
    return [reply, what](Result<Recorder::Names> names) {
        if (!names)
            return answer_name(reply, what)(std::move(names.error()));
        json::Array all;
        for (const auto &name : *names)
            all.add(name);
        reply(success(json::Object{}.add("name", names->back()).add("names", all)));
    };
}

void list(const Recorder &recorder, const Reply &reply)
{
    ask_disk(
        Lane::Films, [shelf = recorder.shelf()] { return shelf.list(); },
        [&recorder, reply](Result<std::vector<Shelf::Item>> items) {
            if (!items)
                return reply(failure(-3, "list recordings failed", items.error()));
            json::Array all;
            for (const auto &item : *items)
                all.add(json::Object{}
                            .add("name", item.name)
                            .add("size", item.size_bytes)
                            .add("modified", item.modified_s)
                            .add("recording", recorder.writes(item.name)));
            reply(success(json::Object{}.add("recordings", all)));
        });
}

/// Downloads are HTTP as everybody knows it, with its statuses.
void refuse(const Reply &reply, const Error &e)
{
    reply({http::status_of(e.kind), "text/plain; charset=utf-8", e.message + "\n", {}, e.message});
}

void send(const Recorder &recorder, const std::string &name, const Reply &reply)
{
    if (auto checked = recording::check_name(name); !checked)
        return refuse(reply, {Kind::NotFound, checked.error().message});
    if (recorder.writes(name))
        return refuse(reply, {Kind::Conflict, "it is being written: stop the recording first"});
    using File = std::shared_ptr<const MappedFile>;
    ask_disk(
        Lane::Films, [path = recorder.shelf().path_of(name)] { return MappedFile::open(path); },
        [reply, name](Result<File> file) {
            if (!file)
                return refuse(reply, file.error().kind == Kind::NotFound
                                         ? Error{Kind::NotFound, "no such recording"}
                                         : file.error());
            http::Response r;
            r.type = name.ends_with(".mp4") ? "video/mp4" : "video/x-matroska";
            r.headers = {{"Content-Disposition", "attachment; filename=\"" + name + "\""},
                         {"Cache-Control", "no-store"}};
            r.file = *file;
            reply(std::move(r));
        });
}

void remove(const Recorder &recorder, const std::string &name, const Reply &reply)
{
    if (recorder.writes(name))
        return reply(failure(-2, "it is being written: stop the recording first"));
    ask_disk(
        Lane::Films, [shelf = recorder.shelf(), name] { return shelf.remove(name); },
        [reply](Result<> done) {
            if (done)
                return reply(success());
            reply(done.error().kind == Kind::Unavailable
                      ? failure(-3, "remove recording failed", done.error())
                      : failure(-2, "no such recording"));
        });
}

} // namespace

json::Object recording_status(const recording::Status &s)
{
    return json::Object{}
        .add("on", s.on)
        .add("name", s.file)
        .add("seconds", s.seconds)
        .add("dropped", s.dropped)
        .add("reason", s.reason)
        .add("window", json::Object{}
                           .add("seconds", s.window_s)
                           .add("kept", s.kept_s)
                           .add("bytes", s.kept_bytes));
}

std::vector<http::Route> recording_routes(Recorder &recorder)
{
    return {
        {"GET", "/api/stream/recording", Role::Admin, "Tells what is recorded and kept",
         [&recorder](const Request &, Reply reply) {
             reply(success(recording_status(recorder.status())));
         }},
        {"POST", "/api/stream/recording/start", Role::Admin,
         "Records the H.264 stream as it is, and answers the file's name",
         with_body(kStart,
                   [&recorder](const StartBody &b, const Request &, Reply reply) {
                       recorder.start(b.format, b.minutes, answer_name(reply, "start failed"));
                   })},
        {"POST", "/api/stream/recording/stop", Role::Admin,
         "Ends the recording, and answers when the file is whole",
         without_fields([&recorder](const Request &, Reply reply) {
             recorder.stop(answer_name(reply, "stop failed"));
         })},
        {"POST", "/api/stream/recording/window", Role::Admin,
         "Sets how many seconds are kept in memory",
         with_body(kWindow,
                   [&recorder](const WindowBody &b, const Request &, Reply reply) {
                       recorder.keep(b.seconds);
                       reply(success());
                   })},
        {"POST", "/api/stream/recording/save", Role::Admin,
         "Saves the seconds kept in memory, and answers when the files are whole: one for each "
         "picture size",
         with_body(kSave,
                   [&recorder](const SaveBody &b, const Request &, Reply reply) {
                       recorder.save(b.format, answer_names(reply, "save failed"));
                   })},
        {"GET", "/api/stream/recordings", Role::Admin, "Lists the recordings",
         [&recorder](const Request &, Reply reply) { list(recorder, reply); }},
        {"GET", "/api/stream/recordings/:name", Role::Admin, "Sends a recording, or a part of it",
         [&recorder](const Request &rq, Reply reply) {
             send(recorder, rq.params.at("name"), reply);
         }},
        {"DELETE", "/api/stream/recordings/:name", Role::Admin, "Deletes a recording",
         [&recorder](const Request &rq, Reply reply) {
             remove(recorder, rq.params.at("name"), reply);
         }},
    };
}

} // namespace panto::api
