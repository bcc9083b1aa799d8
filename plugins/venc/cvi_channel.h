// SPDX-License-Identifier: LGPL-2.1-or-later
/// One channel of Sophgo's encoder, from its making to its end.
///
/// Threads  one at a time
/// Source   osdrv sg200x-dev (the driver), as plugins/venc/README.md tells
#pragma once

#include "plugins/venc/cvi_system.h"

namespace panto::cvi
{

/// What a channel is made with.
struct Plan {
    venc::Codec codec{};
    venc::Video video;
    venc::Settings settings;

    /// Whether a running channel can be brought from this one to the other: only its rates change.
    bool same_channel(const Plan &other) const;
};

VENC_CHN_ATTR_S attributes_of(const Plan &plan);

class Channel
{
public:
    /// Takes the first that nobody has, and begins to encode. What is refused though it would have
    /// been useful is told to `note`.
    static Result<std::unique_ptr<Channel>> make(const Plan &plan, const venc::Note &note);
    ~Channel();
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    /// Bit rate and rate of frames.
    Result<> set_rates(const Plan &plan);
    Result<> request_idr();
    /// Errors: Busy when it stayed so.
    Result<> send(const VIDEO_FRAME_INFO_S &frame);
    /// What became of the picture that was sent.
    venc::Encoded receive();

private:
    explicit Channel(VENC_CHN id) : id_{id} {}
    void set_rate_control(const Plan &plan, const venc::Note &note);
    Result<bool> take_stream(std::vector<uint8_t> &bytes, int wait_ms);

    const VENC_CHN id_;
    bool receives_ = false;
};

} // namespace panto::cvi
