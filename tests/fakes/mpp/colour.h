// SPDX-License-Identifier: LGPL-2.1-or-later
/// The encoder's own preprocessor: pictures of every accepted format become planes of 4:2:0.
#pragma once

#include "plugins/venc/mppabi.h"
#include "tests/fakes/codec/codec.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace panto::standin
{

class Values;

/// How a format lies in memory.
struct Layout {
    int bytes_per_pixel; ///< of plane 0
    int halves;          ///< memory of all planes, in halves of plane 0's
};

/// Empty for a format that the codec does not take.
std::optional<Layout> layout_of(mpp::FrameFormat format, mpp::Coding coding);

/// What is needed to read a picture.
struct Source {
    mpp::FrameFormat format;
    int width, height;             ///< pixels
    size_t hor_stride;             ///< bytes
    size_t ver_stride;             ///< lines: the chroma of two planes begins there
    double kr = 0.299, kb = 0.114; ///< of the matrix, for RGB
    bool full = false;             ///< range of what RGB becomes

    static Source from(const Values &values, mpp::Coding coding);
    /// Bytes that the hardware may read.
    size_t size() const;
};

/// Reads a picture of Source::size() bytes.
void convert(const Source &source, const uint8_t *data, I420 &to);

} // namespace panto::standin
