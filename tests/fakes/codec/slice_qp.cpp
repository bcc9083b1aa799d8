// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/codec/slice_qp.h"

#include <algorithm>
#include <vector>

namespace panto::standin
{

namespace
{

/// The bits behind a part's start code and header, without what prevents start codes.
class Bits
{
public:
    explicit Bits(std::span<const uint8_t> nal)
    {
        for (size_t i = 5, zeros = 0; i < std::min<size_t>(nal.size(), 64); ++i) {
            const bool guard = zeros >= 2 && nal[i] == 3;
            zeros = guard || nal[i] ? 0 : zeros + 1;
            if (!guard)
                bytes_.push_back(nal[i]);
        }
    }
    unsigned u(unsigned n)
    {
        unsigned value = 0;
        for (; n; --n, ++at_)
            value =
                value << 1 | (at_ / 8 < bytes_.size() ? bytes_[at_ / 8] >> (7 - at_ % 8) & 1 : 1);
        return value;
    }
    unsigned ue()
    {
        unsigned zeros = 0;
        while (!u(1) && zeros < 31)
            ++zeros;
        return (1u << zeros) - 1 + u(zeros);
    }
    int se()
    {
        const unsigned k = ue();
        return k & 1 ? int(k / 2 + 1) : -int(k / 2);
    }

private:
    std::vector<uint8_t> bytes_;
    size_t at_ = 0;
};

} // namespace

void SliceQp::read_sps(std::span<const uint8_t> nal)
{
    Bits b{nal};
    const unsigned profile = b.u(8);
    b.u(16); // constraints, level
    b.ue();  // seq_parameter_set_id
    if (profile == 100) {
        b.ue(); // chroma_format_idc
        b.ue(); // bit depths
        b.ue();
        b.u(2); // transform bypass, scaling matrix
    }
    frame_num_bits_ = b.ue() + 4;
    poc_type_ = b.ue();
    poc_bits_ = poc_type_ == 0 ? b.ue() + 4 : 0;
}

void SliceQp::read_pps(std::span<const uint8_t> nal)
{
    Bits b{nal};
    b.ue(); // pic_parameter_set_id
    b.ue(); // seq_parameter_set_id
    cabac_ = b.u(1);
    b.u(1); // bottom_field_pic_order_in_frame_present
    b.ue(); // num_slice_groups_minus1
    b.ue(); // num_ref_idx_l0_default_active_minus1
    b.ue(); // of l1
    b.u(3); // weighted prediction
    first_qp_ = 26 + b.se();
}

int SliceQp::of(std::span<const uint8_t> nal) const
{
    const bool idr = (nal[4] & 0x1f) == 5, reference = nal[4] & 0x60;
    Bits b{nal};
    b.ue(); // first_mb_in_slice
    const bool p = b.ue() % 5 == 0;
    b.ue(); // pic_parameter_set_id
    b.u(frame_num_bits_);
    if (idr)
        b.ue(); // idr_pic_id
    b.u(poc_bits_);
    if (p) {
        if (b.u(1)) // num_ref_idx_active_override
            b.ue();
        if (b.u(1)) // ref_pic_list_modification
            while (b.ue() != 3)
                b.ue();
    }
    if (reference && idr)
        b.u(2); // no_output_of_prior_pics, long_term_reference
    else if (reference && b.u(1))
        while (const unsigned operation = b.ue()) // memory_management_control_operation
            for (unsigned n = operation == 3 ? 2 : operation == 5 ? 0 : 1; n; --n)
                b.ue();
    if (cabac_ && p)
        b.ue(); // cabac_init_idc
    return std::clamp(first_qp_ + b.se(), 0, 51);
}

} // namespace panto::standin
