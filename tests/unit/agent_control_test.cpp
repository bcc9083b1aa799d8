// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/control.h"

#include <gtest/gtest.h>
#include <optional>
#include <vector>

using namespace panto;
using namespace panto::agent;

namespace
{

class ControlTest : public testing::Test
{
protected:
    Control with(const std::string &word)
    {
        return {word, [this](const std::string &mode, Done<> done) {
                    kept.push_back(mode);
                    done(writes ? Result<>{ok} : Error{Kind::Unavailable, "disk full"});
                }};
    }
    Done<> heard()
    {
        return [this](Result<> r) { answer = std::move(r); };
    }

    bool writes = true;
    std::vector<std::string> kept;
    std::optional<Result<>> answer;
};

} // namespace

TEST_F(ControlTest, IsOffUntilSomebodyAllowsIt)
{
    for (const char *word : {"", "on", "MCP", " mcp"})
        EXPECT_EQ(with(word).mode(), Mode::Off) << word;
}

TEST_F(ControlTest, IsAsItWasKept)
{
    for (const auto mode : {Mode::Off, Mode::Mcp, Mode::PicoClaw}) {
        EXPECT_EQ(with(text(mode)).mode(), mode);
        EXPECT_EQ(with(std::string{text(mode)} + "\n").mode(), mode) << "written by hand";
    }
}

TEST_F(ControlTest, TellsWhenItHasChanged)
{
    auto control = with("");
    int changes = 0;
    control.on_changed = [&] { ++changes; };
    control.set(Mode::Mcp, heard());
    EXPECT_TRUE(*answer);
    EXPECT_EQ(control.mode(), Mode::Mcp);
    control.set(Mode::Mcp, heard());
    EXPECT_EQ(changes, 1);
    EXPECT_EQ(kept, (std::vector<std::string>{"mcp", "mcp"}));
}

TEST_F(ControlTest, StaysAsItIsWhenTheModeCannotBeKept)
{
    auto control = with("mcp");
    writes = false;
    control.set(Mode::Off, heard());
    EXPECT_FALSE(*answer);
    EXPECT_EQ(control.mode(), Mode::Mcp);
}
