// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/library.h"
#include "tests/unit/temp_dir.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <sys/stat.h>

using namespace panto;
using namespace panto::storage;

namespace
{

class LibraryTest : public testing::Test
{
protected:
    std::vector<std::string> names() const
    {
        std::vector<std::string> out;
        auto images = library.list();
        EXPECT_TRUE(images);
        for (const auto &image : *images)
            out.push_back(image.name);
        return out;
    }
    bool exists(const std::string &name) const
    {
        return std::filesystem::exists(dir.path + "/" + name);
    }
    Kind kind_of_open(const std::string &name) const
    {
        auto image = library.open(name);
        return image ? Kind::Internal : image.error().kind;
    }

    TempDir dir;
    Library library{dir.path + "/data", {}};
};

using Names = std::vector<std::string>;

} // namespace

TEST_F(LibraryTest, IsEmptyWhenItsFolderIsNotThere)
{
    EXPECT_EQ(names(), Names{});
}

TEST_F(LibraryTest, ListsImagesByNameInEveryFolder)
{
    dir.write("data/b.ISO", "12345");
    dir.write("data/a.img", "");
    dir.write("data/linux/x y.Img", "");
    dir.write("data/notes.txt", "");
    dir.write("data/iso", "");
    dir.write("data/.parts/c.iso", "");
    dir.write("data/.d.iso", "");
    EXPECT_EQ(names(), (Names{"a.img", "b.ISO", "linux/x y.Img"}));
    EXPECT_EQ((*library.list())[1].size_bytes, 5u);
    EXPECT_GT((*library.list())[1].modified_s, 1'500'000'000);
}

TEST_F(LibraryTest, ListsNothingThatIsNoRegularFile)
{
    dir.write("outside.iso", "secret");
    std::filesystem::create_directories(dir.path + "/data/folder.iso");
    std::filesystem::create_symlink("../outside.iso", dir.path + "/data/link.iso");
    std::filesystem::create_symlink("..", dir.path + "/data/up");
    ASSERT_EQ(::mkfifo((dir.path + "/data/pipe.iso").c_str(), 0600), 0);
    EXPECT_EQ(names(), Names{});
}

TEST_F(LibraryTest, TakesNamesAndWholePaths)
{
    EXPECT_EQ(*library.name_of("a.iso"), "a.iso");
    EXPECT_EQ(*library.name_of("linux/a.iso"), "linux/a.iso");
    EXPECT_EQ(*library.name_of(dir.path + "/data/linux/a.iso"), "linux/a.iso");
}

TEST_F(LibraryTest, RefusesNamesThatLeadElsewhereOrCannotBe)
{
    for (const std::string name :
         {"",          "/",        "..",     "../a.iso",    "a/../b.iso",  "a/../../b.iso",
          "./a.iso",   "a//b.iso", "/a.iso", "/etc/passwd", ".hidden.iso", ".parts/a.iso",
          "a.txt",     "iso",      ".iso",   "a.iso/",      "a\nb.iso",    "a\\b.iso",
          "a\x7f.iso", "a\xff.iso"})
        EXPECT_EQ(library.name_of(name).error().kind, Kind::Invalid) << name;
    EXPECT_FALSE(library.name_of(dir.path + "/data/../x.iso"));
    EXPECT_FALSE(library.name_of(dir.path + "/datax/x.iso"));
    const std::string most(251, 'a');
    EXPECT_TRUE(library.name_of(most + ".iso"));
    EXPECT_FALSE(library.name_of("a" + most + ".iso"));
    EXPECT_FALSE(library.name_of(std::string{"a\0b.iso", 7}));
}

TEST_F(LibraryTest, FollowsNoLink)
{
    dir.write("secret.iso", "secret");
    dir.write("elsewhere/a.iso", "secret");
    std::filesystem::create_directories(dir.path + "/data");
    std::filesystem::create_symlink("../secret.iso", dir.path + "/data/link.iso");
    std::filesystem::create_symlink("../elsewhere", dir.path + "/data/linked");
    EXPECT_EQ(kind_of_open("link.iso"), Kind::NotFound);
    EXPECT_EQ(kind_of_open("linked/a.iso"), Kind::NotFound);
    EXPECT_FALSE(library.remove("linked/a.iso"));
    EXPECT_FALSE(library.remove("link.iso"));
    EXPECT_TRUE(exists("elsewhere/a.iso") && exists("secret.iso"));
}

TEST_F(LibraryTest, OpensNothingThatIsNoRegularFile)
{
    std::filesystem::create_directories(dir.path + "/data/folder.iso");
    ASSERT_EQ(::mkfifo((dir.path + "/data/pipe.iso").c_str(), 0600), 0);
    EXPECT_EQ(kind_of_open("folder.iso"), Kind::NotFound);
    EXPECT_EQ(kind_of_open("pipe.iso"), Kind::NotFound);
    EXPECT_EQ(kind_of_open("none.iso"), Kind::NotFound);
    EXPECT_EQ(kind_of_open("no/such.iso"), Kind::NotFound);
}

TEST_F(LibraryTest, InspectsAnImage)
{
    dir.write("data/a.img", std::string(1 << 20, '\0').replace(3, 8, "EXFAT   "));
    auto i = library.inspect("a.img");
    ASSERT_TRUE(i);
    EXPECT_EQ(i->disk.filesystem, "exfat");
    EXPECT_EQ(i->size_bytes, 1u << 20);
}

TEST_F(LibraryTest, DeletesAnImage)
{
    dir.write("data/linux/a.iso", "x");
    dir.write("data/b.iso", "x");
    EXPECT_TRUE(library.remove("linux/a.iso"));
    EXPECT_TRUE(library.remove("b.iso"));
    EXPECT_EQ(names(), Names{});
    EXPECT_EQ(library.remove("b.iso").error().kind, Kind::NotFound);
}

TEST_F(LibraryTest, SaysHowMuchRoomThereIs)
{
    dir.write("data/a.iso", std::string(1000, 'a'));
    dir.write("data/.parts/b", std::string(500, 'b'));
    auto space = library.space();
    ASSERT_TRUE(space);
    EXPECT_EQ(space->used_bytes, 1500u);
    EXPECT_GT(space->total_bytes, 0u);
    EXPECT_LE(space->free_bytes, space->total_bytes);
}

TEST_F(LibraryTest, MeasuresTheDiskThatItsFolderWouldLieOn)
{
    const Library below{dir.path + "/not/there/yet", {}};
    auto space = below.space();
    ASSERT_TRUE(space);
    EXPECT_GT(space->total_bytes, 0u);
    EXPECT_EQ(space->used_bytes, 0u);
}

TEST_F(LibraryTest, HasAQuota)
{
    const Library limited{dir.path + "/data", {2000, 0}};
    dir.write("data/a.iso", std::string(1500, 'a'));
    EXPECT_TRUE(limited.check_room(500));
    const auto over = limited.check_room(501);
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code, EDQUOT);
    EXPECT_EQ(limited.check_room(UINT64_MAX).error().code, EDQUOT);
    EXPECT_TRUE(library.check_room(501)) << "without a quota";
}

TEST_F(LibraryTest, LeavesTheReserveFree)
{
    const uint64_t free = library.space()->free_bytes;
    const Library reserved{dir.path + "/data", {0, free * 2}};
    EXPECT_TRUE(reserved.check_room(0));
    EXPECT_EQ(reserved.check_room(1).error().code, ENOSPC);
    EXPECT_EQ(library.check_room(UINT64_MAX).error().code, ENOSPC);
}
