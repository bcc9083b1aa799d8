// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/state/notes.h"
#include "lib/base/file.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/loop.h"

#include <gtest/gtest.h>
#include <optional>

using namespace panto;
using namespace panto::state;

namespace
{

class NotesTest : public testing::Test
{
protected:
    /// A done, and what came of it: "" or why not.
    Done<> heard()
    {
        answers.emplace_back();
        return
            [this, i = answers.size() - 1](Result<> r) { answers[i] = r ? "" : r.error().message; };
    }
    void wait()
    {
        EXPECT_TRUE(run_until([this] {
            for (const auto &answer : answers)
                if (!answer)
                    return false;
            return true;
        }));
    }

    Folder folder;
    std::vector<std::optional<std::string>> answers;
};

} // namespace

TEST_F(NotesTest, AreNotSetAtFirst)
{
    const Notes notes{folder.path(), {"title"}};
    EXPECT_EQ(notes.read("title").error().kind, Kind::NotFound);
    EXPECT_EQ(notes.text("title"), "");
}

TEST_F(NotesTest, CountAtOnceAndOutliveTheirStore)
{
    {
        Notes notes{folder.path(), {"title"}};
        notes.write("title", "Rack 7", heard());
        EXPECT_EQ(notes.text("title"), "Rack 7");
        wait();
    }
    EXPECT_EQ(answers[0], "");
    EXPECT_EQ(Notes(folder.path(), {"title"}).text("title"), "Rack 7");
}

TEST_F(NotesTest, KeepTheLastOfManyChanges)
{
    Notes notes{folder.path(), {"title"}};
    for (const char *text : {"one", "two", "three"})
        notes.write("title", text, heard());
    wait();
    EXPECT_EQ(*read_file(folder / "title"), "three");
    notes.remove("title", heard());
    EXPECT_FALSE(notes.read("title"));
    wait();
    EXPECT_EQ(read_file(folder / "title").error().kind, Kind::NotFound);
}

TEST_F(NotesTest, RemoveWhatIsNotThere)
{
    Notes notes{folder.path(), {"title"}};
    notes.remove("title", heard());
    wait();
    EXPECT_EQ(answers[0], "");
}

TEST_F(NotesTest, AreAsTheyWereWhenTheyCannotBeWritten)
{
    Notes notes{folder.path(), {"title"}};
    notes.write("title", "first", heard());
    wait();
    std::filesystem::remove(folder / "title");
    std::filesystem::create_directories(folder / "title/in the way");
    notes.write("title", "second", heard());
    wait();
    EXPECT_NE(answers[1], "");
    EXPECT_EQ(notes.text("title"), "first");
}

TEST_F(NotesTest, AreUnreadableWhenTheirFileIsTooLong)
{
    ASSERT_TRUE(replace_file(folder / "title", std::string(65537, 'x'), 0644));
    EXPECT_EQ(Notes(folder.path(), {"title"}).text("title"), "");
}

TEST_F(NotesTest, ShowTheirSecretsToTheOwnerOnly)
{
    Notes notes{folder.path(), {"title"}, {"key"}};
    notes.write("title", "for everybody", heard());
    notes.write("key", "for us", heard());
    wait();
    using std::filesystem::perms;
    const auto mode = [this](const char *name) {
        return std::filesystem::status(folder / name).permissions();
    };
    EXPECT_EQ(mode("key"), perms::owner_read | perms::owner_write);
    EXPECT_NE(mode("title") & perms::others_read, perms::none);
    EXPECT_EQ(Notes(folder.path(), {"title"}, {"key"}).text("key"), "for us");
}
