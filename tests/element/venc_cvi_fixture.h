// SPDX-License-Identifier: LGPL-2.1-or-later
/// A hardware encoder's element on the stand-in for Sophgo's kit, of which nothing may be left.
#pragma once

#include "tests/element/venc_fixture.h"
#include "tests/fakes/cvi/cvi_standin.h"

namespace panto::venc::test
{

class VencCvi : public VencElement
{
protected:
    VencCvi() : open_{descriptors()} {}

    static std::array<int, CVI_STANDIN_KINDS> left()
    {
        std::array<int, CVI_STANDIN_KINDS> n{};
        cvi_standin_counts(n.data());
        return n;
    }

    void TearDown() override
    {
        end();
        cvi_standin_release_hangs();
        const auto limit = steady_clock::now() + 5s; // for a thread that was left behind
        while (left() != decltype(left()){} && steady_clock::now() < limit)
            std::this_thread::yield();
        EXPECT_EQ(left(), decltype(left()){}) << "systems, memory, channels or streams are left";
        EXPECT_EQ(descriptors(), open_) << "descriptors are left";
    }

    void make(const char *name = "vench264enc")
    {
        VencElement::make(name);
        set_text("backend", "cvi");
    }

    size_t open_;
};

} // namespace panto::venc::test
