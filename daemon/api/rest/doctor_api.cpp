// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "lib/glib/offload.h"

#include <memory>

namespace panto::api
{

std::vector<http::Route>
doctor_routes(std::function<config::Config()> settings,
              std::function<doctor::Subject(const config::Config &)> subject,
              std::function<doctor::Watched()> watched)
{
    // Whoever asks while the doctor walks gets that walk's report: a driver may take its time.
    auto waiting = std::make_shared<std::vector<http::Reply>>();
    const auto ask = [settings = std::move(settings), subject = std::move(subject),
                      watched = std::move(watched),
                      waiting](const http::Request &, http::Reply reply) {
        waiting->push_back(std::move(reply));
        if (waiting->size() > 1)
            return;
        offload(
            Lane::Media,
            [subject, config = settings(), seen = watched()] {
                doctor::Subject all = subject(config);
                all.watched = seen;
                return doctor::report(doctor::examine(all)).text();
            },
            [waiting](std::string report) {
                for (const auto &r : std::exchange(*waiting, {}))
                    r(success(json::Value::raw(report)));
            });
    };
    return {{"GET", "/api/doctor", http::Role::Admin,
             "Says how each link from the cable to the browser stands, and what to do", ask}};
}

} // namespace panto::api
