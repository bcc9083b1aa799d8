// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/cfg.h"

#include "tests/fakes/mpp/colour.h"
#include "tests/fakes/mpp/knobs.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace panto::standin
{

using mpp::Coding;
using mpp::Ret;

namespace
{

/// The first key of a key's group stands for the group.
std::vector<size_t> group_leaders()
{
    std::vector<size_t> leaders;
    for (const Key &key : keys()) {
        size_t first = leaders.size();
        for (size_t i = 0; key.group && i < leaders.size(); ++i) {
            const Key &other = keys()[i];
            if (other.group && other.section == key.section &&
                std::strcmp(other.group, key.group) == 0) {
                first = i;
                break;
            }
        }
        leaders.push_back(first);
    }
    return leaders;
}

size_t leader_of(size_t position)
{
    static const auto leaders = group_leaders();
    return leaders[position];
}

Section section_of(Coding coding)
{
    return coding == Coding::Mjpeg  ? Section::Jpeg
           : coding == Coding::Hevc ? Section::H265
                                    : Section::H264;
}

bool is_codec(Section s)
{
    return s == Section::H264 || s == Section::H265 || s == Section::Jpeg;
}

bool accepts_prep(const Values &v, Coding coding)
{
    const auto format = mpp::FrameFormat{int(v["prep:format"]) & mpp::kFormatMask};
    const auto layout = layout_of(format, coding);
    const int64_t width = v["prep:width"], height = v["prep:height"];
    const bool in_range = coding != Coding::Mjpeg ||
                          (std::min(width, height) >= 16 && std::max(width, height) <= 8192);
    return layout && in_range && width > 0 && height > 0 &&
           width * layout->bytes_per_pixel <= v["prep:hor_stride"] &&
           height <= v["prep:ver_stride"];
}

bool accepts_rc(const Values &v, Coding coding)
{
    if (v["rc:mode"] == int(mpp::RcMode::FixQp))
        return true;
    const int64_t factor = coding == Coding::Mjpeg ? 4 : 1;
    for (const char *const key : {"rc:bps_target", "rc:bps_max", "rc:bps_min"})
        if (v[key] <= 1000 * factor || v[key] >= 200'000'000 * factor)
            return false;
    return true;
}

} // namespace

int find_key(const std::string &name)
{
    static const auto positions = [] {
        std::unordered_map<std::string, int> all;
        for (size_t i = 0; i < keys().size(); ++i)
            all.emplace(keys()[i].name, int(i));
        for (const Key &key : keys())
            if (key.alias)
                all[key.name] = all.at(key.alias);
        return all;
    }();
    const auto found = positions.find(name);
    return found == positions.end() ? -1 : found->second;
}

Values::Values(Coding coding) : Values{}
{
    for (size_t i = 0; i < keys().size(); ++i)
        numbers_[i] = coding == Coding::Mjpeg  ? keys()[i].jpeg
                      : coding == Coding::Hevc ? keys()[i].h265
                                               : keys()[i].h264;
}

int64_t Values::operator[](const char *key) const
{
    return numbers_.at(size_t(find_key(key)));
}

Change apply(mpp::EncCfg &from, Values &to, Coding coding)
{
    Change change;
    for (const auto section : {Section::Base, Section::Prep, Section::Rc, Section::Split,
                               Section::H264, Section::H265, Section::Jpeg, Section::Other}) {
        Values next = to;
        bool any = false, idr = false, bitrate = false;
        for (size_t i = 0; i < keys().size(); ++i) {
            if (keys()[i].section != section || !from.changed[leader_of(i)])
                continue;
            if (is_codec(section) && section != section_of(coding))
                fatal("MPP_ENC_SET_CFG", std::string{keys()[i].name} +
                                             " is set in an encoder of another codec, whose "
                                             "settings lie in the same place");
            next.at(i) = from.values.at(i);
            any = true;
            idr |= keys()[i].idr;
            bitrate |= std::strncmp(keys()[i].name, "rc:bps_", 7) == 0;
        }
        if (!any)
            continue;
        if ((section == Section::Prep && !accepts_prep(next, coding)) ||
            (section == Section::Rc && !accepts_rc(next, coding))) {
            change.ret = Ret::Value;
            break;
        }
        to = next;
        change.idr |= idr;
        change.bitrate |= bitrate;
    }
    from.changed.reset();
    return change;
}

} // namespace panto::standin

namespace panto::mpp
{

using standin::live;
using standin::log;

EncCfg::EncCfg() : refused_{standin::knob_list("STANDIN_REFUSE_KEY")} {}

Ret EncCfg::set(const char *name, int64_t value)
{
    const int position = name ? standin::find_key(name) : -1;
    const bool known =
        position >= 0 && std::find(refused_.begin(), refused_.end(), name) == refused_.end();
    log("cfg_set %s %lld%s", name ? name : "", (long long)value, known ? "" : " refused");
    if (!known)
        return Ret::Nok;
    if (values.at(size_t(position)) != value)
        changed.set(standin::leader_of(size_t(position)));
    values.at(size_t(position)) = value;
    return Ret::Ok;
}

Ret EncCfg::get(const char *name, int64_t *value) const
{
    const int position = name ? standin::find_key(name) : -1;
    if (position < 0 || !value)
        return Ret::Nok;
    *value = values.at(size_t(position));
    return Ret::Ok;
}

Ret mpp_enc_cfg_init(EncCfg **cfg)
{
    if (!cfg)
        return Ret::NullPointer;
    *cfg = new EncCfg;
    log("cfg_init");
    return Ret::Ok;
}

Ret mpp_enc_cfg_deinit(EncCfg *cfg)
{
    if (!cfg)
        return Ret::NullPointer;
    delete &live(cfg, __func__);
    log("cfg_deinit");
    return Ret::Ok;
}

Ret mpp_enc_cfg_set_s32(EncCfg *cfg, const char *name, int32_t value)
{
    return live(cfg, __func__).set(name, value);
}

Ret mpp_enc_cfg_set_u32(EncCfg *cfg, const char *name, uint32_t value)
{
    // As the library: one place of 32 bits for either.
    return live(cfg, __func__).set(name, int32_t(value));
}

Ret mpp_enc_cfg_get_s32(EncCfg *cfg, const char *name, int32_t *value)
{
    int64_t number = 0;
    const Ret ret = live(cfg, __func__).get(name, value ? &number : nullptr);
    if (ret == Ret::Ok)
        *value = int32_t(number);
    return ret;
}

Ret mpp_enc_cfg_get_u32(EncCfg *cfg, const char *name, uint32_t *value)
{
    int64_t number = 0;
    const Ret ret = live(cfg, __func__).get(name, value ? &number : nullptr);
    if (ret == Ret::Ok)
        *value = uint32_t(number);
    return ret;
}

} // namespace panto::mpp
