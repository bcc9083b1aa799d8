// SPDX-License-Identifier: LGPL-2.1-or-later
/// Any reports at any times, into the virtual computer and through hidsink's queue.
///
/// A byte says what comes next: a report of some length, time, a button, a mode, a medium.
#include "lib/virtual/computer.h"
#include "plugins/hidsink/queue.h"

#include <cstdlib>

using namespace panto;

namespace
{

using Button = VirtualComputer::Button;

void start_afresh(VirtualComputer &computer, Time &now)
{
    for (const size_t length : {8, 4, 2}) // nothing held
        (void)computer.report(std::vector<uint8_t>(length));
    for (const Button button : {Button::Power, Button::Reset})
        computer.hold(button, false);
    computer.insert("");
    (void)computer.resize(320, 200);
    if (computer.state() == VirtualComputer::State::Off)
        computer.hold(Button::Power, true);
    computer.hold(Button::Power, false);
    computer.hold(Button::Reset, true);
    computer.hold(Button::Reset, false);
    now += std::chrono::seconds{2};
    if (computer.state() != VirtualComputer::State::Console || computer.held() != 0)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // One for all inputs, since fonts take long to load; put back to how it begins each time.
    static Time now{};
    static VirtualComputer computer{320, 200, [] { return now; }};
    start_afresh(computer, now);
    ReportQueue queue;
    std::span<const uint8_t> in{data, size};
    const auto take = [&](size_t n) {
        const auto out = in.first(std::min(n, in.size()));
        in = in.subspan(out.size());
        return out;
    };
    while (!in.empty()) {
        const uint8_t what = take(1)[0];
        if (what < 0xe0) {
            static constexpr size_t kSizes[] = {8, 2, 6, 4, 8, 6, 4, 5};
            const auto bytes = take(kSizes[what % 8]);
            const size_t n = bytes.size();
            if (bool(computer.report(bytes)) != (n == 8 || n == 6 || n == 4 || n == 2))
                std::abort();
            if (n == 0)
                continue;
            if (queue.full())
                queue.pop();
            queue.push(Report{bytes}, now);
        } else if (what < 0xf0) {
            now += std::chrono::milliseconds{1 << (what & 0xf)};
        } else if (what < 0xf8) {
            computer.hold(what & 1 ? Button::Power : Button::Reset, what & 2);
        } else if (what < 0xfa) {
            (void)computer.resize(320 + 2 * (what & 1), 200);
        } else if (what < 0xfc) {
            const auto name = take(4);
            computer.insert({name.begin(), name.end()});
        } else if (const auto picture = computer.picture()) {
            if (picture->i420.size() != size_t(picture->width) * picture->height * 3 / 2)
                std::abort();
        }
    }
    if (bool(computer.picture()) != computer.has_signal())
        std::abort();
    (void)computer.text();
    return 0;
}
