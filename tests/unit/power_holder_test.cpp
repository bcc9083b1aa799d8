// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/holder.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"
#include "tests/fakes/loop.h"
#include "tests/unit/temp_dir.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;

namespace
{

/// Programs in place of pantograph-hold, for two lines of a chip that is not there.
class HolderTest : public testing::Test
{
protected:
    void start(const std::string &script)
    {
        const std::string program =
            dir.write("hold", "#!/bin/sh\ncd " + dir.path + "\necho $$ >pid\n" + script);
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        holder = std::make_unique<Holder>(
            program, std::vector<std::string>{"no-such-chip/0", "no-such-chip/1"});
    }
    void end()
    {
        holder.reset();
        ASSERT_TRUE(offload_drain(30s));
    }
    std::string text(const std::string &name) const
    {
        const auto read = read_file(dir.path + "/" + name);
        return read ? *read : "";
    }
    /// As ps tells it: T is stopped, Z has ended; "" is gone altogether.
    std::string state() const
    {
        const auto stat = read_file("/proc/" + std::to_string(pid()) + "/stat");
        return stat ? stat->substr(stat->rfind(')') + 2, 1) : "";
    }
    bool ended() const { return state() == "" || state() == "Z"; }
    int pid() const { return std::atoi(text("pid").c_str()); }

    TempDir dir;
    std::unique_ptr<Holder> holder;
    Source look = every(5ms, [] {});
};

} // namespace

TEST_F(HolderTest, KillsAtItsEndAProgramThatIsStopped)
{
    start("kill -STOP $$\n");
    ASSERT_TRUE(run_until([&] { return pid() && state() == "T"; }));
    end();
    EXPECT_TRUE(run_until([&] { return ended(); }));
}

TEST_F(HolderTest, KillsAtItsEndAProgramThatDoesNotListen)
{
    start("trap '' TERM\nwhile :; do sleep 1; done\n");
    ASSERT_TRUE(run_until([&] { return pid() != 0; }));
    end();
    EXPECT_TRUE(run_until([&] { return ended(); }));
}

TEST_F(HolderTest, LetsAProgramEndByItself)
{
    start("echo begun >begun\nread -r line\necho ended >end\n");
    ASSERT_TRUE(run_until([&] { return text("begun") == "begun\n"; }));
    end();
    EXPECT_EQ(text("end"), "ended\n");
}

TEST_F(HolderTest, LeavesAProgramAtItThatSaysItCannotLetGoYet)
{
    start("read -r line\nprintf 'failed 0 no wires' >&0\n"
          "until [ -e go ]; do sleep 0.02; done\necho ended >end\n");
    ASSERT_TRUE(run_until([&] { return pid() != 0; }));
    end();
    EXPECT_FALSE(ended());
    dir.write("go", "");
    EXPECT_TRUE(run_until([&] { return text("end") == "ended\n"; }));
}
