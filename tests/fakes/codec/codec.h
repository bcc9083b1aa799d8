// SPDX-License-Identifier: LGPL-2.1-or-later
/// What stands in for chips: software encoders, each of which makes one packet of one picture.
#pragma once

#include "tests/fakes/codec/slice_qp.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <wels/codec_api.h>

namespace panto::standin
{

struct I420 {
    int width = 0, height = 0;
    std::vector<uint8_t> y, u, v; ///< lines of width and of half the width, rounded up
    int chroma_width() const { return (width + 1) / 2; }
    int chroma_height() const { return (height + 1) / 2; }
};

/// What a vendor's configuration says of a stream of H.264.
struct H264Settings {
    int width = 0, height = 0;
    double fps = 30;
    bool fixed_qp = false; ///< of qp_init, without rate control
    int bitrate = 2'000'000;
    int qp_init = 26, qp_min = 1, qp_max = 51;
    int profile = 66, level = 31;
    unsigned constraint_set = 0; ///< as patch_sps() takes it
    bool cabac = false;
    int primaries = 2, transfer = 2, matrix = 2; ///< ITU-T H.273's numbers
    bool says_range = false, full_range = false;
};

/// OpenH264, as a vendor's encoder is used: one slice, no reordering, one reference frame.
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
    bool open(const H264Settings &settings);
    void set_bitrate(int bitrate);
    /// SPS and PPS of what was opened; empty if it was not.
    std::vector<uint8_t> headers();
    std::optional<Coded> encode(const I420 &picture, bool idr);

private:
    void close();
    Coded sorted(const SFrameBSInfo &from);

    ISVCEncoder *encoder_ = nullptr;
    SliceQp slice_qp_;
    H264Settings settings_;
    int64_t pictures_ = 0;
    double frame_ms_ = 0;
};

/// A JPEG of 4:2:0, of a quality of 1 to 100; empty if it cannot be made.
std::vector<uint8_t> encode_jpeg(int quality, const I420 &picture);

} // namespace panto::standin
