// SPDX-License-Identifier: LGPL-2.1-or-later
/// Like replay.cpp, for targets that random bytes do not get into: every seed, then the same
/// mutations of them each time.
///
/// Try      build/tests/fuzz/replay-json tests/fuzz/seeds/json 100000
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace
{

void feed(const std::string &input)
{
    // A copy of exactly that size: the sanitizer sees every step beyond its end.
    const std::vector<uint8_t> bytes{input.begin(), input.end()};
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

class Mutator
{
public:
    explicit Mutator(std::vector<std::string> seeds) : seeds_{std::move(seeds)} {}

    std::string next()
    {
        std::string text = any();
        for (size_t steps = 1 + below(6); steps > 0; --steps)
            mutate(text);
        return text;
    }

private:
    size_t below(size_t n) { return n ? random_() % n : 0; }
    const std::string &any() { return seeds_[below(seeds_.size())]; }

    void mutate(std::string &text)
    {
        const size_t at = below(text.size() + 1);
        const std::string &piece = any();
        switch (below(6)) {
        case 0:
            if (at < text.size())
                text[at] = char(text[at] ^ (1 << below(8)));
            break;
        case 1:
            text.erase(at, 1 + below(8));
            break;
        case 2:
            text.insert(at, 1, char(below(256)));
            break;
        case 3: // a piece of a seed
            text.insert(at, piece.substr(below(piece.size()), 1 + below(32)));
            break;
        case 4: // one character many times
            text.insert(at, 1 + below(64), text.empty() ? 'A' : text[below(text.size())]);
            break;
        default:
            text.resize(at);
        }
    }

    std::vector<std::string> seeds_;
    std::mt19937 random_{20261120}; // the same every time, so that a failure comes back
};

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s SEEDS COUNT\n", argv[0]);
        return 2;
    }
    std::vector<std::string> seeds;
    for (const auto &entry : std::filesystem::directory_iterator{argv[1]}) {
        std::ifstream file{entry.path(), std::ios::binary};
        seeds.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "no seeds in %s\n", argv[1]);
        return 1;
    }
    for (const std::string &seed : seeds)
        feed(seed);
    Mutator mutator{seeds};
    const long count = std::atol(argv[2]);
    for (long i = 0; i < count; ++i)
        feed(mutator.next());
    std::printf("%zu seeds, %ld mutations\n", seeds.size(), count);
    return 0;
}
