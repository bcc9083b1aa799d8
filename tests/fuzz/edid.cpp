// SPDX-License-Identifier: LGPL-2.1-or-later
/// Fuzz target: an EDID that somebody sends. What is taken has a picture, and its extensions can be
/// walked to their end.
///
/// Try      clang++ -fsanitize=fuzzer, see tests/fuzz/meson.build
#include "daemon/edid/edid.h"

#include <algorithm>
#include <cstdlib>
#include <string>

using namespace panto;

namespace
{

constexpr size_t kBlock = 128;

void expect(bool holds)
{
    if (!holds)
        std::abort();
}

/// Of any bytes, some that get beyond what is looked at first.
edid::Bytes shaped(edid::Bytes bytes)
{
    bytes.resize(std::max<size_t>(1, std::min<size_t>(bytes.size() / kBlock, 4)) * kBlock);
    std::copy_n("\0\xff\xff\xff\xff\xff\xff", 8, bytes.begin());
    bytes[126] = uint8_t(bytes.size() / kBlock - 1);
    for (size_t block = 0; block < bytes.size(); block += kBlock) {
        unsigned sum = 0;
        for (size_t i = 0; i < kBlock - 1; ++i)
            sum += bytes[block + i];
        bytes[block + kBlock - 1] = uint8_t(-sum);
    }
    return bytes;
}

void walk_cta(const uint8_t *b)
{
    const size_t timings = b[2];
    if (timings == 0)
        return;
    expect(timings >= 4 && timings < kBlock);
    size_t at = 4;
    while (b[1] >= 3 && at < timings)
        at += 1 + size_t(b[at] & 31);
    expect(b[1] < 3 || at == timings);
}

void look(const edid::Bytes &bytes)
{
    if (!edid::check(bytes))
        return;
    expect(bytes.size() % kBlock == 0 && bytes.size() == kBlock * (bytes[126] + 1u));
    expect(bytes[18] == 1 && (bytes[54] | bytes[55]) != 0);
    expect((bytes[56] | bytes[58] >> 4) != 0 && (bytes[59] | bytes[61] >> 4) != 0);
    for (size_t block = kBlock; block < bytes.size(); block += kBlock)
        if (bytes[block] == 2)
            walk_cta(&bytes[block]);
    expect(edid::same_monitor(bytes, bytes));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const edid::Bytes bytes{data, data + size};
    look(bytes);
    look(shaped(bytes));
    const auto back = edid::from_hex(edid::to_hex(bytes));
    expect(back && *back == bytes);
    (void)edid::from_hex(std::string{data, data + size});
    return 0;
}
