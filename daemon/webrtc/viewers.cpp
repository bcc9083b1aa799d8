// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/viewers.h"

namespace panto::webrtc
{

Result<std::shared_ptr<Viewer>> Viewers::create(const std::string &offer, const std::string &name,
                                                const std::string &local_address)
{
    std::erase_if(seats_, [](const Seat &seat) { return seat.viewer.expired(); });
    if (seats_.size() >= kMaxViewers)
        return Error{Kind::Busy, "there are 32 viewers already"};
    PANTO_TRY(viewer, Viewer::create(media_, ice_, local_address, offer));
    seats_.push_back({viewer, name});
    attach_(*viewer, name);
    return viewer;
}

std::vector<std::pair<std::string, Figures>> Viewers::figures() const
{
    std::vector<std::pair<std::string, Figures>> all;
    for (const Seat &seat : seats_)
        if (const auto viewer = seat.viewer.lock(); viewer && viewer->connected())
            all.emplace_back(seat.name, viewer->figures());
    return all;
}

} // namespace panto::webrtc
