// SPDX-License-Identifier: LGPL-2.1-or-later
/// What stands in for the chip: software encoders, each of which makes one packet of one picture.
#pragma once

#include "tests/fakes/mpp/cfg.h"
#include "tests/fakes/mpp/colour.h"
#include "tests/fakes/mpp/slice_qp.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <wels/codec_api.h>

namespace panto::standin
{

/// OpenH264, as the vendor's encoder is used: one slice, no reordering, one reference frame.
///
/// Threads  one at a time
class H264
{
public:
    struct Coded {
        std::vector<uint8_t> headers; ///< of an IDR: SPS and PPS
        std::vector<uint8_t> slice;
        bool intra;
        int qp; ///< that the slice begins with
    };

    H264() = default;
    ~H264() { close(); }
    H264(const H264 &) = delete;
    H264 &operator=(const H264 &) = delete;

    /// Begins anew: the next picture is an IDR. False if OpenH264 refuses.
    bool open(const Values &values);
    void set_bitrate(const Values &values);
    /// SPS and PPS of what was opened; empty if it was not.
    std::vector<uint8_t> headers();
    std::optional<Coded> encode(const I420 &picture, bool idr);

private:
    void close();
    Coded sorted(const SFrameBSInfo &from);

    ISVCEncoder *encoder_ = nullptr;
    SliceQp slice_qp_;
    int profile_ = 66, level_ = 31, macroblocks_ = 0;
    unsigned constraint_set_ = 0;
    int64_t pictures_ = 0;
    double frame_ms_ = 0;
};

/// A JPEG of 4:2:0, of jpeg:q_factor or the coarser jpeg:quant; rate control is not imitated.
std::vector<uint8_t> encode_jpeg(const Values &values, const I420 &picture);

} // namespace panto::standin
