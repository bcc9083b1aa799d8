// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/tailscale.h"

#include <gtest/gtest.h>

using namespace panto::system;

namespace
{

std::string status(const std::string &backend)
{
    return R"({"BackendState":")" + backend +
           R"(","Self":{"HostName":"kvm","TailscaleIPs":["100.64.0.7","fd7a::7"],"UserID":12},)"
           R"("User":{"12":{"LoginName":"ann@example.org"}}})";
}

} // namespace

TEST(Tailscale, TellsWhoItIsWhileItRuns)
{
    const Tailscale t = read_tailscale(status("Running"));
    EXPECT_EQ(t.state, "running");
    EXPECT_EQ(t.name, "kvm");
    EXPECT_EQ(t.ip, "100.64.0.7");
    EXPECT_EQ(t.account, "ann@example.org");
}

TEST(Tailscale, HasTheWiresWordForEachState)
{
    EXPECT_EQ(read_tailscale(status("Stopped")).state, "stopped");
    EXPECT_EQ(read_tailscale(status("NeedsLogin")).state, "notLogin");
    EXPECT_EQ(read_tailscale(status("NeedsLogin")).account, "");
    for (const char *other : {"NoState", "Starting", ""})
        EXPECT_EQ(read_tailscale(status(other)).state, "notRunning");
}

TEST(Tailscale, IsNotRunningWhenWhatItSaysMakesNoSense)
{
    for (const char *text : {"", "no JSON", "[]", "{}", R"({"BackendState":7})"})
        EXPECT_EQ(read_tailscale(text).state, "notRunning") << text;
}

TEST(Tailscale, LeavesOutWhatIsMissing)
{
    for (const char *text :
         {R"({"BackendState":"Running"})", R"({"BackendState":"Running","Self":7})",
          R"({"BackendState":"Running","Self":{"TailscaleIPs":[7],"UserID":1},"User":[]})"}) {
        const Tailscale t = read_tailscale(text);
        EXPECT_EQ(t.state, "running");
        EXPECT_EQ(t.ip + t.name + t.account, "");
    }
}
