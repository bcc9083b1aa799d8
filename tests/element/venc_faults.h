// SPDX-License-Identifier: LGPL-2.1-or-later
/// What tests of faults share, whichever library has them.
#pragma once

#include "tests/element/venc_fixture.h"

namespace panto::venc::test
{

/// Whether it is one sentence, which says what it is about.
inline testing::AssertionResult is_one(const std::string &said, const std::string &about)
{
    if (std::count(said.begin(), said.end(), '\n') == 1 && said.find(about) != said.npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "not one sentence about \"" << about << "\": " << said;
}

/// Faults: a test of an element on a library that Base sets up.
template <class Base>
class Faults : public Base
{
protected:
    /// What it says when it is to become ready.
    std::string refusal(const char *name = "vench264enc")
    {
        this->make(name);
        EXPECT_EQ(gst_element_set_state(this->element_.get(), GST_STATE_READY),
                  GST_STATE_CHANGE_FAILURE);
        return this->errors();
    }

    /// Pushes pictures until one fails; how many went in.
    int push_until_error(int most)
    {
        for (int i = 0; i < most; ++i)
            if (this->push(Picture{this->width_, this->height_, this->step_++}) != GST_FLOW_OK)
                return i;
        return most;
    }

    /// For how long the test has been running, in ms.
    auto ms() const
    {
        return std::chrono::round<std::chrono::milliseconds>(steady_clock::now() - begun_).count();
    }

    steady_clock::time_point begun_ = steady_clock::now();
};

} // namespace panto::venc::test
