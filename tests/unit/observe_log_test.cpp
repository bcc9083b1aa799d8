// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observe/log.h"
#include "daemon/observe/log_file.h"
#include "daemon/observe/news.h"
#include "lib/base/file.h"
#include "lib/glib/source.h"
#include "tests/unit/loop.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <regex>

using namespace panto;

namespace
{

/// The log in a file of its own.
class Log : public testing::Test
{
protected:
    ~Log() override { std::filesystem::remove_all(folder_); }

    void start(const char *level)
    {
        auto r = observe::start_log(level, folder_ + "/log");
        ASSERT_TRUE(r) << r.error().message;
    }
    std::string written() const
    {
        auto text = read_file(folder_ + "/log");
        return text ? *text : text.error().message;
    }
    /// What was written, without the time stamps.
    std::string lines() const
    {
        return std::regex_replace(written(), std::regex{"[0-9T:.-]{23}Z "}, "");
    }

    const std::string &folder() const { return folder_; }

private:
    static std::string make_folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "log.XXXXXX").string();
        return mkdtemp(name.data());
    }
    std::string folder_ = make_folder();
};

} // namespace

TEST_F(Log, WritesTimeLevelRoomMessageAndFields)
{
    start("info");
    log_info("http", "GET /api/vm/info", {{"ms", "2"}, {"user", "Jo Doe"}, {"empty", ""}});
    const std::regex line{"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                          "info http GET /api/vm/info ms=2 user=\"Jo Doe\" empty=\"\"\n"};
    EXPECT_TRUE(std::regex_match(written(), line)) << written();
}

TEST_F(Log, LeavesOutWhatIsLessImportantThanTheLevel)
{
    start("warn");
    log_debug("a", "one");
    log_info("a", "two");
    log_message("a", "three");
    log_warning("a", "four");
    EXPECT_EQ(lines(), "warning a four\n");
}

TEST_F(Log, KeepsEverythingAtDebug)
{
    start("debug");
    log_debug("a", "one");
    log_message("a", "two");
    EXPECT_EQ(lines(), "debug a one\nmessage a two\n");
}

TEST_F(Log, LetsNobodyForgeALineOrSteerATerminal)
{
    start("info");
    log_info("http", "name=\"a\"\n2026 info auth root\x1b[2J",
             {{"path", "/x\r\ny\xff\u2028"}, {"agent", "a\" b\\"}});
    EXPECT_EQ(lines(), "info http name=\"a\"\\n2026 info auth root\\u{1b}[2J "
                       "path=/x\\u{d}\\ny\\xff\\u{2028} agent=\"a\\\" b\\\\\"\n");
}

TEST_F(Log, TakesWhatGlibSays)
{
    start("info");
    g_log("GLib-GIO", G_LOG_LEVEL_WARNING, "old way %d", 1);
    g_log_structured("GLib", G_LOG_LEVEL_MESSAGE, "MESSAGE", "new way %d", 2);
    EXPECT_EQ(lines(), "warning GLib-GIO old way 1\nmessage GLib new way 2\n");
}

TEST_F(Log, TakesWhatGstreamerWarnsOfOnceASecond)
{
    start("info");
    gst_init(nullptr, nullptr);
    GstDebugCategory *category = nullptr;
    GST_DEBUG_CATEGORY_INIT(category, "logtest", 0, "");
    observe::bridge_gstreamer();
    observe::bridge_gstreamer();
    for (int i = 0; i < 60; ++i)
        GST_CAT_WARNING(category, "late %d", i);
    GST_CAT_INFO(category, "fine");
    EXPECT_EQ(lines(), "warning gst logtest: late 0\n");
    EXPECT_EQ(_gst_debug_min, GST_LEVEL_WARNING) << "each element would ask about all it does";
}

TEST_F(Log, WritesWhatIsSaidOftenWhenTheLoopIsIdle)
{
    start("info");
    std::string busy;
    post([&] {
        log_often("a", "one");
        log_often("a", "two");
        busy = written();
    });
    Loop::run();
    EXPECT_EQ(busy, "");
    EXPECT_EQ(lines(), "info a one\ninfo a two\n");
}

TEST_F(Log, LetsNothingElseWaitNorOvertake)
{
    start("info");
    std::string busy;
    post([&] {
        log_often("a", "one");
        log_info("a", "two");
        busy = lines();
    });
    Loop::run();
    EXPECT_EQ(busy, "info a one\ninfo a two\n");
}

TEST_F(Log, LetsNoMoreWaitThanAFew)
{
    start("info");
    std::string busy;
    post([&] {
        for (int i = 0; i < 100; ++i)
            log_often("a", std::string(1000, 'x'));
        busy = written();
    });
    Loop::run();
    EXPECT_GT(busy.size(), 60u * 1024);
    EXPECT_GT(written().size(), 100u * 1000);
}

TEST_F(Log, ChangesItsLevelAndWritesWhatEitherLetsThroughMeanwhile)
{
    start("warn");
    const auto say = [] { log_info("a", "meanwhile"); };
    observe::change_level("info", say);
    log_info("a", "after");
    EXPECT_EQ(lines(), "info a meanwhile\ninfo a after\n");
    observe::change_level("error", say);
    log_warning("a", "unheard");
    EXPECT_EQ(lines(), "info a meanwhile\ninfo a after\ninfo a meanwhile\n");
}

TEST_F(Log, GoesOnInANewFileWhenTheOldOneWasRenamed)
{
    start("info");
    log_often("http", "one");
    std::filesystem::rename(folder() + "/log", folder() + "/log.1");
    log_often("http", "two");
    ASSERT_TRUE(observe::reopen_log());
    log_message("app", "three");
    EXPECT_EQ(lines(), "message app three\n");
    EXPECT_EQ(std::regex_replace(*read_file(folder() + "/log.1"), std::regex{".{24} "}, ""),
              "info http one\ninfo http two\n");
}

TEST_F(Log, GoesOnInTheOldFileWhenThereCanBeNoNewOne)
{
    start("info");
    std::filesystem::rename(folder() + "/log", folder() + "/log.1");
    std::filesystem::create_directory(folder() + "/log");
    const auto again = observe::reopen_log();
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message.find("Is a directory"), std::string::npos);
    log_message("app", "still here");
    EXPECT_NE(read_file(folder() + "/log.1")->find("still here"), std::string::npos);
}

TEST_F(Log, SaysWhenItCannotWrite)
{
    auto r = observe::start_log("info", "/nonexistent/log");
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().message, "cannot log to /nonexistent/log: No such file or directory");
    EXPECT_FALSE(observe::start_log("loud", "stdout"));
}

TEST(LogDeathTest, AbortsOnOurOwnMistakesWhenAskedTo)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            g_log_set_always_fatal(GLogLevelFlags(G_LOG_LEVEL_CRITICAL));
            (void)bool(observe::start_log("info", "stderr"));
            log_critical("a", "impossible");
        },
        "critical a impossible");
}

TEST(News, AreTheSameWordsOnlyAfterAMinute)
{
    Time now{};
    observe::News news{[&] { return now; }};
    EXPECT_TRUE(news.is("no device"));
    EXPECT_TRUE(news.is("no space"));
    EXPECT_FALSE(news.is("no device"));
    now += std::chrono::seconds{59};
    EXPECT_FALSE(news.is("no device"));
    now += std::chrono::seconds{1};
    EXPECT_TRUE(news.is("no device"));
    EXPECT_FALSE(news.is("no device"));
}
