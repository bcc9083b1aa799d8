// SPDX-License-Identifier: LGPL-2.1-or-later
/// What people keep on the device for its console: the page's title, shortcuts, their leader key.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/hid/shortcuts.h"

namespace panto::api
{

namespace
{

using hid::ShortcutKey;
using hid::Shortcuts;
using http::Reply;
using http::Request;
using http::Role;
using state::Notes;

constexpr char kTitle[] = "web-title";
constexpr char kLeader[] = "leader-key";
constexpr char kShortcuts[] = "shortcuts.json";
constexpr char kResetTitle[] = "NanoKVM"; // the wire's word for none
constexpr size_t kMostTitleBytes = 256;
constexpr size_t kMostKeyBytes = 64;

struct TitleBody {
    std::string title;
};
constexpr Field<TitleBody> kTitleBody[] = {
    {"title", "The console’s title; empty or NanoKVM: none", &TitleBody::title},
};

struct LeaderBody {
    std::string key;
};
constexpr Field<LeaderBody> kLeaderBody[] = {
    {"key", "DOM code of the key that begins a shortcut; empty: none", &LeaderBody::key},
};

struct IdBody {
    std::string id;
};
constexpr Field<IdBody> kIdBody[] = {
    required<IdBody>({"id", "Which shortcut", &IdBody::id}),
};

constexpr Field<ShortcutKey> kKey[] = {
    {"code", "DOM code of the key", &ShortcutKey::code},
    {"label", "What people call it", &ShortcutKey::label},
};

const std::vector<http::BodyField> kKeysDoc = {
    {"keys", "array", "What is pressed together: [{code, label}], at most 16", 0, 0, nullptr, true},
};

Done<> kept(const Reply &reply, int code, const char *msg)
{
    return [reply, code, msg](Result<> done) {
        reply(done ? success() : failure(code, msg, done.error().message));
    };
}

/// "" when there is none.
Result<std::string> kept_text(const Notes &notes, const char *name)
{
    auto text = notes.read(name);
    if (!text && text.error().kind == Kind::NotFound)
        return std::string{};
    return text;
}

void set_title(Notes &notes, const TitleBody &body, const Reply &reply)
{
    if (body.title.size() > kMostTitleBytes)
        return reply(failure(-1, "invalid arguments",
                             Error{Kind::Invalid, "a title has at most 256 bytes"}));
    if (!body.title.empty() && body.title != kResetTitle)
        return notes.write(kTitle, body.title, kept(reply, -3, "write failed"));
    if (!notes.read(kTitle))
        return reply(failure(-2, "reset failed"));
    notes.remove(kTitle, kept(reply, -2, "reset failed"));
}

void set_leader(Notes &notes, const LeaderBody &body, const Reply &reply)
{
    if (body.key.size() > kMostKeyBytes)
        return reply(
            failure(-1, "invalid arguments", Error{Kind::Invalid, "a key has at most 64 bytes"}));
    if (body.key.empty())
        return notes.remove(kLeader, kept(reply, -2, "reset failed"));
    notes.write(kLeader, body.key, kept(reply, -3, "write failed"));
}

/// The keys of a JSON body; an empty list when it has none.
Result<std::vector<ShortcutKey>> keys_in(const Request &rq)
{
    PANTO_TRY(body, Body::parse(rq));
    PANTO_TRY(list, body.list("keys"));
    std::vector<ShortcutKey> keys;
    for (unsigned i = 0; list && i < json_array_get_length(list); ++i) {
        JsonObject *object = json::object_at(list, i);
        if (!object)
            return Error{Kind::Invalid, "keys: must be objects"};
        PANTO_TRY(key, json::read(object, kKey));
        keys.push_back(std::move(key));
    }
    return keys;
}

void add_shortcut(Notes &notes, const Request &rq, const Reply &reply)
{
    auto keys = keys_in(rq);
    if (!keys)
        return reply(failure(-1, "invalid arguments", keys.error()));
    Shortcuts shortcuts{notes.text(kShortcuts)};
    if (auto added = shortcuts.add(std::move(*keys)); !added)
        return reply(added.error().kind == Kind::Invalid
                         ? failure(-1, "invalid arguments", added.error())
                         : failure(-2, "add shortcut failed", added.error()));
    notes.write(kShortcuts, shortcuts.text(), kept(reply, -2, "add shortcut failed"));
}

void drop_shortcut(Notes &notes, const IdBody &body, const Reply &reply)
{
    Shortcuts shortcuts{notes.text(kShortcuts)};
    if (auto removed = shortcuts.remove(body.id); !removed)
        return reply(failure(-2, "delete shortcut failed", removed.error()));
    notes.write(kShortcuts, shortcuts.text(), kept(reply, -2, "delete shortcut failed"));
}

} // namespace

std::vector<http::Route> notes_routes(Notes &notes)
{
    const auto title = [&notes](const Request &, Reply reply) {
        auto text = notes.read(kTitle);
        reply(text ? success(json::Object{}.add("title", *text))
                   : failure(-1, "read web title failed", text.error().message));
    };
    const auto leader = [&notes](const Request &, Reply reply) {
        auto key = kept_text(notes, kLeader);
        reply(key ? success(json::Object{}.add("key", *key))
                  : failure(-1, "read leader key failed", key.error().message));
    };
    const auto shortcuts = [&notes](const Request &, Reply reply) {
        auto text = kept_text(notes, kShortcuts);
        reply(text ? success(json::Value::raw(Shortcuts{*text}.text()))
                   : failure(-1, "get shortcuts failed", text.error().message));
    };
    const auto add = [&notes](const Request &rq, Reply reply) { add_shortcut(notes, rq, reply); };
    return {
        {"GET", "/api/vm/web-title", Role::User, "Reads the console’s title", title},
        {"POST", "/api/vm/web-title", Role::Admin, "Sets the console’s title",
         with_body(kTitleBody, [&notes](const TitleBody &b, const Request &,
                                        Reply reply) { set_title(notes, b, reply); })},
        {"GET", "/api/hid/shortcuts", Role::User, "Lists the kept shortcuts", shortcuts},
        {"POST", "/api/hid/shortcut", Role::Admin, "Keeps a shortcut",
         http::Handler{http::Call{add}, kKeysDoc}},
        {"DELETE", "/api/hid/shortcut", Role::Admin, "Forgets a shortcut",
         with_body(kIdBody, [&notes](const IdBody &b, const Request &,
                                     Reply reply) { drop_shortcut(notes, b, reply); })},
        {"GET", "/api/hid/shortcut/leader-key", Role::User, "Reads the shortcuts’ leader key",
         leader},
        {"POST", "/api/hid/shortcut/leader-key", Role::Admin, "Sets the shortcuts’ leader key",
         with_body(kLeaderBody, [&notes](const LeaderBody &b, const Request &,
                                         Reply reply) { set_leader(notes, b, reply); })},
    };
}

} // namespace panto::api
