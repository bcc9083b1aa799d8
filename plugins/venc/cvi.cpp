// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/cvi.h"

#include "plugins/venc/cvi_channel.h"
#include "plugins/venc/cvi_rules.h"
#include "plugins/venc/rules.h"

#include <utility>

namespace panto::cvi
{

namespace
{

using venc::Codec;
using venc::Pixels;

/// What the element can be told and this encoder cannot be.
void note_ignored(const venc::Settings &s, const venc::Note &note)
{
    const auto ignored = [&](bool asked, const char *what) {
        if (asked)
            note(std::string{what} + " has no effect with Sophgo's encoder");
    };
    ignored(s.header_mode != "each-idr", "header-mode");
    ignored(s.sei_mode != "disable", "sei-mode");
    ignored(s.intra_refresh, "intra-refresh");
    ignored(!s.extra_config.empty(), "extra-config");
}

class CviSession : public venc::Session
{
public:
    explicit CviSession(venc::Note note) : note_{std::move(note)} {}

    Result<venc::Capabilities> open(Codec codec) override;
    Result<> configure(const venc::Video &video, const venc::Settings &settings) override;
    void adjust(const venc::Settings &settings) override;
    void request_idr() override { idr_wanted_ = plan_.codec != Codec::Jpeg; }
    venc::Encoded encode(const venc::Picture &picture) override;

private:
    Result<> bring_to(Plan plan);
    Result<VIDEO_FRAME_INFO_S> copied(const venc::Picture &picture);
    VIDEO_FRAME_INFO_S frame_of(const venc::Layout &layout) const;

    const venc::Note note_;
    // In the order in which they begin; they end the other way round.
    std::optional<System> system_;
    std::unique_ptr<Memory> memory_;
    std::unique_ptr<Channel> channel_;
    Plan plan_; // that the channel follows
    bool idr_wanted_ = false;
};

Result<venc::Capabilities> CviSession::open(Codec codec)
{
    plan_.codec = codec;
    PANTO_TRY(devices, check_devices());
    static_cast<void>(devices);
    PANTO_TRY(system, System::begin());
    system_.emplace(std::move(system));
    return venc::Capabilities{{Pixels::Nv12, Pixels::I420}, 96, 64, 8192, 8192, library_path()};
}

/// In a running channel only the rates can change; all else takes a new one, which begins with an
/// IDR.
Result<> CviSession::bring_to(Plan plan)
{
    if (channel_ && plan.same_channel(plan_)) {
        PANTO_TRY(set, channel_->set_rates(plan));
        static_cast<void>(set);
    } else {
        channel_.reset();
        PANTO_TRY(channel, Channel::make(plan, note_));
        channel_ = std::move(channel);
    }
    plan_ = std::move(plan);
    return ok;
}

Result<> CviSession::configure(const venc::Video &video, const venc::Settings &settings)
{
    note_ignored(settings, note_);
    return bring_to({plan_.codec, video, settings});
}

void CviSession::adjust(const venc::Settings &settings)
{
    if (auto brought = bring_to({plan_.codec, plan_.video, settings}); !brought)
        note_("the settings stay as they were: " + brought.error().message);
}

VIDEO_FRAME_INFO_S CviSession::frame_of(const venc::Layout &layout) const
{
    VIDEO_FRAME_INFO_S info{};
    VIDEO_FRAME_S &f = info.stVFrame;
    const bool planar = plan_.video.pixels == Pixels::I420;
    f.u32Width = plan_.video.width;
    f.u32Height = plan_.video.height;
    f.enPixelFormat = planar ? PIXEL_FORMAT_YUV_PLANAR_420 : PIXEL_FORMAT_NV12;
    const CVI_U32 chroma = planar ? layout.stride / 2 : layout.stride;
    CVI_U32 place = 0;
    for (unsigned n = 0; n < (planar ? 3u : 2u); ++n) {
        f.u32Stride[n] = n ? chroma : layout.stride;
        f.u32Length[n] = n ? chroma * (layout.lines / 2) : layout.stride * layout.lines;
        f.u64PhyAddr[n] = memory_->physical() + place;
        f.pu8VirAddr[n] = memory_->bytes() + place;
        place += f.u32Length[n];
    }
    info.u32PoolId = ~0u; // of no pool: the memory is ours
    return info;
}

Result<VIDEO_FRAME_INFO_S> CviSession::copied(const venc::Picture &picture)
{
    const venc::Layout layout = frame_layout(plan_.video);
    const size_t size = venc::picture_bytes(plan_.video.pixels, layout);
    if (!memory_ || memory_->size() < size) {
        memory_.reset();
        PANTO_TRY(memory, Memory::allocate(size));
        memory_ = std::move(memory);
    }
    const auto planes = picture.map ? picture.map() : nullptr;
    if (!planes)
        return Error{Kind::Unavailable, "the picture's memory cannot be read"};
    venc::copy_picture(plan_.video, *planes, layout, memory_->bytes());
    PANTO_TRY(flushed, memory_->flush());
    static_cast<void>(flushed);
    VIDEO_FRAME_INFO_S frame = frame_of(layout);
    frame.stVFrame.u64PTS = CVI_U64(picture.id);
    return frame;
}

venc::Encoded CviSession::encode(const venc::Picture &picture)
{
    if (!channel_) // a setting could not be brought into force
        return venc::Failed{{Kind::Unavailable, "the encoder has no channel"}, true};
    const auto frame = copied(picture);
    if (!frame)
        return venc::Failed{frame.error()};
    if (std::exchange(idr_wanted_, false))
        if (auto asked = channel_->request_idr(); !asked)
            note_(asked.error().message);
    if (auto sent = channel_->send(*frame); !sent) {
        if (is(Ret::Dropped, sent.error()))
            return venc::Dropped{};
        const bool stuck = sent.error().kind == Kind::Busy;
        return venc::Failed{std::move(sent.error()), stuck};
    }
    auto encoded = channel_->receive();
    if (auto *packet = std::get_if<venc::Packet>(&encoded)) {
        packet->copied = true;
        packet->keyframe = venc::is_key_frame(plan_.codec, packet->bytes);
        if (plan_.codec == Codec::H264)
            write_constraints(packet->bytes, plan_.video.profile);
    }
    return encoded;
}

} // namespace

std::unique_ptr<venc::Session> make_session(venc::Note note)
{
    return std::make_unique<CviSession>(std::move(note));
}

} // namespace panto::cvi
