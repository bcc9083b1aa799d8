// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/signaling.h"

#include "daemon/observe/log.h"
#include "lib/json/json.h"

#include <algorithm>

namespace panto::api
{

namespace
{

constexpr int64_t kMaxLines = 16;

json::Array ice_servers(const config::Ice &ice)
{
    json::Array servers;
    if (!ice.stun.empty())
        servers.add(json::Object{}.add("urls", json::Array{}.add("stun:" + ice.stun)));
    if (!ice.turn_addr.empty() && !ice.turn_user.empty() && !ice.turn_cred.empty())
        servers.add(json::Object{}
                        .add("urls", json::Array{}.add("turn:" + ice.turn_addr))
                        .add("username", ice.turn_user)
                        .add("credential", ice.turn_cred));
    return servers;
}

/// A section of video with the NanoKVM's names for its stream and its track, if it is sent.
std::string named(const std::string &section)
{
    constexpr char kNames[] = "a=msid:pion-video video\r\n";
    bool due = section.find("\na=sendonly\r\n") != section.npos; // before the first attribute
    std::string out;
    for (size_t at = 0; at < section.size();) {
        const size_t end = std::min(section.find('\n', at), section.size() - 1) + 1;
        const std::string line = section.substr(at, end - at);
        if (line.starts_with("a=") && std::exchange(due, false))
            out += kNames;
        if (!line.starts_with("a=ssrc:") || line.find(" msid:") == line.npos)
            out += line;
        at = end;
    }
    return out;
}

/// The answer with the NanoKVM's names.
/// Source: RFC 8830; webrtcbin 1.22 has names of its own, in a=ssrc lines, as was done before it
std::string with_names(const std::string &answer)
{
    std::string out;
    for (size_t at = 0; at < answer.size();) {
        const size_t end = std::min(answer.find("\nm=", at), answer.size() - 1) + 1;
        const std::string section = answer.substr(at, end - at);
        out += section.starts_with("m=video ") ? named(section) : section;
        at = end;
    }
    return out;
}

} // namespace

void Signaling::open(webrtc::Viewers &viewers, Audience &audience, const http::Request &rq,
                     std::unique_ptr<http::Socket> socket)
{
    new Signaling{viewers, audience, rq, std::move(socket)};
}

Signaling::Signaling(webrtc::Viewers &viewers, Audience &audience, const http::Request &rq,
                     std::unique_ptr<http::Socket> socket)
    : viewers_{viewers}, audience_{audience}, who_{rq}, whose_{whose(rq)},
      local_address_{rq.local_address}, socket_{std::move(socket)},
      ignored_{[this](const std::string &why, size_t more) {
          // These clients expect silence.
          log_info("api", "signaling message ignored",
                   {{"operator", whose_.name},
                    {"why", why},
                    {"times", std::to_string(std::max<size_t>(more, 1))}});
      }}
{
    socket_->keep_alive(30);
    socket_->listen(
        [this](std::span<const uint8_t> m, bool) {
            message({reinterpret_cast<const char *>(m.data()), m.size()});
        },
        [this] { delete this; });
    send("ice-servers", ice_servers(viewers.ice()).text());
}

void Signaling::send(const std::string &event, const std::string &data)
{
    socket_->send_text(json::Object{}.add("event", event).add("data", data).text());
}

void Signaling::message(std::string_view text)
{
    auto node = json::parse_object(text);
    if (!node)
        return ignored_.add(node.error().message);
    JsonObject *object = json::object(*node);
    const std::string event = json::text_at(object, "event").value_or("");
    const std::string data = json::text_at(object, "data").value_or("");
    if (event == "heartbeat")
        send("heartbeat", "");
    else if (event == "video-offer")
        take_offer(data);
    else if (event == "video-candidate")
        take_candidate(data);
    else
        ignored_.add("no event that is known");
}

void Signaling::refuse(const Error &why)
{
    log_message("api", "no picture by signaling",
                {{"operator", whose_.name}, {"why", why.message}});
    send("error", why.message);
}

void Signaling::take_offer(const std::string &data)
{
    auto node = json::parse_object(data);
    const std::string sdp =
        node ? json::text_at(json::object(*node), "sdp").value_or("") : std::string{};
    place_.reset();
    viewer_.reset();
    auto made = viewers_.create(sdp, whose_, local_address_);
    if (!made)
        return refuse(made.error());
    viewer_ = std::move(*made);
    mids_.clear();
    viewer_->on_answer = [this](const std::string &answer) {
        mids_ = webrtc::mids_of(answer);
        send("video-answer",
             json::Object{}.add("type", "answer").add("sdp", with_names(answer)).text());
    };
    viewer_->on_candidate = [this](const webrtc::Candidate &c) {
        const bool named = c.mline < mids_.size();
        send("video-candidate", json::Object{}
                                    .add("candidate", c.text)
                                    .add("sdpMid", named ? mids_[c.mline] : std::to_string(c.mline))
                                    .add("sdpMLineIndex", c.mline)
                                    .add("usernameFragment", nullptr)
                                    .text());
    };
    viewer_->on_connected = [this] {
        place_ = audience_.enter(Audience::Way::WebRtc, who_, [this](json::Object &viewer) {
            add_figures(viewer, viewer_->figures());
        });
    };
    viewer_->on_ended = [this](const Error &why) {
        refuse(why);
        place_.reset();
        viewer_.reset();
    };
}

void Signaling::take_candidate(const std::string &data)
{
    auto node = json::parse_object(data);
    if (!node)
        return ignored_.add("candidate: " + node.error().message);
    JsonObject *object = json::object(*node);
    const auto text = json::text_at(object, "candidate");
    const int64_t mline = json::whole_at(object, "sdpMLineIndex").value_or(0);
    if (!text || mline < 0 || mline >= kMaxLines ||
        (!text->empty() && !webrtc::is_candidate(*text)))
        return ignored_.add("no candidate of one of the offer's media");
    if (!viewer_ || text->empty()) // an empty one says that there are no more
        return;
    if (auto added = viewer_->add_candidate({unsigned(mline), *text}); !added)
        ignored_.add(added.error().message);
}

} // namespace panto::api
