// SPDX-License-Identifier: LGPL-2.1-or-later
/// What goes wrong in Sophgo's libraries or hardware ends in recovery, or in one clear error within
/// two seconds.
#include "plugins/venc/venc.h"
#include "tests/element/venc_cvi_fixture.h"
#include "tests/element/venc_faults.h"

using namespace panto::venc::test;
using panto::Ref;

namespace
{

using VencCviFaults = Faults<VencCvi>;

/// A folder that stands for a board's root.
class Board
{
public:
    explicit Board(std::initializer_list<const char *> nodes)
    {
        for (const char *node : nodes) {
            std::filesystem::create_directories((root_ / node).parent_path());
            std::ofstream{root_ / node};
        }
        variable_.emplace("VENC_DEVICE_ROOT", root_.string() + "/");
    }
    ~Board() { std::filesystem::remove_all(root_); }

private:
    const std::filesystem::path root_ =
        testing::TempDir() + "venc-board-" + std::to_string(getpid());
    std::optional<Variable> variable_;
};

} // namespace

TEST_F(VencCviFaults, AVersionThatWasNotTriedIsRefusedBeforeAnythingIsBegun)
{
    const Variable version{"CVI_STANDIN_VERSION", "CVI_V9.9"}, init{"CVI_STANDIN_INIT", "-1"};
    EXPECT_TRUE(is_one(refusal(), "Sophgo's library is of version \"CVI_V9.9\", which was not "
                                  "tried: a build that names it in -Dvenc-cvi-versions takes it"));
}

TEST_F(VencCviFaults, AVersionWithoutATextIsRefused)
{
    const Variable version{"CVI_STANDIN_VERSION", ""};
    EXPECT_TRUE(is_one(refusal(), "of version \"\", which was not tried"));
}

TEST_F(VencCviFaults, ASystemThatDoesNotBeginIsOneSentence)
{
    const Variable init{"CVI_STANDIN_INIT", "-1"};
    EXPECT_TRUE(is_one(refusal(), "the system of Sophgo's library does not begin: 0xFFFFFFFF"));
}

TEST_F(VencCviFaults, ADeviceThatIsNotThereIsNamed)
{
    const Board board{"dev/null"};
    EXPECT_TRUE(is_one(refusal(), "cannot open /dev/cvi_vc_enc0: No such file or directory; it is "
                                  "on Sophgo's boards with the vendor's kernel only"));
}

TEST_F(VencCviFaults, AutoTakesTheVendorWhoseDevicesAreThere)
{
    const Board board{"dev/cvi_vc_enc1"};
    EXPECT_EQ(pantograph_venc_rank(), GST_RANK_PRIMARY);
    make();
    set_text("backend", "auto");
    start();
    EXPECT_TRUE(encode());
    EXPECT_EQ(left()[CVI_STANDIN_CHANNELS], 1);
}

TEST_F(VencCviFaults, AChipWithoutTheCodecIsOneSentence)
{
    make("vench265enc");
    start();
    EXPECT_NE(push(Picture{width_, height_}), GST_FLOW_OK);
    EXPECT_TRUE(is_one(errors(), "no H.265 encoder in this hardware: 0xC0078007 (not supported)"));
}

TEST_F(VencCviFaults, AChannelThatIsTakenLeavesTheOthers)
{
    cvi_standin_take(0, true);
    cvi_standin_take(1, true);
    make();
    start();
    EXPECT_TRUE(encode());
    cvi_standin_take(0, false);
    cvi_standin_take(1, false);
}

TEST_F(VencCviFaults, WhenEveryChannelIsTakenItIsOneSentence)
{
    for (int n = 0; n < 16; ++n)
        cvi_standin_take(n, true);
    make();
    start();
    EXPECT_NE(push(Picture{width_, height_}), GST_FLOW_OK);
    EXPECT_TRUE(is_one(errors(), "every channel of the encoder is taken: 0xC0078004 (exists)"));
    for (int n = 0; n < 16; ++n)
        cvi_standin_take(n, false);
}

TEST_F(VencCviFaults, ABusyEncoderIsAskedAgain)
{
    const Variable busy{"CVI_STANDIN_BUSY_EVERY", "2"}, full{"CVI_STANDIN_FULL_EVERY", "3"};
    make();
    start();
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(encode()) << i;
    EXPECT_EQ(stat("failed"), 0u);
}

TEST_F(VencCviFaults, AnEncoderThatStaysBusyIsOpenedAnewOnceAndThenIsAnError)
{
    const Variable busy{"CVI_STANDIN_BUSY_EVERY", "1"};
    make();
    start();
    EXPECT_EQ(push_until_error(2), 0);
    EXPECT_EQ(stat("reopened"), 1u);
    EXPECT_TRUE(is_one(errors(), "the encoder takes no picture: 0xC0078012 (busy)"));
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencCviFaults, AStreamThatNeverComesIsEncodedByTheEncoderThatIsOpenedAnew)
{
    const Variable lose{"CVI_STANDIN_LOSE_EVERY", "4"};
    make();
    start();
    for (int i = 1; i <= 6; ++i) {
        const auto unit = encode();
        ASSERT_TRUE(unit) << i;
        EXPECT_EQ(unit->key, i == 1 || i == 4) << i;
    }
    EXPECT_EQ(stat("reopened"), 1u);
    EXPECT_EQ(errors(), "");
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencCviFaults, StreamsThatNeverComeAreAnErrorInTheEnd)
{
    const Variable lose{"CVI_STANDIN_LOSE_EVERY", "1"};
    make();
    start();
    EXPECT_EQ(push_until_error(2), 0);
    EXPECT_TRUE(is_one(errors(), "a picture was not encoded: 0xC0078012 (busy)"));
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencCviFaults, ALostPictureIsFollowedByAKeyFrame)
{
    const Variable fail{"CVI_STANDIN_FAIL_EVERY", "5"};
    make();
    start();
    for (int i = 1; i <= 20; ++i) {
        const auto unit = encode();
        EXPECT_EQ(bool(unit), i % 5 != 0) << i;
        if (unit) {
            EXPECT_EQ(unit->key, i % 5 == 1) << i;
        }
    }
    EXPECT_EQ(stat("failed"), 4u);
    EXPECT_EQ(errors(), "");
}

TEST_F(VencCviFaults, APictureThatTheRateControlLeavesOutIsNoError)
{
    const Variable drop{"CVI_STANDIN_DROP_EVERY", "4"};
    make();
    start();
    for (int i = 1; i <= 12; ++i)
        EXPECT_EQ(bool(encode()), i % 4 != 0) << i;
    EXPECT_EQ(stat("dropped"), 3u);
    EXPECT_EQ(stat("failed"), 0u);
}

TEST_F(VencCviFaults, AHangIsOneErrorAndNeverHoldsUpTheWayToNull)
{
    const Variable hang{"CVI_STANDIN_HANG_AT", "3"};
    make();
    start();
    EXPECT_EQ(push_until_error(5), 2);
    EXPECT_LT(ms(), 1500);
    EXPECT_TRUE(is_one(errors(), "the encoder hangs"));
    end();
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencCviFaults, AfterAHangItCanBeStartedAgain)
{
    {
        const Variable hang{"CVI_STANDIN_HANG_AT", "1"};
        make();
        start();
        EXPECT_EQ(push_until_error(2), 0);
    }
    restart();
    EXPECT_TRUE(encode()) << "in another channel than the one that hangs";
}

TEST_F(VencCviFaults, WithoutMemoryForPicturesItIsOneSentence)
{
    const Variable none{"CVI_STANDIN_ALLOC", "-1"};
    make();
    start();
    EXPECT_LT(push_until_error(10), 10);
    EXPECT_TRUE(is_one(errors(), "no memory for a picture: 0xFFFFFFFF"));
}

TEST_F(VencCviFaults, BoundsThatTheRateControlRefusesAreNoError)
{
    const Variable refuse{"CVI_STANDIN_NO_RC", "1"};
    make();
    set("qp-min", 20);
    start();
    EXPECT_TRUE(encode());
    EXPECT_EQ(errors(), "");
}
