// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/memory.h"
#include "daemon/system/swap.h"
#include "lib/base/file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace panto;
using system::MemoryLimit;

namespace
{

/// A control group of ours, as the kernel shows it.
class Group : public testing::Test
{
protected:
    Group()
    {
        std::filesystem::create_directories(root_ + "/system.slice/ours");
        write(root_ + "/own", "5:memory:/elsewhere\n0::/system.slice/ours\n");
        write(high(), "max\n");
    }
    ~Group() override { std::filesystem::remove_all(root_); }

    static void write(const std::string &path, const std::string &text)
    {
        std::ofstream{path} << text;
    }
    std::string high() const { return root_ + "/system.slice/ours/memory.high"; }
    MemoryLimit limit() const { return MemoryLimit{root_, root_ + "/own"}; }

    const std::string root_ = testing::TempDir() + "memory-limit";
};

} // namespace

TEST_F(Group, HasNoLimitAtFirst)
{
    const auto now = limit().read();
    ASSERT_TRUE(now);
    EXPECT_FALSE(now->has_value());
}

TEST_F(Group, GetsTheLimitInBytesAndTellsItInMebibytes)
{
    ASSERT_TRUE(limit().set(75));
    EXPECT_EQ(*read_file(high()), "78643200");
    EXPECT_EQ(limit().read()->value(), 75);
}

TEST_F(Group, LosesItAgain)
{
    ASSERT_TRUE(limit().set(75));
    ASSERT_TRUE(limit().set(std::nullopt));
    EXPECT_EQ(*read_file(high()), "max");
}

TEST_F(Group, IsNotStarved)
{
    for (const int64_t mib : {int64_t(-1), int64_t(0), int64_t(63), int64_t(1) << 40})
        EXPECT_EQ(limit().set(mib).error().kind, Kind::Invalid) << mib;
    EXPECT_EQ(*read_file(high()), "max\n");
}

TEST_F(Group, ThatIsNotOursCannotBeLimited)
{
    write(root_ + "/own", "0::/\n");
    EXPECT_EQ(limit().set(75).error().kind, Kind::Unavailable);
    write(root_ + "/own", "5:memory:/elsewhere\n");
    EXPECT_EQ(limit().set(75).error().kind, Kind::Unavailable);
    EXPECT_FALSE(limit().read());
    write(root_ + "/own", "0::/gone\n");
    EXPECT_EQ(limit().set(75).error().kind, Kind::Unavailable);
}

TEST(SwapLines, TellTheSizeOfOurFileOnly)
{
    const std::string lines = "/dev/vda2 1073737728\n/swapfile 268431360\n";
    EXPECT_EQ(system::swap_in(lines, "/swapfile"), 268431360);
    EXPECT_EQ(system::swap_in(lines, "/swapfile2"), 0);
    EXPECT_EQ(system::swap_in("", "/swapfile"), 0);
    EXPECT_EQ(system::swap_in("/swapfile much\n", "/swapfile"), 0);
}
