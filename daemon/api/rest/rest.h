// SPDX-License-Identifier: LGPL-2.1-or-later
/// The NanoKVM's REST routes and sockets, each a thin door to a room.
///
/// Source   the NanoKVM server's routes, envelope and socket dialects
#pragma once

#include "daemon/agent/control.h"
#include "daemon/agent/mcp.h"
#include "daemon/auth/api_key.h"
#include "daemon/auth/sessions.h"
#include "daemon/control/channel.h"
#include "daemon/doctor/doctor.h"
#include "daemon/edid/sink.h"
#include "daemon/hid/hold.h"
#include "daemon/hid/input.h"
#include "daemon/hid/jiggler.h"
#include "daemon/hid/node.h"
#include "daemon/hid/paste.h"
#include "daemon/http/route.h"
#include "daemon/media/media.h"
#include "daemon/power/power.h"
#include "daemon/power/wol.h"
#include "daemon/state/notes.h"
#include "daemon/storage/storage.h"
#include "daemon/system/device.h"
#include "daemon/usb/gadget.h"
#include "daemon/webrtc/viewers.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace panto::api
{

class Audience;
class Mjpeg;

std::vector<http::Route> auth_routes(auth::Sessions &sessions);
std::vector<http::Route> users_routes(auth::Sessions &sessions);
std::vector<http::Route> vm_routes(power::Power &power, system::Services &services,
                                   const std::string &device_key);
std::vector<http::Route> system_routes(system::Services &services);
std::vector<http::Route> network_routes(system::Networks &networks);
std::vector<http::Route> tailscale_routes(system::Services &services);
std::vector<http::Route> scripts_routes(system::Scripts &scripts, system::Scripts &autostart);
/// Refuses while the settings have it switched off.
std::vector<http::Route> terminal_routes(const config::System &settings);
/// Limits the daemon as it was before it started, too.
std::vector<http::Route> resources_routes(system::Swap &swap, const system::MemoryLimit &limit,
                                          state::Notes &notes);
std::vector<http::Route> wol_routes(power::WakeOnLan &wol);
std::vector<http::Route> notes_routes(state::Notes &notes);
/// Switches it as it was before the daemon started, too.
std::vector<http::Route> jiggler_routes(hid::Jiggler &jiggler, state::Notes &notes);
/// Who beside people may act on the computer.
std::vector<http::Route> ai_control_routes(agent::Control &control, auth::ApiKey &mcp_key);
/// The key of MCP clients, and whether they may come.
std::vector<http::Route> mcp_config_routes(agent::Control &control, auth::ApiKey &key);
/// For whoever has that key.
std::vector<http::Route> mcp_routes(const agent::Control &control, const auth::ApiKey &key,
                                    agent::Mcp &mcp);
/// internal_token: what PicoClaw itself would show; "": nobody has it.
std::vector<http::Route> picoclaw_routes(const agent::Control &control,
                                         const std::string &internal_token);
std::vector<http::Route> hid_routes(hid::Input &input, hid::Hold &hold, hid::Paste &paste,
                                    const hid::Cable &cable, control::Board &board,
                                    usb::Gadget &gadget);
/// How the gadget is, as /api/usb and the socket's usb-state tell it.
json::Object usb_status(const usb::Status &status);
/// `nodes` tells how each HID node fares; `check_idle` whether the computer may lose something when
/// its drives go; `internal_token` is what programs of this machine show.
std::vector<http::Route> usb_routes(usb::Gadget &gadget, std::function<hid::Nodes()> nodes,
                                    std::function<void(Done<>)> check_idle,
                                    const std::string &internal_token);
std::vector<http::Route> edid_routes(edid::Sink &sink);
/// The pictures of media's JPEG encoder; nothing when there is none.
std::shared_ptr<Mjpeg> mjpeg_of(media::Media &media);
/// mjpeg: what mjpeg_of() gave.
std::vector<http::Route> stream_routes(media::Media &media, std::shared_ptr<Mjpeg> mjpeg,
                                       webrtc::Viewers &viewers, Audience &audience);
/// Still pictures; those that nobody wishes otherwise are mjpeg's, which may be null.
std::vector<http::Route> snapshot_routes(media::Media &media, std::shared_ptr<Mjpeg> mjpeg);
/// How old pictures get on their way, and how viewers fare.
std::vector<http::Route> stats_routes(media::Media &media, Audience &audience);
/// Asks the capture device itself for its signal; called on worker threads.
using LookAtSignal = std::function<media::Signal()>;
/// How the picture is sent, to all who watch; and the capture itself, as it was left the last time.
std::vector<http::Route> screen_routes(media::Media &media, state::Notes &notes, LookAtSignal look);
/// `settings` tells what counts now; `subject` runs on a worker thread; `watched` does not.
std::vector<http::Route>
doctor_routes(std::function<config::Config()> settings,
              std::function<doctor::Subject(const config::Config &)> subject,
              std::function<doctor::Watched()> watched);
std::vector<http::Route> storage_routes(storage::Storage &storage);
std::vector<http::Route> upload_routes(storage::Storage &storage);
std::vector<http::Route> download_routes(storage::Storage &storage);

} // namespace panto::api
