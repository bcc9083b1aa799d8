// SPDX-License-Identifier: LGPL-2.1-or-later
/// Any bytes, typed on any layout, cut anywhere: the reports must type what was decoded.
#include "lib/usbhid/text.h"

#include <cstdlib>

using namespace panto::hid;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const Layout &layout = *layouts()[data[0] % layouts().size()];
    const std::span<const uint8_t> text{data + 2, size - 2};
    const size_t cut = text.empty() ? 0 : data[1] % text.size();

    const Typed whole =
        type_text(layout, {reinterpret_cast<const char *>(text.data()), text.size()});
    Typist typist{layout};
    Typed parts = typist.type(text.first(cut));
    for (const Typed &more : {typist.type(text.subspan(cut)), typist.finish()}) {
        parts.reports.insert(parts.reports.end(), more.reports.begin(), more.reports.end());
        parts.left_out += more.left_out;
    }
    if (whole.reports != parts.reports || whole.left_out != parts.left_out)
        std::abort(); // where the text is cut must not matter
    bool down = false;
    for (const KeyboardReport &report : whole.reports) {
        const bool presses = report != kAllKeysUp;
        if (presses == down || (presses && report[2] == 0))
            std::abort(); // a press of one key, then its release
        down = presses;
    }
    if (down)
        std::abort();
    return 0;
}
