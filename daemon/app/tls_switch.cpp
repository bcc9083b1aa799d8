// SPDX-License-Identifier: LGPL-2.1-or-later
/// https on and off while the daemon runs: what is served and what the configuration says go
/// together.
#include "daemon/app/app.h"

#include "daemon/config/edit.h"
#include "daemon/observe/log.h"
#include "lib/glib/offload.h"

namespace panto::app
{

namespace
{

void keep(const std::string &path, bool on, Done<> done)
{
    offload([path, on] { return config::set_value(path, "proto", on ? "https" : "http"); },
            std::move(done));
}

} // namespace

void App::set_tls(bool on, Done<> done)
{
    const Done<> told = [weak = self_.weak(), on, done = std::move(done)](Result<> r) {
        if (r)
            log_message("http", on ? "https is on" : "https is off");
        if (auto *self = alive(weak); self && r)
            self->config_.server.proto = on ? "https" : "http"; // as the file says now
        done(std::move(r));
    };
    const bool as_now = on == (server_.tls_port() != 0);
    if (on && !as_now)
        return start_tls(told);
    keep(tls_.config_path, on, [weak = self_.weak(), as_now, told](Result<> kept) {
        if (auto *self = alive(weak); self && kept && !as_now)
            self->server_.stop_tls();
        told(std::move(kept));
    });
}

void App::start_tls(Done<> done)
{
    offload([files = tls_.files] { return load_certificate(files); },
            [weak = self_.weak(), done](Result<Ref<GTlsCertificate>> certificate) {
                auto *self = alive(weak);
                if (!self || !certificate)
                    return done(certificate ? ok : Result<>{std::move(certificate.error())});
                const TlsPlace &at = self->tls_;
                if (auto on = self->server_.listen_tls(at.host, at.port, *certificate); !on)
                    return done(std::move(on));
                keep(at.config_path, true, [weak, done](Result<> kept) {
                    if (auto *still = alive(weak))
                        kept ? still->server_.end_plain() : still->server_.stop_tls();
                    done(std::move(kept));
                });
            });
}

} // namespace panto::app
