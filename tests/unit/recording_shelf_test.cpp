// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/shelf.h"
#include "tests/unit/temp_dir.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::recording;

namespace
{

constexpr std::time_t kNow = 1796032800; // 2026-11-30T10:00:00Z

struct ShelfTest : testing::Test {
    TempDir dir;
    Shelf shelf{dir.path + "/recordings"};

    std::string names() const
    {
        std::string out;
        auto items = shelf.list();
        for (const auto &item : *items)
            out += item.name + " ";
        return out;
    }
};

} // namespace

TEST_F(ShelfTest, IsEmptyWithoutAFolder)
{
    EXPECT_EQ(names(), "");
}

TEST_F(ShelfTest, NamesAFileAfterItsTime)
{
    auto made = shelf.make("mp4", kNow);
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, "2026-11-30T10-00-00Z.mp4");
    EXPECT_TRUE(check_name(*made));
    EXPECT_TRUE(std::filesystem::exists(shelf.path_of(*made)));
}

TEST_F(ShelfTest, NumbersWhatBeginsInTheSameSecond)
{
    (void)shelf.make("mkv", kNow);
    auto second = shelf.make("mkv", kNow);
    ASSERT_TRUE(second);
    EXPECT_EQ(*second, "2026-11-30T10-00-00Z-2.mkv");
    EXPECT_TRUE(check_name(*second));
}

TEST_F(ShelfTest, ListsRecordingsOnly)
{
    (void)shelf.make("mkv", kNow + 1);
    (void)shelf.make("mp4", kNow);
    dir.write("recordings/notes.txt", "x");
    std::filesystem::create_symlink("/etc/passwd", shelf.path_of("2026-11-30T10-00-09Z.mp4"));
    EXPECT_EQ(names(), "2026-11-30T10-00-00Z.mp4 2026-11-30T10-00-01Z.mkv ");
}

TEST_F(ShelfTest, RemovesByNameAndNothingElse)
{
    auto made = shelf.make("mp4", kNow);
    const std::string other = dir.write("recordings/notes.txt", "x");
    EXPECT_EQ(shelf.remove("notes.txt").error().kind, Kind::Invalid);
    EXPECT_EQ(shelf.remove("../recordings/" + *made).error().kind, Kind::Invalid);
    EXPECT_EQ(shelf.remove("2026-11-30T10-00-01Z.mp4").error().kind, Kind::NotFound);
    EXPECT_TRUE(shelf.remove(*made));
    EXPECT_EQ(names(), "");
    EXPECT_TRUE(std::filesystem::exists(other));
}

TEST_F(ShelfTest, RemovesAStubOnly)
{
    (void)shelf.make("mp4", kNow);
    dir.write("recordings/2026-11-30T10-00-01Z.mp4", "12345");
    EXPECT_FALSE(shelf.remove_stub("2026-11-30T10-00-01Z.mp4", 5));
    EXPECT_TRUE(shelf.remove_stub("2026-11-30T10-00-01Z.mp4", 6)) << "of less than a picture";
    EXPECT_TRUE(shelf.remove_stub("2026-11-30T10-00-00Z.mp4", 0)) << "empty";
    EXPECT_FALSE(shelf.remove_stub("2026-11-30T10-00-00Z.mp4", 0)) << "gone";
    EXPECT_EQ(names(), "");
}

TEST_F(ShelfTest, FolderThatCannotBeMadeIsAnErrorWithItsName)
{
    dir.write("recordings", "a file in its place");
    auto made = shelf.make("mp4", kNow);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, Kind::Unavailable);
    EXPECT_NE(made.error().message.find(shelf.folder()), std::string::npos);
}
