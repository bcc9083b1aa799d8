// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/cvi/channel.h"

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>

using namespace panto::cvi_standin;

namespace
{

struct Channels {
    std::mutex lock;
    std::condition_variable released;
    unsigned round = 0; ///< of hangs that were ended
    std::array<std::shared_ptr<Channel>, 16> open;
    std::array<bool, 16> taken{}; ///< by another program
    int made = 0;
};

/// Never destroyed: a channel may hang until the process ends.
Channels &all()
{
    static auto *const channels = new Channels;
    return *channels;
}

std::shared_ptr<Channel> find(VENC_CHN id)
{
    const std::lock_guard hold{all().lock};
    return id >= 0 && id < 16 ? all().open[size_t(id)] : nullptr;
}

/// What `does` returns of the channel; what the driver says where there is none.
template <class Does>
CVI_S32 with(VENC_CHN id, Does does)
{
    const auto channel = find(id);
    return channel ? does(*channel) : kDoesNotExist;
}

} // namespace

void panto::cvi_standin::hang()
{
    std::unique_lock hold{all().lock};
    all().released.wait(hold, [round = all().round] { return all().round != round; });
}

CVI_S32 CVI_VENC_CreateChn(VENC_CHN id, const VENC_CHN_ATTR_S *attributes)
{
    if (!has_begun())
        fatal("a channel is made before the system has begun");
    if (id < 0 || id >= 16)
        return kBadChannel;
    if (const CVI_S32 refused = Channel::check(*attributes))
        return refused;
    const std::lock_guard hold{all().lock};
    if (all().open[size_t(id)] || all().taken[size_t(id)])
        return kExists;
    all().open[size_t(id)] = std::make_shared<Channel>(*attributes);
    auto &p = all().open[size_t(id)]->rate_control;
    p.s32FirstFrameStartQp = -1;
    p.stParamH264Cbr = {1, 100, 51, 20, 51, 20, 0};
    ++all().made;
    return 0;
}

CVI_S32 CVI_VENC_DestroyChn(VENC_CHN id)
{
    return with(id, [&](Channel &channel) -> CVI_S32 {
        if (channel.receives)
            return kBusy;
        const std::lock_guard hold{all().lock};
        all().open[size_t(id)].reset();
        return 0;
    });
}

CVI_S32 CVI_VENC_ResetChn(VENC_CHN id)
{
    return with(id, [](Channel &channel) { return channel.receives ? kBusy : 0; });
}

CVI_S32 CVI_VENC_StartRecvFrame(VENC_CHN id, const VENC_RECV_PIC_PARAM_S *)
{
    return with(id, [](Channel &channel) {
        channel.receives = true;
        return 0;
    });
}

CVI_S32 CVI_VENC_StopRecvFrame(VENC_CHN id)
{
    return with(id, [](Channel &channel) {
        channel.receives = false;
        return 0;
    });
}

CVI_S32 CVI_VENC_SendFrame(VENC_CHN id, const VIDEO_FRAME_INFO_S *frame, CVI_S32)
{
    return with(id, [&](Channel &channel) { return channel.send(frame->stVFrame); });
}

CVI_S32 CVI_VENC_GetStream(VENC_CHN id, VENC_STREAM_S *stream, CVI_S32 wait_ms)
{
    return with(id, [&](Channel &channel) { return channel.get(*stream, wait_ms); });
}

CVI_S32 CVI_VENC_ReleaseStream(VENC_CHN id, VENC_STREAM_S *stream)
{
    return with(id, [&](Channel &channel) { return channel.release(*stream); });
}

CVI_S32 CVI_VENC_RequestIDR(VENC_CHN id, CVI_BOOL)
{
    return with(id, [](Channel &channel) {
        channel.idr = true;
        return 0;
    });
}

CVI_S32 CVI_VENC_GetChnAttr(VENC_CHN id, VENC_CHN_ATTR_S *attributes)
{
    return with(id, [&](Channel &channel) {
        *attributes = channel.attributes();
        return 0;
    });
}

CVI_S32 CVI_VENC_SetChnAttr(VENC_CHN id, const VENC_CHN_ATTR_S *attributes)
{
    return with(id, [&](Channel &channel) { return channel.set(*attributes); });
}

CVI_S32 CVI_VENC_GetRcParam(VENC_CHN id, VENC_RC_PARAM_S *parameters)
{
    return with(id, [&](Channel &channel) {
        *parameters = channel.rate_control;
        return 0;
    });
}

CVI_S32 CVI_VENC_SetRcParam(VENC_CHN id, const VENC_RC_PARAM_S *parameters)
{
    return with(id, [&](Channel &channel) {
        if (knob("CVI_STANDIN_NO_RC"))
            return kUnsupported;
        channel.rate_control = *parameters;
        return 0;
    });
}

void cvi_standin_counts(int *n)
{
    n[CVI_STANDIN_SYSTEMS] = has_begun();
    n[CVI_STANDIN_BLOCKS] = blocks();
    n[CVI_STANDIN_CHANNELS] = n[CVI_STANDIN_STREAMS] = 0;
    const std::lock_guard hold{all().lock};
    for (const auto &channel : all().open) {
        n[CVI_STANDIN_CHANNELS] += channel != nullptr;
        n[CVI_STANDIN_STREAMS] += channel ? channel->streams : 0;
    }
}

int cvi_standin_made(void)
{
    const std::lock_guard hold{all().lock};
    return all().made;
}

void cvi_standin_release_hangs(void)
{
    const std::lock_guard hold{all().lock};
    ++all().round;
    all().released.notify_all();
}

void cvi_standin_take(int channel, bool taken)
{
    const std::lock_guard hold{all().lock};
    all().taken[size_t(channel)] = taken;
}
