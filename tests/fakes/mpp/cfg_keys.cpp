// SPDX-License-Identifier: LGPL-2.1-or-later
// Every key that the library's encoders know, with what a new encoder has.
//
// Source   what MPP_ENC_GET_CFG returned after mpp_init of rockchip-linux/mpp ee946af0
#include "tests/fakes/mpp/cfg.h"

#include <climits>

namespace panto::standin
{

namespace
{

using enum Section;

constexpr Key kKeys[] = {
    // name, section, group, IDR, h264, h265, jpeg, other name of
    {"base:low_delay", Base, nullptr, false, 0, 0, 0},
    {"prep:width", Prep, "input", true, 1280, 1280, 0},
    {"prep:height", Prep, "input", true, 720, 720, 0},
    {"prep:hor_stride", Prep, "input", true, 1280, 1280, 1280},
    {"prep:ver_stride", Prep, "input", true, 720, 720, 720},
    {"prep:format", Prep, nullptr, true, 0, 0, 0},
    {"prep:colorspace", Prep, nullptr, true, 2, 2, 2},
    {"prep:colorprim", Prep, nullptr, true, 2, 2, 2},
    {"prep:colortrc", Prep, nullptr, true, 2, 2, 2},
    {"prep:colorrange", Prep, nullptr, true, 0, 0, 0},
    {"prep:rotation", Prep, nullptr, true, 0, 0, 0},
    {"prep:mirroring", Prep, nullptr, true, 0, 0, 0},
    {"prep:flip", Prep, nullptr, true, 0, 0, 0},
    {"rc:mode", Rc, nullptr, true, 0, 0, 0},
    {"rc:bps_target", Rc, "bps", false, 2000000, 2000000, 0},
    {"rc:bps_max", Rc, "bps", false, 2500000, 2500000, 0},
    {"rc:bps_min", Rc, "bps", false, 1500000, 1500000, 0},
    {"rc:fps_in_flex", Rc, "fps_in", true, 0, 0, 0},
    {"rc:fps_in_num", Rc, "fps_in", true, 30, 30, 30},
    {"rc:fps_in_denom", Rc, "fps_in", true, 1, 1, 1},
    {"rc:fps_in_denorm", Rc, nullptr, false, 0, 0, 0, "rc:fps_in_denom"},
    {"rc:fps_out_flex", Rc, "fps_out", true, 0, 0, 0},
    {"rc:fps_out_num", Rc, "fps_out", true, 30, 30, 30},
    {"rc:fps_out_denom", Rc, "fps_out", true, 1, 1, 1},
    {"rc:fps_out_denorm", Rc, nullptr, false, 0, 0, 0, "rc:fps_out_denom"},
    {"rc:gop", Rc, nullptr, true, 60, 60, 60},
    {"rc:drop_mode", Rc, "drop", false, 0, 0, 0},
    {"rc:drop_thd", Rc, "drop", false, 0, 0, 0},
    {"rc:drop_gap", Rc, "drop", false, 0, 0, 0},
    {"rc:super_mode", Rc, "super", false, 0, 0, 0},
    {"rc:super_i_thd", Rc, "super", false, 0, 0, 0},
    {"rc:super_p_thd", Rc, "super", false, 0, 0, 0},
    {"rc:max_reenc_times", Rc, nullptr, false, 1, 1, 1},
    {"rc:priority", Rc, nullptr, false, 0, 0, 0},
    {"rc:max_i_prop", Rc, nullptr, false, 30, 30, 30},
    {"rc:min_i_prop", Rc, nullptr, false, 10, 10, 10},
    {"rc:init_ip_ratio", Rc, nullptr, false, 160, 160, 160},
    {"rc:qp_init", Rc, nullptr, false, 26, 26, 26},
    {"rc:qp_min", Rc, "qp_range", false, 8, 10, 8},
    {"rc:qp_max", Rc, "qp_range", false, 48, 51, 48},
    {"rc:qp_min_i", Rc, "qp_range", false, 0, 15, 0},
    {"rc:qp_max_i", Rc, "qp_range", false, 0, 51, 0},
    {"rc:qp_step", Rc, nullptr, false, 0, 0, 0},
    {"rc:qp_ip", Rc, nullptr, false, 2, 4, 2},
    {"rc:qp_vi", Rc, nullptr, false, 0, 0, 0},
    {"rc:fqp_min_i", Rc, "fqp", false, INT_MAX, INT_MAX, INT_MAX},
    {"rc:fqp_min_p", Rc, "fqp", false, INT_MAX, INT_MAX, INT_MAX},
    {"rc:fqp_max_i", Rc, "fqp", false, INT_MAX, INT_MAX, INT_MAX},
    {"rc:fqp_max_p", Rc, "fqp", false, INT_MAX, INT_MAX, INT_MAX},
    {"rc:stats_time", Rc, nullptr, false, 0, 0, 0},
    {"rc:debreath_en", Rc, "debreath", false, 0, 0, 0},
    {"rc:debreath_strength", Rc, "debreath", false, 0, 0, 0},
    {"rc:refresh_en", Rc, "refresh", false, 0, 0, 0},
    {"rc:refresh_mode", Rc, "refresh", false, 0, 0, 0},
    {"rc:refresh_num", Rc, "refresh", false, 0, 0, 0},
    {"split:mode", Split, nullptr, false, 0, 0, 0},
    {"split:arg", Split, nullptr, false, 0, 0, 0},
    {"split:out", Split, nullptr, false, 0, 0, 0},
    {"h264:stream_type", H264, nullptr, true, 0, 0, 0},
    {"h264:profile", H264, nullptr, true, 66, 66, 66},
    {"h264:level", H264, nullptr, true, 31, 31, 31},
    {"h264:cabac_en", H264, nullptr, true, 0, 0, 0},
    {"h264:cabac_idc", H264, nullptr, true, 0, 0, 0},
    {"h264:trans8x8", H264, nullptr, true, 0, 0, 0},
    {"h264:const_intra", H264, nullptr, true, 0, 0, 0},
    {"h264:cb_qp_offset", H264, nullptr, true, -6, -6, -6},
    {"h264:cr_qp_offset", H264, nullptr, true, -6, -6, -6},
    {"h264:scaling_list", H264, nullptr, true, 0, 0, 0},
    {"h264:poc_type", H264, nullptr, true, 0, 0, 0},
    {"h264:log2_max_poc_lsb", H264, nullptr, true, 12, 12, 12},
    {"h264:log2_max_frm_num", H264, nullptr, true, 12, 12, 12},
    {"h264:gaps_not_allowed", H264, nullptr, true, 0, 0, 0},
    {"h264:dblk_disable", H264, nullptr, true, 0, 0, 0},
    {"h264:dblk_alpha", H264, nullptr, true, 0, 0, 0},
    {"h264:dblk_beta", H264, nullptr, true, 0, 0, 0},
    {"h264:constraint_set", H264, nullptr, true, 0, 0, 0},
    {"h264:max_tid", H264, nullptr, true, 0, 0, 0},
    {"h264:max_ltr", H264, nullptr, true, 0, 0, 0},
    {"h264:prefix_mode", H264, nullptr, true, 0, 0, 0},
    {"h264:base_layer_pid", H264, nullptr, true, 0, 0, 0},
    {"h264:qp_init", H264, nullptr, false, 0, 0, 0, "rc:qp_init"},
    {"h264:qp_min", H264, nullptr, false, 0, 0, 0, "rc:qp_min"},
    {"h264:qp_max", H264, nullptr, false, 0, 0, 0, "rc:qp_max"},
    {"h264:qp_min_i", H264, nullptr, false, 0, 0, 0, "rc:qp_min_i"},
    {"h264:qp_max_i", H264, nullptr, false, 0, 0, 0, "rc:qp_max_i"},
    {"h264:qp_step", H264, nullptr, false, 0, 0, 0, "rc:qp_step"},
    {"h264:qp_delta_ip", H264, nullptr, false, 0, 0, 0, "rc:qp_ip"},
    {"h265:profile", H265, nullptr, true, 1, 1, 1},
    {"h265:level", H265, nullptr, true, 120, 120, 120},
    {"h265:tier", H265, nullptr, true, 0, 0, 0},
    {"h265:scaling_list", H265, nullptr, true, 0, 0, 0},
    {"h265:cb_qp_offset", H265, nullptr, true, 0, 0, 0},
    {"h265:cr_qp_offset", H265, nullptr, true, 0, 0, 0},
    {"h265:dblk_disable", H265, nullptr, true, 0, 0, 0},
    {"h265:dblk_alpha", H265, nullptr, true, 0, 0, 0},
    {"h265:dblk_beta", H265, nullptr, true, 0, 0, 0},
    {"h265:sao_luma_disable", H265, nullptr, true, 0, 0, 0},
    {"h265:sao_chroma_disable", H265, nullptr, true, 0, 0, 0},
    {"h265:auto_tile", H265, nullptr, true, 0, 0, 0},
    {"h265:lpf_acs_sli_en", H265, nullptr, true, 0, 0, 0},
    {"h265:lpf_acs_tile_disable", H265, nullptr, true, 0, 0, 0},
    {"h265:qp_init", H265, nullptr, false, 0, 0, 0, "rc:qp_init"},
    {"h265:qp_min", H265, nullptr, false, 0, 0, 0, "rc:qp_min"},
    {"h265:qp_max", H265, nullptr, false, 0, 0, 0, "rc:qp_max"},
    {"h265:qp_min_i", H265, nullptr, false, 0, 0, 0, "rc:qp_min_i"},
    {"h265:qp_max_i", H265, nullptr, false, 0, 0, 0, "rc:qp_max_i"},
    {"h265:qp_step", H265, nullptr, false, 0, 0, 0, "rc:qp_step"},
    {"h265:qp_delta_ip", H265, nullptr, false, 0, 0, 0, "rc:qp_ip"},
    {"jpeg:quant", Jpeg, nullptr, true, 10, 10, 10},
    {"jpeg:q_factor", Jpeg, nullptr, true, 0, 0, 0},
    {"jpeg:qf_max", Jpeg, nullptr, true, 99, 99, 99},
    {"jpeg:qf_min", Jpeg, nullptr, true, 1, 1, 1},
    {"hw:qp_row", Other, nullptr, false, 0, 0, 0},
    {"hw:qp_row_i", Other, nullptr, false, 0, 0, 0},
    {"tune:scene_mode", Other, nullptr, false, 0, 0, 0},
};
static_assert(std::size(kKeys) <= kMostKeys);

} // namespace

std::span<const Key> keys()
{
    return kKeys;
}

} // namespace panto::standin
