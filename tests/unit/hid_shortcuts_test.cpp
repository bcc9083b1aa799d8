// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/shortcuts.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::hid;

namespace
{

const std::vector<ShortcutKey> kCopy = {{"ControlLeft", "Ctrl"}, {"KeyC", "C"}};

} // namespace

TEST(Shortcuts, AreNoneAtFirstAndSaySo)
{
    EXPECT_EQ(Shortcuts{""}.text(), R"({"shortcuts":[]})");
}

TEST(Shortcuts, ReadBackWhatTheyWrote)
{
    Shortcuts some{""};
    ASSERT_TRUE(some.add(kCopy));
    ASSERT_TRUE(some.add({{"F5", "Reload \"now\""}}));
    const Shortcuts again{some.text()};
    EXPECT_EQ(again.text(), some.text());
    ASSERT_EQ(again.all().size(), 2u);
    EXPECT_EQ(again.all()[1].keys[0].label, "Reload \"now\"");
    EXPECT_NE(again.all()[0].id, again.all()[1].id);
}

TEST(Shortcuts, LeaveOutWhatMakesNoSenseInAFile)
{
    for (const char *text :
         {"no JSON", "[]", "{}", R"({"shortcuts":7})", R"({"shortcuts":[7]})",
          R"({"shortcuts":[{"id":"a"}]})", R"({"shortcuts":[{"id":"a","keys":[{"label":"A"}]}]})",
          R"({"shortcuts":[{"keys":[{"code":"KeyA","label":"A"}]}]})"})
        EXPECT_TRUE(Shortcuts{text}.all().empty()) << text;
}

TEST(Shortcuts, RefuseMoreThanAPersonHoldsOrKeeps)
{
    Shortcuts some{""};
    EXPECT_EQ(some.add({}).error().kind, Kind::Invalid);
    EXPECT_EQ(some.add(std::vector<ShortcutKey>(17, kCopy[0])).error().kind, Kind::Invalid);
    EXPECT_EQ(some.add({{std::string(65, 'x'), ""}}).error().kind, Kind::Invalid);
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(some.add(kCopy));
    EXPECT_EQ(some.add(kCopy).error().kind, Kind::Busy);
}

TEST(Shortcuts, AreForgottenById)
{
    Shortcuts some{""};
    ASSERT_TRUE(some.add(kCopy));
    EXPECT_EQ(some.remove("another").error().kind, Kind::NotFound);
    EXPECT_TRUE(some.remove(some.all()[0].id));
    EXPECT_TRUE(some.all().empty());
}
