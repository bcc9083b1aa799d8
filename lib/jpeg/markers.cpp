// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/jpeg/markers.h"

#include <algorithm>

namespace panto::jpeg
{

namespace
{

enum Marker : uint8_t {
    kStandalone = 0x01, // TEM
    kFrame0 = 0xc0,     // SOF0..SOF15, but for the three below
    kHuffmanTables = 0xc4,
    kExtension = 0xc8,
    kArithmeticTables = 0xcc,
    kFrame15 = 0xcf,
    kRestart0 = 0xd0, // RST0..RST7
    kStart = 0xd8,
    kEnd = 0xd9,
    kScan = 0xda,
    kApplication0 = 0xe0, // APP0..APP15
    kApplication15 = 0xef,
    kComment = 0xfe,
};

struct Segment {
    uint8_t marker;
    Bytes body; // without marker and length
};

/// Hands out the segments before and including the first scan's header.
class Walk
{
public:
    explicit Walk(Bytes jpeg) : rest_{jpeg}
    {
        if (jpeg.size() < 2 || jpeg[0] != 0xff || jpeg[1] != kStart)
            rest_ = {};
        else
            rest_ = jpeg.subspan(2);
    }

    std::optional<Segment> next()
    {
        while (rest_.size() >= 2 && rest_[0] == 0xff && rest_[1] == 0xff)
            rest_ = rest_.subspan(1); // fill bytes
        if (rest_.size() < 4 || rest_[0] != 0xff)
            return {};
        const uint8_t marker = rest_[1];
        if (marker <= kStandalone || (marker >= kRestart0 && marker <= kEnd))
            return {}; // none of these belongs before a scan
        const size_t length = size_t(rest_[2]) << 8 | rest_[3];
        if (length < 2 || rest_.size() < 2 + length)
            return {};
        const Segment segment{marker, rest_.subspan(4, length - 2)};
        rest_ = rest_.subspan(2 + length);
        return segment;
    }

    Bytes rest() const { return rest_; }

private:
    Bytes rest_;
};

bool is_frame(uint8_t marker)
{
    return marker >= kFrame0 && marker <= kFrame15 && marker != kHuffmanTables &&
           marker != kExtension && marker != kArithmeticTables;
}

bool is_remark(uint8_t marker)
{
    return (marker >= kApplication0 && marker <= kApplication15) || marker == kComment;
}

std::optional<Segment> next_of_substance(Walk &walk)
{
    auto segment = walk.next();
    while (segment && is_remark(segment->marker))
        segment = walk.next();
    return segment;
}

bool equal(Bytes a, Bytes b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

} // namespace

std::optional<Header> read_header(Bytes jpeg)
{
    Walk walk{jpeg};
    Header header;
    while (const auto segment = walk.next()) {
        const Bytes body = segment->body;
        if (is_frame(segment->marker)) {
            if (body.size() < 6)
                return {};
            header.height = unsigned(body[1]) << 8 | body[2];
            header.width = unsigned(body[3]) << 8 | body[4];
            header.components = body[5];
        }
        if (segment->marker == kScan) {
            header.scan = walk.rest();
            return header.width && header.components ? std::optional{header} : std::nullopt;
        }
    }
    return {};
}

size_t end_of(Bytes jpeg, const Header &header)
{
    // Within a scan, 0xff is followed by a zero or a restart marker.
    for (Bytes rest = header.scan; rest.size() >= 2; rest = rest.first(rest.size() - 1))
        if (rest.back() == kEnd && rest[rest.size() - 2] == 0xff)
            return jpeg.size() - header.scan.size() + rest.size();
    return 0;
}

bool same_picture(Bytes a, Bytes b)
{
    if (equal(a, b))
        return true;
    Walk left{a}, right{b};
    for (;;) {
        const auto l = next_of_substance(left), r = next_of_substance(right);
        if (!l || !r || l->marker != r->marker || !equal(l->body, r->body))
            return false;
        if (l->marker == kScan)
            return equal(left.rest(), right.rest());
    }
}

} // namespace panto::jpeg
