// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/api/audience.h"
#include "daemon/app/agents.h"
#include "daemon/app/input_pipeline.h"
#include "daemon/app/options.h"
#include "daemon/auth/sessions.h"
#include "daemon/auth/users.h"
#include "daemon/control/board.h"
#include "daemon/doctor/doctor.h"
#include "daemon/edid/keeper.h"
#include "daemon/edid/sink.h"
#include "daemon/hid/hold.h"
#include "daemon/hid/input.h"
#include "daemon/hid/jiggler.h"
#include "daemon/hid/paste.h"
#include "daemon/http/server.h"
#include "daemon/media/media.h"
#include "daemon/power/power.h"
#include "daemon/power/wol.h"
#include "daemon/recording/recorder.h"
#include "daemon/state/notes.h"
#include "daemon/storage/storage.h"
#include "daemon/system/device.h"
#include "daemon/tls/certificate.h"
#include "daemon/update/updater.h"
#include "daemon/usb/gadget.h"
#include "daemon/webrtc/viewers.h"
#include "lib/base/alive.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace panto::app
{

/// Where https is served, and the configuration that says whether it is.
struct TlsPlace {
    std::string config_path;
    std::string host;
    unsigned port = 0;
    tls::Files files;
};

/// App: every room, built in this order and ended in reverse; wiring.cpp connects them.
class App
{
public:
    /// Builds everything and listens. The Error says which room could not start and why.
    static Result<std::unique_ptr<App>> create(const Options &options,
                                               const config::Config &config);
    ~App();

    /// Reads the configuration file again: what can change while we run does, and the log says so;
    /// of what cannot, too. A file that cannot be read changes nothing.
    void reload();

    unsigned port() const { return server_.port(); }
    unsigned tls_port() const { return server_.tls_port(); } ///< 0: plain http
    /// The password made up at the first start, to be shown once; "" later.
    const std::string &made_up_password() const { return made_up_password_; }

private:
    App(const config::Config &config, const Options &options, std::unique_ptr<media::Media> media,
        config::PipelineFile input);
    Result<> start(const config::Config &config, const Options &options);
    void wire();
    void attach_operator(webrtc::Viewer &viewer, const std::string &name);
    void show_signal(const media::Signal &signal);
    void show_sound(const media::Hearing &hearing);
    void show_leds(unsigned leds, bool known);
    void show_node(const std::string &node, const std::string &state);
    void deliver(std::span<const uint8_t> report);
    Result<> check_node(size_t report_size);
    void show_gadget();
    void listen_inside(const std::string &host);
    void show_drives();
    void fit_drives();
    void add_routes(const std::string &device_key);
    void take(const Result<config::Config> &read);
    void set_tls(bool on, Done<> done);
    void start_tls(Done<> done);

    const Options options_;
    config::Config config_; // what counts now
    unsigned reloads_ = 0;  // asked for, the one under way among them
    control::Board board_;
    api::Audience audience_{board_};
    usb::Gadget gadget_; // outlives the pipeline that lets go of what is held
    InputPipeline input_pipeline_;
    hid::Input input_;
    hid::Hold hold_{input_};
    hid::Cable cable_;
    hid::Paste paste_;
    hid::Jiggler jiggler_{input_};
    power::Power power_;
    power::WakeOnLan wol_;
    storage::Storage storage_;
    std::vector<std::string> fitted_drives_; // the LUN folders that storage_ was given
    std::unique_ptr<media::Media> media_;
    std::unique_ptr<recording::Recorder> recorder_;
    edid::Sink edid_;
    edid::Keeper edid_keeper_{"/dev", [this](Done<> done) { edid_.restore(std::move(done)); }};
    state::Notes notes_;
    Agents agents_;
    system::Device device_;
    update::Updater updater_;
    webrtc::Viewers viewers_;
    auth::Users users_;
    auth::Sessions sessions_;
    http::Server server_;
    TlsPlace tls_;
    std::string made_up_password_;
    std::string keyboard_; // the node that the keys go to
    bool has_consumer_keys_;
    Source dtls_key_;              // for those who come without a page
    std::optional<unsigned> leds_; // nothing before the computer's first word
    Self<App> self_{this};
};

/// Reads the configuration file: the one that the options name has to be there.
Result<config::Config> load_config(const Options &options);

/// Prints where to go and, at the first start, the password.
void greet(const Options &options, const App &app);

/// Where the console's files are.
std::string web_root(const Options &options);
/// Whether the folders that options and configuration name are there: an Error of Kind::Invalid
/// names the option, or the line of the file.
Result<> check_folders(const Options &options, const config::Config &config);

/// Where certificate and key are: a relative name counts from the folder that the daemon runs in
/// when the certificate is there, else from the state folder.
tls::Files certificate_files(const Options &options, const config::Config &config);
/// Reads them; makes both when there is no certificate yet.
Result<Ref<GTlsCertificate>> load_certificate(const tls::Files &files);

/// The built-in pipeline files and the overriding ones.
Result<media::Library> load_pipelines(const Options &options, const config::Config &config);
/// What --check-pipelines prints; the exit code is 1 when a file is wrong, or when no pipeline here
/// can do one of the things that the daemon needs one for; 2 when the configuration names that one.
int check_pipelines(const Options &options, const config::Config &config);

/// What the doctor looks at on this machine.
doctor::Subject doctor_subject(const Options &options, const config::Config &config);
/// What --doctor prints; the exit code is 1 when a link is broken.
int run_doctor(const Options &options, const config::Config &config);

} // namespace panto::app
