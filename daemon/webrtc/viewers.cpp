// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/viewers.h"

#include <algorithm>
#include <utility>

namespace panto::webrtc
{

namespace
{

constexpr auto kSharing = std::chrono::seconds{1}; // as often as browsers report

} // namespace

Result<std::shared_ptr<Viewer>> Viewers::create(const std::string &offer, const Whose &whose,
                                                const std::string &local_address)
{
    std::erase_if(seats_, [](const Seat &seat) { return seat.viewer.expired(); });
    if (auto refused = refusal(whose))
        return std::move(*refused);
    const std::string &address = ice_.address.empty() ? local_address : ice_.address;
    PANTO_TRY(viewer, Viewer::create(media_, ice_, address, offer));
    seats_.push_back({viewer, whose});
    viewer->on_report = [this] { share_out(); };
    if (!sharing_) // who leaves does not report it
        sharing_ = every(kSharing, [this] { share_out(); });
    attach_(*viewer, whose.name);
    return viewer;
}

std::optional<Error> Viewers::refusal(const Whose &whose) const
{
    const auto count = [this](auto which) {
        return size_t(std::count_if(seats_.begin(), seats_.end(),
                                    [&](const Seat &seat) { return which(seat.whose); }));
    };
    const auto busy = [](size_t most, const std::string &whom) {
        return Error{Kind::Busy,
                     "there are " + std::to_string(most) + " viewers" + whom + " already"};
    };
    if (seats_.size() >= kMost)
        return busy(kMost, "");
    if (whose.admin)
        return std::nullopt;
    if (count([](const Whose &w) { return !w.admin; }) >= kMostOfUsers)
        return busy(kMostOfUsers, " who are no administrators");
    if (count([&](const Whose &w) { return w.user == whose.user; }) >= kMostOfAUser)
        return busy(kMostOfAUser, " of yours");
    return std::nullopt;
}

/// Gives each viewer the stream that its way bears, and each stream the rate that its viewers need.
void Viewers::share_out()
{
    for (const std::string codec : {"h264", "h265"})
        if (media_.encoder(codec))
            share_out(codec);
    std::erase_if(seats_, [](const Seat &seat) { return seat.viewer.expired(); });
    if (seats_.empty())
        sharing_ = {};
}

void Viewers::share_out(const std::string &codec)
{
    media::Encoder &full = *media_.encoder(codec), &low = *media_.encoder(codec + media::kLow);
    std::vector<std::pair<const Seat *, std::shared_ptr<Viewer>>> there;
    std::vector<Watching> watching;
    size_t of_full = 0;
    for (const Seat &seat : seats_)
        if (const auto viewer = seat.viewer.lock();
            viewer && viewer->connected() && viewer->codec() == codec) {
            viewer->rate().ceiling(full.bit_rate());
            of_full += viewer->tier() == Tier::Full;
            watching.push_back({viewer->tier(), viewer->rate().kbps()});
            there.emplace_back(&seat, viewer);
        }
    const bool others = full.watchers() > of_full;
    const Plan p = plan(watching, others, full.bit_rate(), low.bit_rate());
    full.throttle(p.full_kbps);
    low.throttle(p.low_kbps);
    for (size_t i = 0; i < there.size(); ++i) {
        const auto &[seat, viewer] = there[i];
        if (p.tiers[i] == watching[i].tier)
            continue;
        viewer->change_to(p.tiers[i]);
        if (on_tier)
            on_tier(seat->whose.name, viewer->figures());
    }
}

} // namespace panto::webrtc
