// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/whep/whep.h"

#include "daemon/observe/log.h"

#include <algorithm>
#include <glib.h>
#include <map>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Response;
using http::Role;

constexpr auto kGatherLimit = std::chrono::seconds{3};
constexpr size_t kMaxSdpBytes = 64 * 1024;
constexpr char kSdp[] = "application/sdp";
constexpr char kFragment[] = "application/trickle-ice-sdpfrag";
/// Players that are no browser have no cookie: they bear the session's token.
const std::pair<std::string, std::string> kBearer{"WWW-Authenticate", "Bearer"};

Response problem(unsigned status, const std::string &text)
{
    return {status, "text/plain; charset=utf-8", text + "\n", {}, text};
}

Response refusal(const Error &why)
{
    Response r = problem(why.kind == Kind::Conflict ? 406 : http::status_of(why.kind), why.message);
    if (r.status == 503)
        r.headers.emplace_back("Retry-After", "5");
    return r;
}

/// What stands between quotes in a header's parameter (RFC 9110, section 5.6.4).
std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "\"";
}

/// The servers that the viewer's own ICE may use.
/// Source: RFC 9725, section 4.6
void add_ice_servers(http::Headers &headers, const config::Ice &ice)
{
    if (!ice.stun.empty())
        headers.emplace_back("Link", "<stun:" + ice.stun + ">; rel=\"ice-server\"");
    if (!ice.turn_addr.empty())
        headers.emplace_back("Link", "<turn:" + ice.turn_addr + ">; rel=\"ice-server\"; username=" +
                                         quoted(ice.turn_user) + "; credential=" +
                                         quoted(ice.turn_cred) + "; credential-type=\"password\"");
}

/// Whether one of the ETags of an If-Match is that.
/// Source: RFC 9110, section 13.1.1
bool matches(const std::string &if_match, const std::string &id)
{
    return if_match == "*" ||
           if_match.find("\"" + id + "\"") != if_match.npos; // ids have no quotes
}

/// One session: a viewer, known by its unguessable id.
class Resource : public http::Session
{
public:
    Resource(http::Sessions &sessions, http::Lease lease, std::string owner, std::string name,
             std::shared_ptr<webrtc::Viewer> peer, std::function<void(const std::string &)> gone)
        : Session{&sessions, std::move(lease)}, user{std::move(owner)}, id{std::move(name)},
          viewer{std::move(peer)}, gone_{std::move(gone)}
    {
    }
    void expire() override { gone_(id); }

    std::string user, id;
    std::vector<std::string> ufrags; // of the offer
    std::shared_ptr<webrtc::Viewer> viewer;
    Audience::Place place;
    Source gathering;
    bool answered = false;

private:
    std::function<void(const std::string &)> gone_;
};

class Door : public std::enable_shared_from_this<Door>
{
public:
    Door(webrtc::Viewers &viewers, Audience &audience, http::Sessions &sessions)
        : viewers_{viewers}, audience_{audience}, sessions_{sessions}
    {
    }

    void post(const Request &rq, Reply reply)
    {
        if (rq.content_type != kSdp)
            return reply(problem(415, "the body must be application/sdp"));
        auto made = viewers_.create(rq.body, whose(rq), rq.local_address);
        if (!made)
            return reply(refusal(made.error()));
        char *uuid = g_uuid_string_random();
        const std::string id = uuid;
        g_free(uuid);
        const std::weak_ptr<Door> weak = weak_from_this();
        // Not at once: who tells that it is gone may be inside it.
        const auto gone = [weak](const std::string &which) {
            panto::post([weak, which] {
                if (auto door = weak.lock())
                    door->resources_.erase(which);
            });
        };
        auto resource =
            std::make_unique<Resource>(sessions_, http::Lease{rq.token, Role::User, rq.address},
                                       rq.principal.user, id, *made, gone);
        Resource *r = resource.get();
        resources_[id] = std::move(resource);
        r->ufrags = webrtc::ufrags_of(rq.body);
        expect_answer(*r, viewers_.ice(), reply);
        r->viewer->on_connected = [r, this, watching = Audience::Who{rq}] {
            r->place = audience_.enter(Audience::Way::WebRtc, watching, [r](json::Object &figures) {
                add_figures(figures, r->viewer->figures());
            });
        };
        r->viewer->on_ended = [r, reply, gone, who = whose(rq).name](const Error &why) {
            if (r->answered) // else the request's own line says why
                log_message("api", "WHEP viewer gone", {{"operator", who}, {"why", why.message}});
            reply(refusal(why));
            r->place.reset();
            gone(r->id);
        };
    }

    /// Replies with all our candidates, or with those found a while after the answer was made: some
    /// are better than none.
    static void expect_answer(Resource &resource, const config::Ice &ice, const Reply &reply)
    {
        Resource *r = &resource; // it owns the viewer and the timer, so these die before it
        http::Headers headers = {{"Location", "/whep/" + r->id},
                                 {"ETag", "\"" + r->id + "\""},
                                 {"Accept-Patch", kFragment}};
        add_ice_servers(headers, ice);
        const auto answer = [r, headers, reply](const std::string &sdp) {
            r->gathering = {};
            r->answered = true;
            reply({201, kSdp, sdp, headers});
        };
        r->viewer->on_gathered = answer;
        r->viewer->on_answer = [r, answer](const std::string &bare) {
            r->gathering = after(kGatherLimit, [r, answer, bare] {
                const std::string found = r->viewer->answer_so_far();
                answer(found.empty() ? bare : found);
            });
        };
    }

    /// A session is its user's alone; to others it is not there.
    Resource *find(const Request &rq) const
    {
        const auto it = resources_.find(rq.params.at("id"));
        const bool there = it != resources_.end() && it->second->user == rq.principal.user;
        return there ? it->second.get() : nullptr;
    }

    void patch(const Request &rq, Reply reply)
    {
        Resource *r = find(rq);
        if (!r)
            return reply(problem(404, "no such session"));
        if (rq.content_type != kFragment)
            return reply(problem(415, "the body must be application/trickle-ice-sdpfrag"));
        if (rq.if_match.empty())
            return reply(problem(428, "If-Match must have the session's ETag"));
        if (!matches(rq.if_match, r->id))
            return reply(problem(412, "the ETag is not this session's"));
        const auto candidates = webrtc::read_fragment(rq.body);
        if (!candidates)
            return reply(problem(400, candidates.error().message));
        for (const std::string &ufrag : webrtc::ufrags_of(rq.body))
            if (std::find(r->ufrags.begin(), r->ufrags.end(), ufrag) == r->ufrags.end())
                return reply(problem(422, "ICE restarts are not done here: make a new session"));
        for (const auto &candidate : *candidates)
            if (auto added = r->viewer->add_candidate(candidate); !added)
                return reply(refusal(added.error()));
        reply({204, "", "", {}});
    }

    void remove(const Request &rq, Reply reply)
    {
        Resource *r = find(rq);
        if (!r)
            return reply(problem(404, "no such session"));
        resources_.erase(r->id);
        reply({200, "text/plain; charset=utf-8", "", {}});
    }

private:
    webrtc::Viewers &viewers_;
    Audience &audience_;
    http::Sessions &sessions_;
    std::map<std::string, std::unique_ptr<Resource>> resources_;
};

} // namespace

std::vector<http::Route> whep_routes(webrtc::Viewers &viewers, Audience &audience,
                                     http::Sessions &sessions)
{
    auto door = std::make_shared<Door>(viewers, audience, sessions);
    const auto call = [door](void (Door::*fn)(const Request &, Reply)) {
        return http::Call{
            [door, fn](const Request &rq, Reply reply) { ((*door).*fn)(rq, std::move(reply)); }};
    };
    return {
        {"POST",
         "/whep",
         Role::User,
         "Starts a WebRTC session from an SDP offer",
         call(&Door::post),
         {kBearer, {"Accept-Post", kSdp}},
         kMaxSdpBytes},
        {"PATCH",
         "/whep/:id",
         Role::User,
         "Adds the viewer's ICE candidates",
         call(&Door::patch),
         {kBearer, {"Accept-Patch", kFragment}},
         kMaxSdpBytes},
        {"DELETE",
         "/whep/:id",
         Role::User,
         "Ends a WebRTC session",
         call(&Door::remove),
         {kBearer}},
    };
}

} // namespace panto::api
