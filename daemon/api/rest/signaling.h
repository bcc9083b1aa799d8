// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/api/audience.h"
#include "daemon/http/socket.h"
#include "daemon/observe/tally.h"
#include "daemon/webrtc/viewers.h"

#include <memory>
#include <string>

namespace panto::api
{

/// Signaling: WebRTC set up over a WebSocket: {"event":...,"data":"<JSON or empty>"}; the client
/// offers. Candidates are passed on as they come; a second offer replaces the first viewer.
///
/// Owner    itself, until the peer goes
/// Threads  main loop only
class Signaling
{
public:
    static void open(webrtc::Viewers &viewers, Audience &audience, const http::Request &rq,
                     std::unique_ptr<http::Socket> socket);

private:
    Signaling(webrtc::Viewers &viewers, Audience &audience, const http::Request &rq,
              std::unique_ptr<http::Socket> socket);
    void message(std::string_view text);
    void refuse(const Error &why);
    void take_offer(const std::string &data);
    void take_candidate(const std::string &data);
    void send(const std::string &event, const std::string &data);

    webrtc::Viewers &viewers_;
    Audience &audience_;
    const Audience::Who who_;
    const webrtc::Viewers::Whose whose_;
    std::string local_address_;
    std::unique_ptr<http::Socket> socket_;
    std::shared_ptr<webrtc::Viewer> viewer_;
    std::vector<std::string> mids_; ///< of the answer's media sections
    Audience::Place place_;
    observe::Tally ignored_; // messages that make no sense
};

} // namespace panto::api
