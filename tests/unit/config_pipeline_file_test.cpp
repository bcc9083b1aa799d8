// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/pipeline_file.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::config;

namespace
{

constexpr const char *kGood = "name: h264-x264\n"
                              "kind: encoder\n"
                              "offers: {codec: h264, rank: 10}\n"
                              "launch: |\n"
                              "  x264enc name=enc !\n"
                              "  h264parse\n"
                              "set:\n"
                              "  video.bitrate_kbps: enc::bitrate\n";

std::string problems(const std::string &text)
{
    auto file = parse_pipeline(text, "p.yaml");
    return file ? "" : file.error().message;
}

} // namespace

TEST(PipelineFile, IsReadWhole)
{
    auto file = parse_pipeline(kGood, "/x/p.yaml");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->path, "/x/p.yaml");
    EXPECT_EQ(file->name, "h264-x264");
    EXPECT_EQ(file->kind, "encoder");
    EXPECT_EQ(file->codec, "h264");
    EXPECT_EQ(file->rank, 10);
    EXPECT_EQ(file->launch, "x264enc name=enc !\nh264parse\n");
    EXPECT_EQ(file->set.at("video.bitrate_kbps"), "enc::bitrate");
}

TEST(PipelineFile, NeedsNoMoreThanNameKindAndLaunch)
{
    auto file = parse_pipeline("name: viewer\nkind: viewer\nlaunch: webrtcbin\n", "p.yaml");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->codec, "");
    EXPECT_EQ(file->rank, 0);
}

TEST(PipelineFile, NamesWhatIsMissing)
{
    EXPECT_EQ(problems("name: a\n"), "p.yaml:1: kind: is missing\np.yaml:1: launch: is missing");
    EXPECT_EQ(problems("name: a\nkind: input\nlaunch: b\noffers: {rank: 1}\n"),
              "p.yaml:4: offers.codec: is missing");
}

TEST(PipelineFile, NamesFileAndLineOfEachProblem)
{
    EXPECT_EQ(problems("name: [a]\n"
                       "kind: magic\n"
                       "launch: x\n"
                       "lanch: y\n"
                       "offers: {codec: h264, rank: high, speed: 1}\n"
                       "set: [a]\n"
                       "live: [video.fps]\n"),
              "p.yaml:1: name: must be text, not a list\n"
              "p.yaml:2: kind: must be capture, decoder, encoder, viewer, input, consumer, "
              "audio, virtual-audio, snapshot or recording, not \"magic\"\n"
              "p.yaml:4: lanch: unknown key\n"
              "p.yaml:5: offers.rank: must be 0..1000, not \"high\"\n"
              "p.yaml:5: offers.speed: unknown key\n"
              "p.yaml:6: set: must hold `config key: element::property` lines, not a list\n"
              "p.yaml:7: live: unknown key");
    EXPECT_EQ(problems("launch: x\nname: ''\nkind: input\n"),
              "p.yaml:2: name: must be text, not \"\"");
    EXPECT_NE(problems("{"), "");
}

TEST(PipelineFile, MaySetOnlyWhatASettingIsThereFor)
{
    const std::string said = problems("name: a\nkind: input\nlaunch: b\n"
                                      "set: {video.nosuch: z::silent, video.fps: z::fps}\n");
    EXPECT_EQ(said.rfind("p.yaml:4: set.video.nosuch: is no setting of pipelines: those are "
                         "audio.bitrate, ",
                         0),
              0u)
        << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    EXPECT_NE(problems("name: a\nkind: input\nlaunch: b\nset: {port.http: z::port}\n"), "");
}

TEST(PipelineFile, OffersACodecThatThereIs)
{
    for (const char *codec : {"banana", "H264", "''", "[h264]"})
        EXPECT_EQ(problems("name: a\nkind: encoder\nlaunch: b\noffers: {codec: " +
                           std::string{codec} + "}\n")
                      .rfind("p.yaml:4: offers.codec: must be h264, h265, jpeg, mjpeg, png, "
                             "opus, h264+opus, h265+opus, mp4 or mkv, not ",
                             0),
                  0u)
            << codec;
}

TEST(PipelineFile, KnowsTheLinesOfItsKeys)
{
    auto file = parse_pipeline(kGood, "p.yaml");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->place("launch"), "p.yaml:4: launch");
    EXPECT_EQ(file->place("offers.codec"), "p.yaml:3: offers.codec");
    EXPECT_EQ(file->place("set.video.bitrate_kbps"), "p.yaml:8: set.video.bitrate_kbps");
}

TEST(PipelineFile, SaysWhenThereIsNone)
{
    auto file = load_pipeline("/nonexistent.yaml");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, Kind::NotFound);
}
