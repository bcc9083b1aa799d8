// SPDX-License-Identifier: LGPL-2.1-or-later
/// Reads the quantizer that a slice begins with: OpenH264 does not tell which one it took.
///
/// Source   ITU-T H.264: 7.3.2.1.1, 7.3.2.2, 7.3.3, as far as progressive pictures of one slice
///          with one reference frame use them
#pragma once

#include <cstdint>
#include <span>

namespace panto::standin
{

class SliceQp
{
public:
    /// Parameter sets, with start codes.
    void read_sps(std::span<const uint8_t> nal);
    void read_pps(std::span<const uint8_t> nal);
    /// 0..51, of a slice with its start code.
    int of(std::span<const uint8_t> nal) const;

private:
    unsigned frame_num_bits_ = 4, poc_type_ = 0, poc_bits_ = 4;
    int first_qp_ = 26;
    bool cabac_ = false;
};

} // namespace panto::standin
