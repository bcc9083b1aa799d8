// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/webrtc/viewer.h"

#include <functional>
#include <string>

namespace panto::webrtc
{

/// Viewers: makes viewers, as many as the machine should bear, each with its operator's line.
///
/// Each viewer costs some 11 threads and 13 descriptors, so there is a limit.
///
/// Errors   Busy when the limit is reached, and what Viewer::create() says
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

    /// local_address pins our candidate to the address the request came to; "" offers all.
    Result<std::shared_ptr<Viewer>> create(const std::string &offer, const std::string &name,
                                           const std::string &local_address)
    {
        std::erase_if(viewers_, [](const auto &weak) { return weak.expired(); });
        if (viewers_.size() >= kMaxViewers)
            return Error{Kind::Busy, "there are 32 viewers already"};
        PANTO_TRY(viewer, Viewer::create(media_, ice_, local_address, offer));
        viewers_.push_back(viewer);
        attach_(*viewer, name);
        return viewer;
    }
    const config::Ice &ice() const { return ice_; }
    /// For viewers to come.
    void use(config::Ice ice) { ice_ = std::move(ice); }

private:
    static constexpr size_t kMaxViewers = 32;

    media::Media &media_;
    config::Ice ice_;
    Attach attach_;
    std::vector<std::weak_ptr<Viewer>> viewers_;
};

} // namespace panto::webrtc
