// SPDX-License-Identifier: LGPL-2.1-or-later
/// One channel of the stand-in: software encoders behind the vendor's interface.
///
/// Threads  one at a time; the stand-in's lock is not held while it encodes
#pragma once

#include "tests/fakes/codec/codec.h"
#include "tests/fakes/cvi/state.h"

#include <cvi_venc.h>
#include <deque>

namespace panto::cvi_standin
{

class Channel
{
public:
    /// What the hardware would refuse, as the driver's number; 0 if it takes it.
    static CVI_S32 check(const VENC_CHN_ATTR_S &attributes);

    explicit Channel(const VENC_CHN_ATTR_S &attributes) : attributes_{attributes} {}

    CVI_S32 send(const VIDEO_FRAME_S &frame);
    CVI_S32 get(VENC_STREAM_S &stream, int wait_ms);
    CVI_S32 release(const VENC_STREAM_S &stream);
    CVI_S32 set(const VENC_CHN_ATTR_S &attributes);
    const VENC_CHN_ATTR_S &attributes() const { return attributes_; }

    VENC_RC_PARAM_S rate_control{};
    bool receives = false;
    bool idr = false; ///< the next picture is asked to be one
    int streams = 0;  ///< fetched and not given back

private:
    /// One of the pieces that a picture's stream comes in.
    struct Pack {
        std::vector<CVI_U8> bytes;
        CVI_U64 pts;
        bool ends;
    };
    enum class Fate { Coded, Late, Error, Dropped };

    standin::H264Settings h264_settings() const;
    void code(const standin::I420 &picture, CVI_U64 pts);
    void add(const std::vector<CVI_U8> &bytes, CVI_U64 pts);
    bool each(int every) const { return every > 0 && pictures_ % every == 0; }

    VENC_CHN_ATTR_S attributes_;
    standin::H264 h264_;
    bool opened_ = false;
    int pictures_ = 0, sends_ = 0, since_idr_ = 0;
    int pixels_ = -1; ///< of the first picture
    Fate fate_ = Fate::Coded;
    std::deque<Pack> waiting_;
    std::vector<Pack> fetched_;
    const int busy_every_ = knob("CVI_STANDIN_BUSY_EVERY");
    const int full_every_ = knob("CVI_STANDIN_FULL_EVERY");
    const int lose_every_ = knob("CVI_STANDIN_LOSE_EVERY");
    const int fail_every_ = knob("CVI_STANDIN_FAIL_EVERY");
    const int drop_every_ = knob("CVI_STANDIN_DROP_EVERY");
    const int hang_at_ = knob("CVI_STANDIN_HANG_AT");
    const bool splits_ = knob("CVI_STANDIN_SPLIT") != 0;
};

/// Waits until cvi_standin_release_hangs() is called.
void hang();

} // namespace panto::cvi_standin
