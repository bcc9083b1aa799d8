// SPDX-License-Identifier: LGPL-2.1-or-later
/// The configuration, where pipeline files and the console's files are, --check-pipelines and
/// --doctor.
#include "daemon/app/app.h"

#include "daemon/config/config.h"
#include "daemon/observe/log.h"
#include "lib/base/file.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace panto::app
{

namespace
{

std::string built_in(const Options &options)
{
    return options.pipelines_dir.empty() ? PANTOGRAPH_DATA_DIR "/pipelines" : options.pipelines_dir;
}

/// Prints how each file stands; false when one is wrong. Elements that this machine lacks are no
/// mistake: the file may be for another board.
bool list(const media::Library &library)
{
    bool good = true;
    for (const auto &file : library.files()) {
        const auto usable = media::check(file);
        good = good && (usable || usable.error().kind == Kind::Unavailable);
        std::printf("%-16s %-8s %-6s %s\n", file.name.c_str(), file.kind.c_str(),
                    file.codec.empty() ? "-" : file.codec.c_str(),
                    usable ? "ok" : usable.error().message.c_str());
    }
    std::fflush(stdout);
    return good;
}

/// Says which roles no pipeline can fill here; 0 when all are filled, 2 when the configuration
/// names a pipeline that cannot, else 1.
int unfilled(const media::Library &library, const config::Config &config)
{
    int code = 0;
    for (const auto &role : media::kRoles) {
        const bool named = std::string{role.kind} == "encoder" &&
                           std::string{role.codec} == "h264" && !config.video.encoder.empty();
        const auto best = library.best(role.kind, role.codec, named ? config.video.encoder : "");
        if (best)
            continue;
        const std::string place = named ? config.place("video.encoder") + ": " : "";
        std::fprintf(stderr, "%s%s\n", place.c_str(), best.error().message.c_str());
        code = std::max(code, named ? 2 : 1);
    }
    return code;
}

} // namespace

Result<config::Config> load_config(const Options &options)
{
    if (options.config_path.empty())
        return config::load(kDefaultConfig);
    return config::load(options.config_path, config::Missing::IsWrong);
}

std::string web_root(const Options &options)
{
    return options.web_root.empty() ? PANTOGRAPH_DATA_DIR "/web" : options.web_root;
}

Result<> check_folders(const Options &options, const config::Config &config)
{
    const auto wrong = [](const std::string &place, const Error &e) {
        return Error{Kind::Invalid, place + ": " + e.message};
    };
    if (auto there = check_folder(built_in(options)); !there)
        return wrong("--pipelines", there.error());
    if (!options.check_pipelines)
        if (auto there = check_folder(web_root(options)); !there)
            return wrong("--web-root", there.error());
    const std::string &added = config.video.pipelines_dir;
    if (added.empty())
        return ok;
    auto there = check_folder(added);
    // The default one need not be there: most need nothing but what is built in.
    const bool by_default = added == config::Video{}.pipelines_dir;
    if (!there && !(by_default && there.error().kind == Kind::NotFound))
        return wrong(config.place("video.pipelines_dir"), there.error());
    return ok;
}

tls::Files certificate_files(const Options &options, const config::Config &config)
{
    const config::Server &s = config.server;
    namespace fs = std::filesystem;
    std::error_code ignored;
    const auto from_root = [](const std::string &name) { return fs::path{name}.is_absolute(); };
    if ((from_root(s.cert_crt) && from_root(s.cert_key)) || fs::exists(s.cert_crt, ignored))
        return {s.cert_crt, s.cert_key}; // the first without a look at their disk, which may hang
    const fs::path state = options.state_dir; // an absolute name leads away from it
    return {state / s.cert_crt, state / s.cert_key};
}

Result<Ref<GTlsCertificate>> load_certificate(const tls::Files &files)
{
    std::error_code ignored;
    if (!std::filesystem::exists(files.certificate, ignored)) {
        if (auto made = tls::make_self_signed(files, g_get_host_name()); !made)
            return std::move(made.error()).context("make a certificate");
        log_message("http", "made a certificate, signed by itself", {{"file", files.certificate}});
    }
    auto days = tls::days_left(files);
    if (!days && days.error().kind != Kind::Timeout)
        return Error{Kind::Invalid, "cert.crt and cert.key: " + days.error().message};
    if (!days) // browsers say so; better than no way in at all
        log_warning("http", "the certificate does not hold", {{"why", days.error().message}});
    GError *error = nullptr;
    auto *loaded =
        g_tls_certificate_new_from_files(files.certificate.c_str(), files.key.c_str(), &error);
    if (loaded)
        return Ref<GTlsCertificate>::adopt(loaded);
    Error e{Kind::Invalid, std::string{"cert.crt and cert.key: "} + error->message};
    g_error_free(error);
    return e;
}

Result<media::Library> load_pipelines(const Options &options, const config::Config &config)
{
    return media::Library::load({built_in(options), config.video.pipelines_dir});
}

int check_pipelines(const Options &options, const config::Config &config)
{
    std::string problems;
    const auto library =
        media::Library::read({built_in(options), config.video.pipelines_dir}, problems);
    const bool good = list(library);
    if (!problems.empty())
        std::fprintf(stderr, "%s\n", problems.c_str());
    for (const std::string &line : config.left_out)
        std::fprintf(stderr, "%s\n", line.c_str());
    const int settings = config.left_out.empty() ? 0 : 2;
    return std::max({settings, unfilled(library, config), good && problems.empty() ? 0 : 1});
}

doctor::Subject doctor_subject(const Options &options, const config::Config &config)
{
    doctor::Subject subject{config, options.state_dir, certificate_files(options, config),
                            load_pipelines(options, config)};
    if (options.host_given)
        subject.config.server.host = options.host;
    if (options.port >= 0)
        subject.config.server.http_port = unsigned(options.port);
    return subject;
}

int run_doctor(const Options &options, const config::Config &config)
{
    const doctor::Findings found = doctor::examine(doctor_subject(options, config));
    std::fputs(doctor::table(found).c_str(), stdout);
    return doctor::verdict(found) == doctor::State::Broken ? 1 : 0;
}

} // namespace panto::app
