// SPDX-License-Identifier: LGPL-2.1-or-later
/// Stands in for libFuzzer where there is none: runs the files named, then inputs made up by a
/// fixed rule, so that an ordinary build runs each target too.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        std::ifstream file{argv[i], std::ios::binary};
        const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
    }
    uint32_t state = 1;
    const auto random = [&] {
        state = state * 1664525 + 1013904223;
        return state >> 16;
    };
    constexpr int kInputs = 300;
    for (int i = 0; i < kInputs; ++i) {
        std::vector<uint8_t> bytes(random() % 400);
        for (uint8_t &byte : bytes)
            byte = uint8_t(random());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%d files and %d inputs\n", argc - 1, kInputs);
    return 0;
}
