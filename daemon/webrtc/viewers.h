// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/webrtc/viewer.h"
#include "lib/glib/source.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace panto::webrtc
{

/// Viewers: makes viewers, as many as the machine should bear, each with its operator's line, and
/// sees to it that each gets a stream that its way bears.
///
/// Each viewer costs some 11 threads and 13 descriptors, so there is a limit; who is no
/// administrator gets a share of it only, so that nobody shuts the others out.
///
/// Errors   Busy when a limit is reached, and what Viewer::create() says
/// Threads  main loop only
class Viewers
{
public:
    /// Gets each new viewer, to connect its data channel.
    using Attach = std::function<void(Viewer &viewer, const std::string &name)>;

    Viewers(media::Media &media, config::Ice ice, Attach attach)
        : media_{media}, ice_{std::move(ice)}, attach_{std::move(attach)}
    {
    }

    /// Whose it is: name is the operator's in the log.
    struct Whose {
        std::string user, name;
        bool admin = false;
    };

    /// local_address pins our candidate to the address the request came to, if the configuration
    /// names none; "" offers all.
    Result<std::shared_ptr<Viewer>> create(const std::string &offer, const Whose &whose,
                                           const std::string &local_address);
    const config::Ice &ice() const { return ice_; }
    /// For viewers to come.
    void use(config::Ice ice) { ice_ = std::move(ice); }

    /// The viewer of that name is to get another stream than before.
    std::function<void(const std::string &name, const Figures &)> on_tier;

private:
    static constexpr size_t kMost = 32, kMostOfUsers = 24, kMostOfAUser = 12;

    struct Seat {
        std::weak_ptr<Viewer> viewer;
        Whose whose;
    };

    std::optional<Error> refusal(const Whose &whose) const;
    void share_out();
    void share_out(const std::string &codec);

    media::Media &media_;
    config::Ice ice_;
    Attach attach_;
    std::vector<Seat> seats_;
    Source sharing_; ///< runs while there is a viewer
};

} // namespace panto::webrtc
