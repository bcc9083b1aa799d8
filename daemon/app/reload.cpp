// SPDX-License-Identifier: LGPL-2.1-or-later
/// The configuration file, read again while the daemon runs. No value gets into the log: some are
/// secrets.
#include "daemon/app/app.h"

#include "daemon/config/config.h"
#include "daemon/observe/log.h"
#include "lib/base/split.h"
#include "lib/glib/offload.h"

namespace panto::app
{

void App::reload()
{
    if (++reloads_ > 1)
        return; // what is read now may be old already: once more afterwards
    offload([options = options_] { return load_config(options); },
            [weak = self_.weak()](const Result<config::Config> &read) {
                auto *self = alive(weak);
                if (!self)
                    return;
                self->take(read);
                if (std::exchange(self->reloads_, 0) > 1)
                    self->reload();
            });
}

void App::take(const Result<config::Config> &read)
{
    if (!read) {
        config_.left_out = split(read.error().message, '\n');
        for (const std::string &line : config_.left_out)
            log_warning("config", line);
        return log_warning("config", "the file cannot be taken: what was read before counts");
    }
    const auto changes = config::update(config_, *read);
    observe::change_level(config_.logger.level, [&] {
        for (const std::string &line : config_.left_out)
            log_warning("config", line);
        for (const auto &[key, live] : changes)
            live ? log_info("config", "setting changed", {{"key", key}})
                 : log_warning("config", "setting counts from the next start on", {{"key", key}});
        log_message("config", "read again");
    });
    sessions_.change(config_.security);
    viewers_.use(config_.ice);
}

} // namespace panto::app
