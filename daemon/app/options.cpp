// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/options.h"

#include "lib/base/address.h"

#include <cstdio>
#include <glib.h>

namespace panto::app
{

namespace
{

void take(char *text, std::string &to)
{
    if (text)
        to = text;
    g_free(text);
}

} // namespace

int parse_options(int argc, char **argv, Options &o)
{
    char *config = nullptr, *state = nullptr, *host = nullptr, *web = nullptr, *pipelines = nullptr;
    int port = -1;
    gboolean check = FALSE, print = FALSE, doctor = FALSE, version = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config,
         "Configuration file (default /etc/kvm/server.yaml)", "FILE"},
        {"state", 's', 0, G_OPTION_ARG_FILENAME, &state,
         "Folder for accounts and keys (default /etc/kvm)", "DIR"},
        {"host", 0, 0, G_OPTION_ARG_STRING, &host,
         "Address to listen on, instead of the configured one; \"\" is every address", "ADDRESS"},
        {"port", 'p', 0, G_OPTION_ARG_INT, &port,
         "Port for http, instead of the configured one; 0 takes any free one", "PORT"},
        {"web-root", 0, 0, G_OPTION_ARG_FILENAME, &web, "Serve this folder in place of the console",
         "DIR"},
        {"pipelines", 0, 0, G_OPTION_ARG_FILENAME, &pipelines,
         "Folder of the built-in pipeline files", "DIR"},
        {"check-pipelines", 0, 0, G_OPTION_ARG_NONE, &check,
         "Check the configuration and every pipeline file, say what is wrong, and exit", nullptr},
        {"print-config", 0, 0, G_OPTION_ARG_NONE, &print,
         "Print a configuration file that says every default, and exit", nullptr},
        {"doctor", 0, 0, G_OPTION_ARG_NONE, &doctor,
         "Say how each link from the cable to the browser stands and what to do, and exit",
         nullptr},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and exit", nullptr},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
    GOptionContext *context = g_option_context_new(nullptr);
    g_option_context_set_summary(
        context, "See and control a computer from a browser: the KVM-over-IP daemon.");
    g_option_context_set_description(
        context, "Environment:\n"
                 "  PANTOGRAPH_PASSWORD  Password of the user admin; without it the first start\n"
                 "                       makes one up and prints it once.\n");
    g_option_context_add_main_entries(context, entries, nullptr);
    GError *error = nullptr;
    const bool parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    o.host_given = host != nullptr;
    take(config, o.config_path);
    take(state, o.state_dir);
    take(host, o.host);
    take(web, o.web_root);
    take(pipelines, o.pipelines_dir);
    o.port = port;
    o.check_pipelines = check;
    o.print_config = print;
    o.doctor = doctor;
    if (!parsed || argc > 1) {
        std::fprintf(stderr, "pantographd: %s\nTry: pantographd --help\n",
                     error ? error->message : (std::string{"unknown argument "} + argv[1]).c_str());
        g_clear_error(&error);
        return 2;
    }
    if (port > 65535 || port < -1) {
        std::fprintf(stderr, "pantographd: --port: must be 0..65535, not %d\n", port);
        return 2;
    }
    if (!o.host.empty() && !is_ip_address(o.host)) {
        std::fprintf(stderr, "pantographd: --host: must be an IP address, not \"%s\"\n",
                     o.host.c_str());
        return 2;
    }
    if (version) {
        std::printf("pantographd " PANTOGRAPH_VERSION "\n");
        return 0;
    }
    return -1;
}

} // namespace panto::app
