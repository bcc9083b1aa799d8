// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/edid.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <initializer_list>
#include <numeric>

namespace panto::edid
{

namespace
{

constexpr size_t kBlock = 128;
constexpr size_t kMaxBlocks = 4;
constexpr uint8_t kHeader[] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
constexpr size_t kExtensions = 126;
constexpr uint8_t kCta = 0x02;

struct Timing {
    unsigned clock_khz;
    unsigned width, h_front, h_sync, h_back;
    unsigned height, v_front, v_sync, v_back;
    bool h_positive, v_positive;
    uint8_t vic;     // its number in CTA-861, 0 when it has none
    uint8_t product; // code of the monitor that prefers it: never another's
};

// Smallest first: each preset offers its own mode, and those before it.
constexpr Timing kTimings[] = {
    {25175, 640, 16, 96, 48, 480, 10, 2, 33, false, false, 1, 7},
    {40000, 800, 40, 128, 88, 600, 1, 4, 23, true, true, 0, 8},
    {65000, 1024, 24, 136, 160, 768, 3, 6, 29, false, false, 0, 1},
    {74250, 1280, 110, 40, 220, 720, 5, 5, 20, true, true, 4, 2},
    {108000, 1280, 48, 112, 248, 1024, 1, 3, 38, true, true, 0, 3},
    {148500, 1920, 88, 44, 148, 1080, 4, 5, 36, true, true, 16, 4},
    {154000, 1920, 48, 32, 80, 1200, 3, 6, 26, true, false, 0, 5},
    {241500, 2560, 48, 32, 80, 1440, 3, 5, 33, true, false, 0, 6},
};

std::string name(const Timing &t)
{
    return std::to_string(t.width) + "x" + std::to_string(t.height);
}

void seal(uint8_t *block)
{
    block[kBlock - 1] = 0;
    block[kBlock - 1] = uint8_t(-std::accumulate(block, block + kBlock, 0));
}

void put_detailed(uint8_t *d, const Timing &t)
{
    const unsigned clock = t.clock_khz / 10;
    const unsigned h_blank = t.h_front + t.h_sync + t.h_back;
    const unsigned v_blank = t.v_front + t.v_sync + t.v_back;
    d[0] = uint8_t(clock);
    d[1] = uint8_t(clock >> 8);
    d[2] = uint8_t(t.width);
    d[3] = uint8_t(h_blank);
    d[4] = uint8_t((t.width >> 8) << 4 | h_blank >> 8);
    d[5] = uint8_t(t.height);
    d[6] = uint8_t(v_blank);
    d[7] = uint8_t((t.height >> 8) << 4 | v_blank >> 8);
    d[8] = uint8_t(t.h_front);
    d[9] = uint8_t(t.h_sync);
    d[10] = uint8_t((t.v_front & 15) << 4 | (t.v_sync & 15));
    d[11] = uint8_t((t.h_front >> 8) << 6 | (t.h_sync >> 8) << 4 | (t.v_front >> 4) << 2 |
                    t.v_sync >> 4);
    d[17] = uint8_t(0x18 | (t.v_positive ? 4 : 0) | (t.h_positive ? 2 : 0)); // separate sync
}

void put_text(uint8_t *d, uint8_t tag, const std::string &text)
{
    d[3] = tag;
    std::memset(d + 5, ' ', 13);
    std::memcpy(d + 5, text.data(), std::min<size_t>(text.size(), 13));
    if (text.size() < 13)
        d[5 + text.size()] = '\n';
}

/// What the modes up to `last` need, and no more: computers pick nothing outside it.
void put_ranges(uint8_t *d, const Timing *last)
{
    unsigned clock = 0, fastest = 0;
    for (const Timing *t = kTimings; t <= last; ++t) {
        clock = std::max(clock, t->clock_khz);
        fastest = std::max(fastest, t->clock_khz / (t->width + t->h_front + t->h_sync + t->h_back));
    }
    constexpr unsigned kSlowest_khz = 30, kLeast_hz = 24, kMost_hz = 61;
    const uint8_t fields[] = {
        kLeast_hz, kMost_hz, kSlowest_khz, uint8_t(fastest + 1), uint8_t((clock + 9999) / 10000),
        0x00};
    d[3] = 0xfd;
    std::memcpy(d + 5, fields, sizeof fields);
    d[11] = '\n';
    std::memset(d + 12, ' ', 6);
}

/// The modes at 60 Hz that have a bit of their own.
void put_established(uint8_t *b, const Timing *preferred)
{
    const auto has = [preferred](unsigned width) { return preferred->width >= width; };
    b[35] = has(800) ? 0x21 : 0x20; // 800x600, 640x480
    b[36] = has(1024) ? 0x08 : 0;   // 1024x768
}

void put_base(uint8_t *b, const Timing *preferred)
{
    std::memcpy(b, kHeader, sizeof kHeader);
    constexpr unsigned kMaker = ('P' - 64) << 10 | ('T' - 64) << 5 | ('G' - 64);
    b[8] = uint8_t(kMaker >> 8);
    b[9] = uint8_t(kMaker);
    b[10] = preferred->product;
    b[17] = 2024 - 1990;
    b[16] = 1; // of its first week
    b[18] = 1;
    b[19] = 3;    // the HDMI specification wants EDID 1.3
    b[20] = 0x80; // digital
    b[23] = 120;  // gamma 2.2
    b[24] = 0x0e; // RGB colour, sRGB, the preferred timing is the native one
    const uint8_t srgb[] = {0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54};
    std::memcpy(b + 25, srgb, sizeof srgb);
    put_established(b, preferred);
    std::memset(b + 38, 0x01, 16);
    put_detailed(b + 54, *preferred);
    put_ranges(b + 72, preferred);
    put_text(b + 90, 0xfc, "Pantograph");
    put_text(b + 108, 0xff, name(*preferred));
    b[kExtensions] = 1;
    seal(b);
}

/// What the block of CTA-861 says beside the timings, in blocks of data of their own.
Bytes data_blocks(const Timing *preferred, Sound sound)
{
    Bytes out;
    const auto add = [&out](std::initializer_list<uint8_t> bytes) {
        for (const uint8_t byte : bytes)
            out.push_back(byte);
    };
    add({2 << 5});
    for (const Timing *t = preferred; t >= kTimings; --t)
        if (t->vic)
            add({t->vic});
    out.front() |= uint8_t(out.size() - 1);
    if (sound == Sound::Stereo) {
        add({1 << 5 | 3, 1 << 3 | 1, 0x07, 0x01}); // PCM, two channels; 32, 44.1, 48 kHz; 16 bit
        add({4 << 5 | 3, 0x01, 0x00, 0x00});       // speakers: left and right in front
    }
    // HDMI, at 1.0.0.0; the clock that the largest mode needs, and the receiver has: see presets()
    add({3 << 5 | 7, 0x03, 0x0c, 0x00, 0x10, 0x00, 0x00,
         uint8_t((preferred->clock_khz + 4999) / 5000)});
    add({7 << 5 | 2, 0x00, 0x4a}); // RGB range selectable, never cut off
    return out;
}

void put_cta(uint8_t *b, const Timing *preferred, Sound sound)
{
    constexpr uint8_t kNoOverscan = 0x80, kSound = 0x40, kFirstDetailedIsNative = 1;
    const Bytes data = data_blocks(preferred, sound);
    size_t at = size_t(std::copy(data.begin(), data.end(), b + 4) - b);
    b[0] = kCta;
    b[1] = 3;
    b[2] = uint8_t(at);
    b[3] = kNoOverscan | (sound == Sound::Stereo ? kSound : 0) | kFirstDetailedIsNative; // RGB only
    for (const Timing *t = preferred; t-- > kTimings && at + 18 < kBlock;)
        if (!t->vic && t->width > 800) { // smaller ones are established, and that must do
            put_detailed(b + at, *t);
            at += 18;
        }
    seal(b);
}

Error invalid(const std::string &why)
{
    return {Kind::Invalid, "this is no EDID: " + why};
}

Result<> check_base(const uint8_t *b)
{
    if (b[18] != 1)
        return invalid("its version is " + std::to_string(b[18]) + ", not 1");
    const int maker = b[8] << 8 | b[9];
    for (const int letter : {maker >> 10, maker >> 5 & 0x1f, maker & 0x1f})
        if (letter < 1 || letter > 26)
            return invalid("its manufacturer's id is not of three letters");
    const uint8_t *d = b + 54;
    if (d[0] == 0 && d[1] == 0)
        return invalid("its first descriptor is no timing");
    const int width = d[2] | (d[4] & 0xf0) << 4, height = d[5] | (d[7] & 0xf0) << 4;
    if (width == 0 || height == 0)
        return invalid("its first timing is of " + std::to_string(width) + "x" +
                       std::to_string(height) + " pixels");
    return ok;
}

/// Source: CTA-861-G, table 45: d is where the timings begin, 0 when there is nothing but flags.
Result<> check_cta(const uint8_t *b, const std::string &block)
{
    const unsigned d = b[2];
    if (d != 0 && (d < 4 || d >= kBlock))
        return invalid(block + " has its timings begin at " + std::to_string(d) +
                       ", not at 4 to 127");
    constexpr unsigned kHasDataBlocks = 3;
    unsigned at = 4;
    while (b[1] >= kHasDataBlocks && at < d)
        at += 1u + (b[at] & 0x1f);
    if (at > d && d != 0)
        return invalid(block + " has a data block that reaches beyond " + std::to_string(d) +
                       ", where its timings begin");
    return ok;
}

/// Source: VESA E-EDID A.2, section 2.2, and the numbers VESA gave away since
Result<> check_extension(const uint8_t *b, size_t n)
{
    constexpr uint8_t kKinds[] = {kCta, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60,
                                  0x70, 0xa7, 0xaf, 0xbf, 0xc0, 0xf0, 0xff};
    const std::string block = "block " + std::to_string(n);
    if (std::find(std::begin(kKinds), std::end(kKinds), b[0]) == std::end(kKinds))
        return invalid(block + " is of the kind " + to_hex({b[0]}) + ", and there is none such");
    return b[0] == kCta ? check_cta(b, block) : ok;
}

} // namespace

std::vector<std::string> presets(const Limits &limits)
{
    std::vector<std::string> out;
    const auto fits = [](unsigned value, unsigned limit) { return !limit || value <= limit; };
    for (const Timing &t : kTimings) {
        if (!fits(t.width, limits.width) || !fits(t.height, limits.height) ||
            !fits(t.clock_khz, limits.pixel_clock_khz))
            break; // those after it would offer this mode, too
        out.push_back(name(t));
    }
    return out;
}

Result<Bytes> build(const std::string &preset, Sound sound)
{
    const auto *t = std::find_if(std::begin(kTimings), std::end(kTimings),
                                 [&](const Timing &k) { return name(k) == preset; });
    if (t == std::end(kTimings))
        return Error{Kind::NotFound, "there is no EDID preset " + preset};
    Bytes out(2 * kBlock);
    put_base(out.data(), t);
    put_cta(out.data() + kBlock, t, sound);
    return out;
}

bool same_monitor(Bytes a, Bytes b)
{
    constexpr uint8_t kHdmi[] = {0x03, 0x0c, 0x00}; // the physical address follows
    for (Bytes *edid : {&a, &b}) {
        const auto at = std::search(edid->begin(), edid->end(), std::begin(kHdmi), std::end(kHdmi));
        if (edid->end() - at >= 5 && !edid->empty()) {
            at[3] = at[4] = 0;
            edid->back() = 0; // the checksum
        }
    }
    return a == b;
}

Result<> check(const Bytes &edid)
{
    const size_t blocks = edid.size() / kBlock;
    if (edid.empty() || edid.size() % kBlock || blocks > kMaxBlocks)
        return invalid("it has " + std::to_string(edid.size()) +
                       " bytes, not 128, 256, 384 or 512");
    if (!std::equal(std::begin(kHeader), std::end(kHeader), edid.begin()))
        return invalid("it does not begin with 00 ff ff ff ff ff ff 00");
    if (edid[kExtensions] + 1u != blocks)
        return invalid("it announces " + std::to_string(edid[kExtensions]) +
                       " extensions and has " + std::to_string(blocks - 1));
    for (size_t n = 0; n < blocks; ++n) {
        const auto begin = edid.begin() + long(n * kBlock);
        if (std::accumulate(begin, begin + kBlock, 0) % 256)
            return invalid("the checksum of block " + std::to_string(n) + " is wrong");
    }
    auto sound = check_base(edid.data());
    for (size_t n = 1; n < blocks && sound; ++n)
        sound = check_extension(edid.data() + n * kBlock, n);
    return sound;
}

Result<Bytes> from_hex(const std::string &text)
{
    Bytes out;
    int high = -1;
    for (const char c : text) {
        if (std::isspace(static_cast<unsigned char>(c)))
            continue;
        const char *digits = "0123456789abcdef";
        const char *found = std::strchr(digits, std::tolower(static_cast<unsigned char>(c)));
        if (!c || !found)
            return Error{Kind::Invalid, "an EDID is written in hexadecimal digits"};
        const int value = int(found - digits);
        if (high < 0) {
            high = value;
        } else {
            out.push_back(uint8_t(high << 4 | value));
            high = -1;
        }
    }
    if (high >= 0)
        return Error{Kind::Invalid, "an EDID has two hexadecimal digits for each byte"};
    return out;
}

std::string to_hex(const Bytes &edid)
{
    std::string out;
    for (const uint8_t byte : edid) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

} // namespace panto::edid
