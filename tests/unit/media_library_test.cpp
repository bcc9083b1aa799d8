// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/library.h"
#include "tests/fakes/refusing_element.h"
#include "tests/unit/temp_dir.h"

#include <gst/gst.h>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::media;

namespace
{

class LibraryTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    void encoder(const std::string &where, const std::string &name, int rank,
                 const std::string &launch, const std::string &codec = "h264")
    {
        dir.write(where + "/" + name + ".yaml",
                  "name: " + name + "\nkind: encoder\noffers: {codec: " + codec +
                      ", rank: " + std::to_string(rank) + "}\nlaunch: " + launch + "\n");
    }
    Library load(std::vector<std::string> directories = {"a", "b"})
    {
        for (std::string &d : directories)
            d = dir.path + "/" + d;
        auto library = Library::load(directories);
        EXPECT_TRUE(library) << library.error().message;
        return library ? *library : Library{};
    }
    std::string best(const Library &library, const std::string &name = "",
                     const std::string &codec = "h264")
    {
        refused.clear();
        auto file = library.best("encoder", codec, name, &refused);
        return file ? file->name : "none";
    }

    TempDir dir;
    std::vector<Library::Refusal> refused;
};

} // namespace

TEST_F(LibraryTest, ChoosesTheHighestRank)
{
    encoder("a", "low", 10, "identity");
    encoder("a", "high", 30, "identity");
    encoder("a", "middle", 20, "identity");
    EXPECT_EQ(best(load()), "high");
    EXPECT_TRUE(refused.empty());
}

TEST_F(LibraryTest, RefusesWhatDoesNotWorkHereAndSaysWhy)
{
    encoder("a", "hardware", 30, "nosuchencoder");
    encoder("a", "wrong", 20, "identity nosuchproperty=1");
    encoder("a", "software", 10, "identity");
    EXPECT_EQ(best(load()), "software");
    ASSERT_EQ(refused.size(), 2u);
    EXPECT_EQ(refused[0].name, "hardware");
    EXPECT_NE(refused[0].why.find("not installed: nosuchencoder"), std::string::npos);
    EXPECT_EQ(refused[1].name, "wrong");
}

TEST_F(LibraryTest, TakesTheNextWhereTheElementsAreHereAndTheirHardwareIsNot)
{
    register_refusing_element();
    encoder("a", "hardware", 30, "refusing name=enc");
    encoder("a", "software", 10, "identity");
    EXPECT_EQ(best(load()), "software");
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0].why,
              dir.path + "/a/hardware.yaml:4: launch: enc: There is no such chip here.");
}

TEST_F(LibraryTest, SaysWhyThereIsNone)
{
    encoder("a", "hardware", 30, "nosuchencoder");
    auto none = load().best("encoder", "h264");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, Kind::Unavailable);
    EXPECT_NE(none.error().message.find("nosuchencoder"), std::string::npos);
    EXPECT_FALSE(load().best("viewer"));
}

TEST_F(LibraryTest, KeepsCodecsApart)
{
    encoder("a", "jpeg", 30, "identity", "mjpeg");
    encoder("a", "video", 10, "identity");
    EXPECT_EQ(best(load()), "video");
    EXPECT_EQ(best(load(), "", "mjpeg"), "jpeg");
}

TEST_F(LibraryTest, TakesTheOneThatIsNamed)
{
    encoder("a", "low", 10, "identity");
    encoder("a", "high", 30, "identity");
    EXPECT_EQ(best(load(), "low"), "low");
    EXPECT_EQ(best(load(), "other"), "none");
}

TEST_F(LibraryTest, ReplacesAFileByTheLaterDirectorysOfTheSameName)
{
    encoder("a", "video", 30, "nosuchencoder");
    encoder("b", "video", 5, "identity");
    const Library library = load();
    ASSERT_EQ(library.files().size(), 1u);
    EXPECT_EQ(library.files()[0].path, dir.path + "/b/video.yaml");
    EXPECT_EQ(best(library), "video");
}

TEST_F(LibraryTest, MayBeEmpty)
{
    EXPECT_TRUE(load({"none", "a"}).files().empty());
}

TEST_F(LibraryTest, ReadsYamlFilesOnly)
{
    dir.write("a/README.md", "no pipeline");
    dir.write("a/video.yaml.bak", "no pipeline");
    EXPECT_TRUE(load().files().empty());
}

TEST_F(LibraryTest, NamesEveryProblemOfEveryFile)
{
    dir.write("a/one.yaml", "name: one\n");
    dir.write("b/two.yaml", "name: [\n");
    auto library = Library::load({dir.path + "/a", dir.path + "/b"});
    ASSERT_FALSE(library);
    EXPECT_EQ(library.error().kind, Kind::Invalid);
    EXPECT_NE(library.error().message.find("one.yaml:1: kind: is missing"), std::string::npos);
    EXPECT_NE(library.error().message.find("two.yaml:"), std::string::npos);
}

TEST_F(LibraryTest, ReadsTheGoodFilesBesideTheBadOnes)
{
    dir.write("a/bad.yaml", "name: [\n");
    encoder("a", "first", 10, "identity");
    dir.write("a/second.yaml", "kind: encoder\nname: first\nlaunch: identity\n");
    encoder("a", "third", 10, "identity");
    std::string problems;
    const Library library = Library::read({dir.path + "/a"}, problems);
    ASSERT_EQ(library.files().size(), 2u);
    EXPECT_EQ(library.files()[0].name, "first");
    EXPECT_EQ(library.files()[1].name, "third");
    EXPECT_NE(problems.find("bad.yaml:"), std::string::npos);
    EXPECT_NE(problems.find("second.yaml:2: name: first is the name of "), std::string::npos);
}
