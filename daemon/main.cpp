// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/app.h"
#include "daemon/config/config.h"
#include "daemon/observe/log.h"
#include "daemon/observe/log_file.h"
#include "lib/base/fd.h"
#include "lib/glib/offload.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <malloc.h>

namespace
{

gboolean quit(gpointer loop)
{
    g_main_loop_quit(static_cast<GMainLoop *>(loop));
    return G_SOURCE_CONTINUE;
}

/// Whether we were started in a terminal, which takes us with it when it is closed.
bool has_terminal()
{
    return bool(panto::Fd{::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)});
}

/// What the signal SIGHUP means.
struct HangUp {
    GMainLoop *loop;
    const bool in_terminal = has_terminal();
    panto::app::App *app = nullptr; ///< null while it is being built
};

gboolean hung_up(gpointer p)
{
    const auto &hang_up = *static_cast<HangUp *>(p);
    if (hang_up.in_terminal && !has_terminal())
        return quit(hang_up.loop);
    if (auto log = panto::observe::reopen_log(); !log)
        panto::log_warning("observe", log.error().message);
    if (hang_up.app)
        hang_up.app->reload();
    return G_SOURCE_CONTINUE;
}

/// Ends the process by itself where a thread still works that cannot be told to stop: it must not
/// outlive the static objects.
void finish(int status)
{
    if (panto::offload_drain(std::chrono::seconds{3}))
        return;
    std::fflush(nullptr);
    std::quick_exit(status);
}

int fail(const panto::Error &error)
{
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return error.kind == panto::Kind::Invalid ? 2 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    panto::app::Options options;
    if (const int code = panto::app::parse_options(argc, argv, options); code >= 0)
        return code;
    if (options.print_config) {
        std::fputs(panto::config::default_text().c_str(), stdout);
        return 0;
    }
    auto config = panto::app::load_config(options);
    if (!config)
        return fail(config.error());
    if (auto there = panto::app::check_folders(options, *config); !there)
        return fail(there.error());
    // TLS 1.2 and later; read when TLS is first used. No thread is there yet to mind.
    g_setenv("G_TLS_GNUTLS_PRIORITY", "NORMAL:%COMPAT:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS1.0",
             FALSE);
    mallopt(M_ARENA_MAX, 2); // each viewer brings 11 threads: do not let each have its own heap
    // Pictures go back to the system when they are freed. By itself glibc takes them from the heap
    // once one was freed, and sessions leave holes between them (mallopt(3)).
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    gst_init(nullptr, nullptr);
    if (options.check_pipelines)
        return panto::app::check_pipelines(options, *config);
    if (options.doctor) {
        const int status = panto::app::run_doctor(options, *config);
        finish(status);
        return status;
    }
    if (auto log = panto::observe::start_log(config->logger.level, config->logger.file); !log)
        return fail(
            {panto::Kind::Invalid, config->place("logger.file") + ": " + log.error().message});
    for (const std::string &line : config->left_out)
        panto::log_warning("config", line);
    panto::observe::bridge_gstreamer();

    GMainLoop *loop = g_main_loop_new(nullptr, FALSE);
    g_unix_signal_add(SIGINT, quit, loop);
    g_unix_signal_add(SIGTERM, quit, loop);
    HangUp hang_up{loop};
    g_unix_signal_add(SIGHUP, hung_up, &hang_up);
    {
        auto app = panto::app::App::create(options, *config);
        if (!app) {
            const int status = fail(app.error());
            finish(status);
            return status;
        }
        hang_up.app = app->get();
        panto::app::greet(options, **app);
        g_main_loop_run(loop);
        panto::log_message("app", "stopping");
    }
    finish(0);
    g_main_loop_unref(loop);
    return 0;
}
