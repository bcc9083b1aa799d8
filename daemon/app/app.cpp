// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/app.h"

#include "daemon/api/rest/rest.h"
#include "daemon/http/fetch.h"
#include "daemon/media/sound_card.h"
#include "daemon/observe/log.h"
#include "daemon/power/gpio_panel.h"
#include "daemon/power/holder.h"
#include "daemon/system/autostart.h"
#include "daemon/system/info.h"
#include "daemon/usb/builder.h"
#include "lib/base/split.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <gst/gst.h>

namespace panto::app
{

namespace
{

constexpr auto kStartTime = std::chrono::seconds{30}; ///< a machine's start is over by then
constexpr auto kGoodbyeTime = std::chrono::milliseconds{300};
constexpr auto kEjectTime = std::chrono::milliseconds{2000};

/// Whether a card is there for the sound that comes over the cable.
edid::Sink::Hears hears(const config::Config &config)
{
    return [wished = config.audio.device, video = config.video.device] {
        return wished == "auto" ? !media::sound_card_of(video).empty()
                                : wished != "off" && wished != "virtual";
    };
}

/// With a gadget of ours the computer's drives are its own, and there are none before it has some.
storage::Storage::Drives drives_of(const config::Config &config)
{
    return config.usb.gadget == "on" ? storage::Storage::Drives{}
                                     : storage::drives_of(config.storage);
}

power::Panel panel_of(const config::Config &config)
{
    if (config.power.backend == "gpio")
        return power::gpio_panel(config, power::holder_program());
    return config.power.backend == "virtual" ? power::virtual_panel() : power::no_panel();
}

state::Notes notes_in(const std::string &state_dir)
{
    return {state_dir,
            {"web-title", "leader-key", "shortcuts.json", "mouse-jiggler", "memory-limit",
             "preview_updates", "hdmi_disable", "hdmi_idle_timeout", Agents::kModeNote},
            {"application-update.json", Agents::kKeyNote, Agents::kTokenNote}};
}

http::Role role_of(auth::Role role)
{
    return role == auth::Role::Admin ? http::Role::Admin : http::Role::User;
}

/// The pipeline of the input, with the consumer keys' part where there are any.
Result<config::PipelineFile> input_of(const media::Library &library, const config::Config &config)
{
    PANTO_TRY(input, library.best("input"));
    if (config.hid.consumer == "off")
        return std::move(input);
    PANTO_TRY(consumer, library.best("consumer"));
    input.launch += "\n" + consumer.launch;
    input.set.insert(consumer.set.begin(), consumer.set.end());
    return std::move(input);
}

/// Where the reports for nodes of a gadget go when that is ours.
InputPipeline::Functions functions_of(const config::Config &config)
{
    InputPipeline::Functions out;
    if (config.usb.gadget != "on")
        return out;
    const config::Hid &hid = config.hid;
    const std::pair<const char *, std::string> nodes[] = {{"keyboard", hid.keyboard},
                                                          {"relative", hid.relative},
                                                          {"absolute", hid.absolute},
                                                          {"consumer", hid.consumer}};
    unsigned number = 0;
    for (const auto &[name, node] : nodes) {
        if (node.starts_with("/dev/hidg"))
            out[name] = usb::hid_folder(number);
        ++number;
    }
    return out;
}

/// Has the RSA key made that all DTLS handshakes of a process share; the first of them waits for
/// it. To call it again does nothing.
///
/// It is most of the work of a start, and a small board is at it for seconds, with others to serve
/// meanwhile: behind all else, and not before somebody may come for the picture.
void make_dtls_key()
{
    static bool begun = false;
    if (std::exchange(begun, true))
        return;
    offload_behind([] {
        if (GstElement *dtls = gst_element_factory_make("dtlsdec", nullptr))
            gst_object_unref(gst_object_ref_sink(dtls));
        log_message("webrtc", "the key for DTLS is made");
    });
}

/// Streaming threads are GLib's pool threads. It would keep them for another 15 s, for the next
/// work: more than the pipelines themselves linger, and the next viewer may come tomorrow.
void keep_no_idle_threads()
{
    g_thread_pool_set_max_unused_threads(0);
}

} // namespace

void greet(const Options &options, const App &app)
{
    const bool any = options.host.empty() || options.host == "0.0.0.0";
    std::printf("Pantograph: %s://%s:%u/\n", app.tls_port() ? "https" : "http",
                any ? "127.0.0.1" : options.host.c_str(),
                app.tls_port() ? app.tls_port() : app.port());
    std::printf("  user:     admin\n");
    if (!app.made_up_password().empty())
        std::printf("  password: %s   (made up now, shown only this once:\n"
                    "            the page asks for it as its code)\n",
                    app.made_up_password().c_str());
    else
        std::printf("  password: the one set before, or in PANTOGRAPH_PASSWORD\n");
    std::fflush(stdout);
}

App::App(const config::Config &config, const Options &options, std::unique_ptr<media::Media> media,
         config::PipelineFile input)
    : options_{options}, config_{config},
      gadget_(config.usb, usb::identity_of(system::device_key(options.state_dir)),
              options.state_dir + "/usb"),
      input_pipeline_{std::move(input), config::pipeline_values(config), functions_of(config),
                      options.state_dir + "/pointer"},
      input_{[this](std::span<const uint8_t> report) { deliver(report); }, steady_now,
             config.hid.consumer != "off"},
      cable_{[this] { return input_pipeline_.keys_waiting(); },
             [this] { return input_pipeline_.keys_lost(); },
             [this](size_t size) { return check_node(size); }},
      paste_{input_, cable_, std::chrono::milliseconds{config.hid.stroke_ms}},
      power_{panel_of(config)}, wol_{options.state_dir}, storage_{config.storage,
                                                                  drives_of(config)},
      media_{std::move(media)}, edid_{config.video.device, options.state_dir, hears(config)},
      notes_(notes_in(options.state_dir)),
      agents_(notes_, input_, cable_, board_, media_->snapshots()),
      device_{config.system, options.state_dir}, updater_{options.state_dir + "/update",
                                                          PANTOGRAPH_VERSION},
      viewers_{*media_, config.ice,
               [this](webrtc::Viewer &viewer, const std::string &name) {
                   attach_operator(viewer, name);
               }},
      users_{options.state_dir}, sessions_{users_, config.security,
                                           auth::signing_key(config.security, options.state_dir)},
      server_{[this](const std::string &token) -> Result<http::Principal> {
                  PANTO_TRY(session, sessions_.check(token));
                  return http::Principal{session.username, role_of(session.role)};
              },
              http::Site{web_root(options), !options.web_root.empty()},
              config.security.connections_per_address},
      keyboard_{config.hid.keyboard}, has_consumer_keys_{config.hid.consumer != "off"}
{
}

Result<std::unique_ptr<App>> App::create(const Options &options, const config::Config &config)
{
    if (g_mkdir_with_parents(options.state_dir.c_str(), 0700) != 0)
        return Error{Kind::Unavailable, "cannot make the state folder " + options.state_dir + ": " +
                                            g_strerror(errno)};
    PANTO_TRY(library, load_pipelines(options, config));
    std::vector<media::Library::Refusal> refused;
    auto media = media::Media::create(library, config, &refused);
    for (const auto &r : refused)
        log_message("media", "pipeline refused", {{"name", r.name}, {"why", r.why}});
    if (!media && media.error().kind == Kind::Invalid) // it begins with the setting's place
        return std::move(media.error());
    if (!media)
        return std::move(media.error()).context("start media");
    auto input = input_of(library, config);
    if (!input)
        return std::move(input.error()).context("start input");
    std::unique_ptr<App> app{new App{config, options, std::move(*media), std::move(*input)}};
    app->recorder_ = std::make_unique<recording::Recorder>(
        library, app->media_->encoder("h264"), config.recording, options.state_dir + "/recordings");
    if (auto started = app->start(config, options); !started)
        return std::move(started.error());
    return app;
}

Result<> App::start(const config::Config &config, const Options &options)
{
    const char *password = std::getenv("PANTOGRAPH_PASSWORD");
    auto owner = users_.ensure_owner(password && *password ? std::optional<std::string>{password}
                                                           : std::nullopt);
    if (!owner && owner.error().kind == Kind::Invalid)
        return std::move(owner.error()).context("PANTOGRAPH_PASSWORD");
    if (!owner)
        log_warning("auth", "nobody can sign in", {{"why", owner.error().message}});
    else
        made_up_password_ = owner->value_or("");
    if (sessions_.disabled()) {
        log_warning("auth", "authentication is disabled: everyone who gets here is admin");
        std::string hosts = config.security.allowed_hosts;
        std::erase(hosts, ' ');
        server_.open_to_all(split(hosts, ','));
    }
    wire();
    storage_.downloads().fetch = http::fetcher(config.storage.url_timeout_s);
    updater_.fetch = storage_.downloads().fetch;
    input_pipeline_.start();
    if (config.video.device != "virtual")
        edid_keeper_.start();
    device_.swap.restore([](Result<> done) {
        if (!done)
            log_warning("system", "the swap file is not back", {{"why", done.error().message}});
    });
    add_routes(system::device_key(options.state_dir));
    keep_no_idle_threads();
    server_.on_page = make_dtls_key;
    dtls_key_ = after(kStartTime, make_dtls_key);
    const std::string host = options.host_given ? options.host : config.server.host;
    const unsigned port = options.port >= 0 ? unsigned(options.port) : config.server.http_port;
    if (auto listening = server_.listen(host, port); !listening)
        return listening;
    listen_inside(host);
    tls_ = {options.config_path.empty() ? kDefaultConfig : options.config_path, host,
            config.server.https_port, certificate_files(options, config)};
    if (config.server.proto == "https") {
        PANTO_TRY(certificate, load_certificate(tls_.files));
        if (auto listening = server_.listen_tls(host, tls_.port, certificate); !listening)
            return listening;
    }
    Options as_started = options; // nothing is served before the main loop runs
    as_started.port = int(server_.port());
    server_.add(api::doctor_routes(
        [this] { return config_; },
        [as_started](const config::Config &now) { return doctor_subject(as_started, now); },
        [this] {
            const media::Capture &capture = media_->capture();
            return doctor::Watched{capture.used() ? std::optional{capture.signal()} : std::nullopt,
                                   input_pipeline_.states()};
        }));
    // Now that no other pantographd is here, whose gadget it would take apart.
    gadget_.start();
    system::run_autostart(device_.autostart, options.state_dir);
    return ok;
}

/// Programs of this machine use the loopback address, whatever we were told to listen on.
void App::listen_inside(const std::string &host)
{
    if (host.empty() || host == "0.0.0.0" || host == "::" || http::is_loopback(host))
        return;
    if (auto listening = server_.listen_inside(server_.port()); !listening)
        log_warning("app", listening.error().message);
}

App::~App()
{
    server_.stop();
    paste_.cancel();
    agents_.hands.cancel("the service ends");
    input_.release_all();
    // Closing handshakes need the main loop a moment longer, and so does the computer's drive.
    bool waiting = true, ejecting = true;
    const Source end = after(kGoodbyeTime, [&] { waiting = false; });
    const Source enough = after(kEjectTime, [&] { ejecting = false; });
    const auto ejected = std::make_shared<bool>(false);
    storage_.take_out_urls([ejected] { *ejected = true; });
    const auto recorded = std::make_shared<bool>(false);
    if (recorder_)
        recorder_->stop([recorded](const Result<std::string> &) { *recorded = true; });
    while (waiting || (ejecting && !(*ejected && *recorded)))
        g_main_context_iteration(nullptr, TRUE);
}

} // namespace panto::app
