// SPDX-License-Identifier: LGPL-2.1-or-later
/// Where rooms meet: each callback of one room that another answers is set here and nowhere else.
#include "daemon/app/app.h"

#include "daemon/api/metrics.h"
#include "daemon/api/openapi.h"
#include "daemon/api/rest/application_api.h"
#include "daemon/api/rest/recording_api.h"
#include "daemon/api/rest/rest.h"
#include "daemon/api/rest/tls_api.h"
#include "daemon/api/whep/whep.h"
#include "daemon/control/channel.h"
#include "daemon/doctor/capture.h"
#include "daemon/observe/log.h"
#include "daemon/observe/news.h"
#include "lib/glib/time_text.h"
#include "lib/json/json.h"
#include "lib/usbhid/report.h"

#include <algorithm>

namespace panto::app
{

namespace
{

/// What the wire's result number for a signal state is, and its words.
struct CaptureResult {
    int result;
    const char *message;
};

CaptureResult capture_result(const std::string &state)
{
    if (state == "ok")
        return {0, ""};
    if (state == "out-of-range")
        return {-6, "Unsupported HDMI resolution"};
    if (state == "no-sync")
        return {-4, "Changing image resolution"};
    return {-1, "No image captured"};
}

/// What a node's state means to somebody who types, and what to do about it.
struct NodeWords {
    const char *reason, *cure;
};

NodeWords node_words(const std::string &state)
{
    if (state == "asleep")
        return {"the computer takes no input: it is asleep, or not yet up",
                "a key has asked it to wake up: try again in a moment"};
    if (state == "offline")
        return {"no computer: the cable is out, or the computer is off", "check both"};
    if (state == "gone")
        return {"the USB gadget is not connected: see its state", "GET /api/usb says what to do"};
    return {"", ""};
}

} // namespace

void App::wire()
{
    const auto problem = [](const char *room) {
        return [room, news = observe::News{}](const Error &e) mutable {
            if (news.is(e.message)) // what fails is tried again every second
                log_warning(room, e.message);
        };
    };
    media_->capture().on_problem = problem("media");
    media_->capture().on_signal = [this](const media::Signal &s) { show_signal(s); };
    edid_keeper_.on_problem = [](const Error &e) {
        log_warning("edid", "the EDID set before is not back", {{"why", e.message}});
    };
    edid_.way.make = [this]() -> edid::Way::Held {
        if (media_->capture().signal().state == "busy")
            return {}; // another program has the device: our stopping would help nobody
        return media_->capture().pause();
    };
    media_->sound().on_hearing = [this](const media::Hearing &h) { show_sound(h); };
    show_sound(media_->sound().hearing());
    for (const auto &[codec, encoder] : media_->encoders()) {
        encoder->on_problem = problem("media");
        log_message("media", "pipeline chosen", {{"codec", codec}, {"name", encoder->name()}});
    }

    viewers_.on_tier = [](const std::string &name, const webrtc::Figures &f) {
        log_message("webrtc", "viewer gets another stream",
                    {{"operator", name},
                     {"tier", f.tier == webrtc::Tier::Full ? "full" : "low"},
                     {"bears_kbps", std::to_string(f.bears_kbps)},
                     {"why", f.reason}});
    };

    input_pipeline_.on_problem = problem("hid");
    input_pipeline_.on_leds = [this](unsigned leds) {
        if (std::exchange(leds_, leds) != leds) // each of the pipeline's sinks tells
            show_leds(leds, true);
    };
    input_pipeline_.on_state = [this](const std::string &node, const std::string &state) {
        show_node(node, state);
    };
    gadget_.on_changed = [this] {
        show_gadget();
        fit_drives();
    };
    show_gadget();
    show_leds(0, false);
    if (has_consumer_keys_) // else nothing is said: NanoKVM's clients know of none
        board_.write("consumer-keys", json::Object{}.add("on", true).text());

    input_.on_owner_changed = [this] {
        const auto *owner = input_.owner();
        // Told even if the name is the same: two windows of one user have one name.
        board_.tell("input-owner", json::quoted(owner ? owner->name() : ""));
    };
    input_.on_release = [this] { input_pipeline_.make_way(); };
    input_.on_let_go = [](const hid::Input::Client &owner, std::chrono::milliseconds silent) {
        log_message("hid", "owner lost what it held",
                    {{"operator", owner.name()}, {"silent_ms", std::to_string(silent.count())}});
    };
    power_.on_leds = [this](const std::optional<power::Leds> &l) {
        board_.write("power", l ? json::Object{}.add("pwr", l->power).add("hdd", l->disk).text()
                                : json::Object{}.text()); // not known
    };
    recorder_->on_changed = [this](const recording::Status &s) {
        // Whoever looks on may know that it is kept; where, is an admin's to ask.
        board_.write("recording", json::Object{}.add("on", s.on).add("reason", s.reason).text());
    };
    storage_.on_changed = [this] { show_drives(); };
    gadget_.on_slow = [this] { storage_.hurry(); };
    show_drives();
    sessions_.on_revoked = [this](const std::string &user) {
        server_.expire_sessions();
        paste_.revoke(user);
    };
}

void App::show_signal(const media::Signal &s)
{
    log_message("media", "signal", {{"state", s.state}, {"reason", s.reason}});
    board_.write("signal", json::Object{}
                               .add("state", s.state)
                               .add("width", s.width)
                               .add("height", s.height)
                               .add("fps", s.fps)
                               .add("reason", s.reason)
                               .add("cure", s.cure)
                               .text());
    if (s.state == "unknown")
        return; // a client would take that for a fault
    const CaptureResult r = capture_result(s.state);
    // Clients listen to that of the way they watch by; all ways have the one capture.
    for (const char *mode : {"direct", "h264", "mjpeg"})
        board_.write("capture-status",
                     json::Object{}
                         .add("ok", r.result >= 0)
                         .add("result", r.result)
                         .add("message", r.message)
                         .add("mode", mode)
                         .add("severity", r.result == 0    ? ""
                                          : r.result == -4 ? "warning"
                                                           : "error")
                         .add("updatedAt", now_rfc3339())
                         .text(),
                     mode);
}

void App::show_sound(const media::Hearing &h)
{
    log_message("media", "sound", {{"state", h.state}, {"reason", h.reason}});
    board_.write(
        "sound",
        json::Object{}.add("state", h.state).add("reason", h.reason).add("cure", h.cure).text());
}

void App::show_leds(unsigned leds, bool known)
{
    board_.write("hid-led-status", json::Object{}
                                       .add("numLock", (leds & hid::kNumLock) != 0)
                                       .add("capsLock", (leds & hid::kCapsLock) != 0)
                                       .add("scrollLock", (leds & hid::kScrollLock) != 0)
                                       .add("known", known)
                                       .add("updatedAt", known ? now_rfc3339() : control::kNever)
                                       .text());
}

void App::show_node(const std::string &node, const std::string &state)
{
    const std::string reason = node_words(state).reason;
    log_message("hid", "gadget node", {{"node", node}, {"state", state}, {"reason", reason}});
    board_.write("hid-state",
                 json::Object{}.add("node", node).add("state", state).add("reason", reason).text(),
                 node);
    if (node != keyboard_ || state == "online")
        return;
    paste_.interrupt(reason);
    if (state == "asleep") // which it is only now known to be: a key went unheard
        gadget_.wake();
    agents_.hands.cancel(reason);
    if (state == "asleep")
        return;
    leds_.reset(); // another computer may be at the cable when it is back
    show_leds(0, false);
}

/// Whoever types for another has to hear that it gets nowhere: reports go into a node unanswered.
Result<> App::check_node(size_t report_size)
{
    if (report_size == hid::kConsumerSize && !has_consumer_keys_)
        return ok; // which the input itself says
    const auto node = input_pipeline_.node_for(report_size);
    if (!node)
        return Error{Kind::Unavailable, "no input gets to the computer: the log says why"};
    const auto &[name, state] = *node;
    if (state == "online")
        return ok;
    if (state == "asleep")
        gadget_.wake();
    const NodeWords words = node_words(state);
    return Error{Kind::Unavailable,
                 name + " is " + state + ": " + words.reason + "; " + words.cure};
}

/// A key wakes a sleeping computer, as one of its own keyboard's does; a pointer does not.
void App::deliver(std::span<const uint8_t> report)
{
    input_pipeline_.send(report);
    if (report.size() != hid::kKeyboardSize ||
        std::none_of(report.begin(), report.end(), [](uint8_t b) { return b; }))
        return;
    const auto node = input_pipeline_.states().find(keyboard_);
    const bool asleep = gadget_.status().host == "suspended" ||
                        (node != input_pipeline_.states().end() && node->second == "asleep");
    if (asleep)
        gadget_.wake();
}

void App::show_gadget()
{
    board_.write("usb-state", api::usb_status(gadget_.status()).text());
}

/// With a gadget of ours, the computer's drives are the gadget's.
void App::fit_drives()
{
    const auto folders = gadget_.lun_folders();
    if (folders == fitted_drives_)
        return;
    fitted_drives_ = folders;
    storage_.use(
        storage::lun_drives(folders, [this](Done<> done) { gadget_.rebind(std::move(done)); }));
}

/// Everyone who looks on learns whether something is in the drives; what it is, admins may ask.
void App::show_drives()
{
    json::Array drives;
    for (const auto &slot : storage_.slots())
        drives.add(json::Object{}
                       .add("inserted", !slot.file.empty())
                       .add("cdrom", slot.cdrom)
                       .add("trouble", !slot.trouble.empty()));
    board_.write("storage", json::Object{}.add("drives", drives).text());
}

namespace
{

/// A console's word on whether it plays the sound: {"sound":true}.
std::optional<bool> listening_of(const webrtc::Data &d)
{
    return d.text && d.bytes == R"({"sound":true})"    ? std::optional{true}
           : d.text && d.bytes == R"({"sound":false})" ? std::optional{false}
                                                       : std::nullopt;
}

} // namespace

void App::attach_operator(webrtc::Viewer &viewer, const std::string &name)
{
    viewer.on_channel = [this, &viewer, name] {
        auto channel = std::make_shared<control::Channel>(input_, board_, name, "",
                                                          [&viewer](const std::string &text) {
                                                              viewer.send({true, text});
                                                          });
        viewer.on_data = [channel, &viewer](const webrtc::Data &d) {
            if (const auto on = listening_of(d))
                return viewer.send_sound(*on);
            channel->message({reinterpret_cast<const uint8_t *>(d.bytes.data()), d.bytes.size()});
        };
    };
}

void App::add_routes(const std::string &device_key)
{
    server_.add(api::auth_routes(sessions_));
    server_.add(api::users_routes(sessions_));
    server_.add(api::vm_routes(power_, device_.services, device_key));
    server_.add(api::system_routes(device_.services));
    storage_.downloads().updating = [this] { return updater_.busy(); };
    server_.add(api::application_routes(updater_, notes_,
                                        [this] { return storage_.downloads().transferring(); }));
    server_.add(api::tls_routes({[this] { return server_.tls_port() != 0; },
                                 [this](bool on, Done<> done) { set_tls(on, std::move(done)); }}));
    server_.add(api::network_routes(device_.networks));
    server_.add(api::tailscale_routes(device_.services));
    server_.add(api::scripts_routes(device_.scripts, device_.autostart));
    server_.add(api::terminal_routes(device_.settings));
    server_.add(api::resources_routes(device_.swap, device_.memory, notes_));
    server_.add(api::wol_routes(wol_));
    server_.add(api::notes_routes(notes_));
    server_.add(api::jiggler_routes(jiggler_, notes_));
    const auto mjpeg = api::mjpeg_of(*media_);
    server_.add(api::ai_control_routes(agents_.control, agents_.key));
    server_.add(api::mcp_config_routes(agents_.control, agents_.key));
    server_.add(api::mcp_routes(agents_.control, agents_.key, agents_.mcp));
    server_.add(api::picoclaw_routes(agents_.control, notes_.text(Agents::kTokenNote)));
    server_.add(api::hid_routes(input_, hold_, paste_, cable_, board_, gadget_));
    server_.add(api::usb_routes(
        gadget_, [this] { return input_pipeline_.nodes(); },
        [this](const Done<> &done) { storage_.check_idle(done); },
        notes_.text(Agents::kTokenNote)));
    server_.add(api::edid_routes(edid_));
    server_.add(api::stream_routes(*media_, mjpeg, viewers_, audience_));
    server_.add(api::recording_routes(*recorder_));
    server_.add(api::snapshot_routes(*media_, mjpeg));
    server_.add(api::stats_routes(*media_, audience_));
    server_.add(api::screen_routes(*media_, notes_,
                                   [video = config_.video] { return doctor::ask_signal(video); }));
    server_.add(api::storage_routes(storage_));
    server_.add(api::upload_routes(storage_));
    server_.add(api::download_routes(storage_));
    server_.add(api::whep_routes(viewers_, audience_, server_.sessions()));
    server_.add(api::metrics_routes(server_));
    server_.add(api::openapi_routes(server_.routes()));
}

} // namespace panto::app
