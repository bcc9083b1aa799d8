// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/mpp_config.h"

#include "plugins/venc/rules.h"

#include <charconv>
#include <string_view>

namespace panto::mpp
{

using venc::Codec;
using venc::Pixels;

Config::~Config()
{
    if (cfg_)
        lib_.mpp_enc_cfg_deinit(cfg_);
}

Result<> Config::load()
{
    if (!cfg_)
        if (const Ret ret = lib_.mpp_enc_cfg_init(&cfg_); ret != Ret::Ok)
            return Error{Kind::Unavailable, "cannot make a configuration: " + text_of(ret),
                         int(ret)};
    if (const Ret ret = api_.control(context_, Command::GetCfg, cfg_); ret != Ret::Ok)
        return Error{Kind::Unavailable, "cannot read the configuration: " + text_of(ret), int(ret)};
    refused_.clear();
    return ok;
}

void Config::set(const char *key, int value)
{
    if (!try_set(key, value))
        refused_ += (refused_.empty() ? "" : ", ") + std::string{key};
}

bool Config::try_set(const char *key, int value)
{
    return lib_.mpp_enc_cfg_set_s32(cfg_, key, value) == Ret::Ok; // it takes unsigned keys, too
}

Result<> Config::commit()
{
    Error error{Kind::Invalid, ""};
    if (!refused_.empty())
        error.message = "the library does not know " + refused_;
    else if (const Ret ret = api_.control(context_, Command::SetCfg, cfg_); ret == Ret::Ok)
        return ok;
    else
        error = {Kind::Invalid, "the library refuses the configuration: " + text_of(ret), int(ret)};
    // The encoder has kept its own; the object still holds what was refused.
    if (auto restored = load(); !restored)
        return restored;
    return error;
}

FrameFormat format_of(Pixels pixels)
{
    switch (pixels) {
    case Pixels::Nv12:
        return FrameFormat::Nv12;
    case Pixels::Nv16:
        return FrameFormat::Nv16;
    case Pixels::I420:
        return FrameFormat::I420;
    case Pixels::Yuy2:
        return FrameFormat::Yuy2;
    case Pixels::Uyvy:
        return FrameFormat::Uyvy;
    case Pixels::Bgr:
        return FrameFormat::Bgr888;
    case Pixels::Bgrx:
        return FrameFormat::Bgra8888;
    }
    return FrameFormat::Nv12;
}

namespace
{

RcMode rc_mode(const std::string &name)
{
    return name == "vbr"     ? RcMode::Vbr
           : name == "fixqp" ? RcMode::FixQp
           : name == "avbr"  ? RcMode::Avbr
                             : RcMode::Cbr;
}

/// The user asked for it by a setting of its own.
void set_asked(Config &config, const char *key, int value, const venc::Note &note)
{
    if (!config.try_set(key, value))
        note("this version of the library has no " + std::string{key});
}

void set_qp(Config &config, const venc::Settings &s, const venc::Note &note)
{
    const struct {
        const char *key;
        int value;
    } bounds[] = {{"rc:qp_init", s.qp_init},   {"rc:qp_min", s.qp_min},
                  {"rc:qp_max", s.qp_max},     {"rc:qp_min_i", s.qp_min_i},
                  {"rc:qp_max_i", s.qp_max_i}, {"rc:qp_ip", s.qp_delta_ip}};
    for (const auto &b : bounds)
        if (b.value >= 0)
            set_asked(config, b.key, b.value, note);
}

} // namespace

void set_bit_rates(Config &config, const venc::Settings &settings)
{
    const venc::BitRates r = venc::bit_rates(settings);
    config.set("rc:bps_target", int(r.target));
    config.set("rc:bps_max", int(r.max));
    config.set("rc:bps_min", int(r.min));
}

void set_input(Config &config, const venc::Video &video, const venc::Layout &layout)
{
    config.set("prep:width", int(video.width));
    config.set("prep:height", int(video.height));
    config.set("prep:hor_stride", int(layout.stride));
    config.set("prep:ver_stride", int(layout.lines));
    config.set("prep:format", int(format_of(video.pixels)));
    // The stream says so, and RGB is converted so; without it browsers guess from the size.
    config.try_set("prep:colorspace", video.colour.matrix);
    config.try_set("prep:colorprim", video.colour.primaries);
    config.try_set("prep:colortrc", video.colour.transfer);
    config.try_set("prep:colorrange",
                   int(video.colour.full_range ? ColorRange::Full : ColorRange::Limited));
}

void set_rate_control(Config &config, Codec codec, const venc::Video &video,
                      const venc::Settings &s, const venc::Note &note)
{
    for (const char *way : {"in", "out"}) {
        const std::string key = "rc:fps_" + std::string{way};
        config.set((key + "_num").c_str(), int(video.fps_num));
        if (!config.try_set((key + "_denom").c_str(), int(video.fps_den)))
            config.set((key + "_denorm").c_str(), int(video.fps_den)); // the older spelling
    }
    config.try_set("rc:fps_in_flex", video.variable_rate);
    if (codec == Codec::Jpeg) {
        config.set("rc:mode", int(RcMode::FixQp)); // by quality; else it wants a bit rate
        return;
    }
    const RcMode mode = rc_mode(s.rate_control);
    config.set("rc:mode", int(mode));
    if (mode != RcMode::FixQp)
        set_bit_rates(config, s);
    config.set("rc:gop", s.gop_size);
    set_qp(config, s, note);
    // A key frame is what a viewer waits for longest: as small as the library allows, and encoded
    // once; a frame left out would look like lag.
    config.try_set("rc:max_i_prop", 10);
    config.try_set("rc:max_reenc_times", 0);
    config.try_set("rc:drop_mode", int(DropMode::Disabled));
    config.try_set("rc:super_mode", int(SuperMode::None));
    config.try_set("rc:stats_time", 1);
    config.try_set("split:mode", int(SplitMode::None));
    config.try_set("base:low_delay", 0);
    if (s.intra_refresh) {
        set_asked(config, "rc:refresh_mode", int(RefreshMode::Rows), note);
        set_asked(config, "rc:refresh_num", int(s.intra_refresh_rows), note);
        set_asked(config, "rc:refresh_en", 1, note);
    }
}

void set_codec(Config &config, Codec codec, const venc::Video &video, const venc::Settings &s,
               const venc::Note &note)
{
    // Only the codec's own section: in older versions they share their memory.
    if (codec == Codec::Jpeg) {
        config.set("jpeg:q_factor", int(s.quality));
        return;
    }
    if (codec == Codec::H265) {
        config.set("h265:profile", 1); // main
        config.set("h265:level",
                   int(venc::h265_level(video.width, video.height, video.fps_num, video.fps_den)));
        config.try_set("h265:tier", 0);
        return;
    }
    const auto bits = venc::profile_bits(video.profile);
    config.set("h264:profile", int(bits.profile_idc));
    config.set("h264:level",
               int(venc::h264_level(video.width, video.height, video.fps_num, video.fps_den)));
    config.try_set("h264:cabac_en", bits.profile_idc > 66);
    config.try_set("h264:trans8x8", bits.profile_idc == 100);
    if (!config.try_set("h264:constraint_set", int(bits.constraints)) && bits.constraints)
        note("this version of the library has no h264:constraint_set: "
             "some browsers may not know the profile of its stream");
}

void set_extra(Config &config, const std::string &text, const venc::Note &note)
{
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find(',', at), text.size());
        const std::string item = text.substr(at, end - at);
        at = end + 1;
        const size_t equals = item.find('=');
        int value = 0;
        if (equals != std::string::npos) {
            const char *const last = item.data() + item.size();
            const auto read = std::from_chars(item.data() + equals + 1, last, value);
            if (read.ec == std::errc{} && read.ptr == last) {
                if (!config.try_set(item.substr(0, equals).c_str(), value))
                    note("extra-config: the library does not know " + item.substr(0, equals));
                continue;
            }
        }
        note("extra-config: not key=number: " + item);
    }
}

} // namespace panto::mpp
