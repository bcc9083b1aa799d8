// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/fields.h"

#include <gtest/gtest.h>
#include <string>

using namespace panto;
using namespace panto::kvm;

namespace
{

constexpr unsigned kWidth = 4, kHeight = 8;

/// One buffer of a driver; each row is filled with one letter, the planes in their order.
struct Memory {
    std::vector<uint8_t> bytes;
    Memory(const GstVideoInfo &info, const std::string &rows) : bytes(info.size, uint8_t('~'))
    {
        size_t row = 0;
        for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane)
            for (gint y = 0; y < GST_VIDEO_INFO_COMP_HEIGHT(&info, plane); ++y)
                std::fill_n(bytes.begin() + long(info.offset[plane]) + y * info.stride[plane],
                            GST_VIDEO_INFO_COMP_WIDTH(&info, plane) *
                                GST_VIDEO_INFO_COMP_PSTRIDE(&info, plane),
                            uint8_t(rows.at(row++)));
    }
    Queue::Frame frame(v4l2_field field, uint32_t sequence)
    {
        return {Queue::Lease{nullptr, 0}, bytes, bytes.size(), -1, {}, false, field, sequence};
    }
};

GstVideoInfo layout(GstVideoFormat format, unsigned height, int padding = 0)
{
    GstVideoInfo info;
    gst_video_info_set_format(&info, format, kWidth, height);
    info.stride[0] += padding;
    if (GST_VIDEO_INFO_N_PLANES(&info) == 1)
        info.size = gsize(info.stride[0]) * height;
    return info;
}

/// The first letter of each row.
std::string rows_of(const Ref<GstBuffer> &picture, const GstVideoInfo &info)
{
    if (!picture)
        return "none";
    GstMapInfo map;
    g_assert(gst_buffer_map(picture.get(), &map, GST_MAP_READ));
    std::string rows;
    for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane)
        for (gint y = 0; y < GST_VIDEO_INFO_COMP_HEIGHT(&info, plane); ++y)
            rows += char(map.data[info.offset[plane] + gsize(y) * gsize(info.stride[plane])]);
    gst_buffer_unmap(picture.get(), &map);
    return rows;
}

/// A weaver of fields that come one by one, and what becomes of them.
class Fields : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
    void SetUp() override { weaver.set_format(picture, driver, V4L2_FIELD_ALTERNATE); }
    std::string top(const std::string &rows, uint32_t sequence)
    {
        return rows_of(weaver.add(Memory{driver, rows}.frame(V4L2_FIELD_TOP, sequence)), picture);
    }
    std::string bottom(const std::string &rows, uint32_t sequence)
    {
        return rows_of(weaver.add(Memory{driver, rows}.frame(V4L2_FIELD_BOTTOM, sequence)),
                       picture);
    }
    std::string whole(v4l2_field field, const GstVideoInfo &of_driver, const std::string &rows)
    {
        weaver.set_format(picture, of_driver, field);
        return rows_of(weaver.add(Memory{of_driver, rows}.frame(field, 0)), picture);
    }

    GstVideoInfo picture = layout(GST_VIDEO_FORMAT_YUY2, kHeight);
    GstVideoInfo driver = layout(GST_VIDEO_FORMAT_YUY2, kHeight / 2, 12);
    Weaver weaver;
};

} // namespace

TEST_F(Fields, AreWovenIntoAPictureOfFullHeight)
{
    EXPECT_EQ(top("aceg", 0), "none");
    EXPECT_EQ(bottom("bdfh", 0), "abcdefgh");
    EXPECT_EQ(top("iyiy", 1), "none");
    EXPECT_EQ(bottom("xzxz", 1), "ixyzixyz");
}

TEST_F(Fields, MayBeginWithTheBottomOne)
{
    EXPECT_EQ(bottom("bdfh", 0), "none");
    EXPECT_EQ(top("aceg", 0), "abcdefgh");
}

TEST_F(Fields, OfWhichOneWasLostArePairedAnew)
{
    EXPECT_EQ(bottom("bdfh", 0), "none");
    EXPECT_EQ(bottom("BDFH", 1), "none") << "the top field between them was lost";
    EXPECT_EQ(top("aceg", 1), "aBcDeFgH");
    EXPECT_EQ(top("ACEG", 2), "none");
    EXPECT_EQ(bottom("bdfh", 3), "AbCdEfGh") << "the next one, whatever picture it began";
}

TEST_F(Fields, ThatAreFarApartMakeNoPicture)
{
    EXPECT_EQ(bottom("bdfh", 0), "none");
    EXPECT_EQ(top("aceg", 5), "none");
    EXPECT_EQ(bottom("BDFH", 5), "aBcDeFgH");
    EXPECT_EQ(top("aceg", 6), "none");
    EXPECT_EQ(bottom("bdfh", 0), "none") << "the driver counts anew";
}

TEST_F(Fields, OfAnotherStreamAreForgotten)
{
    EXPECT_EQ(top("aceg", 0), "none");
    weaver.set_format(picture, driver, V4L2_FIELD_ALTERNATE);
    EXPECT_EQ(bottom("bdfh", 0), "none");
}

TEST_F(Fields, ThatComeInOneBufferAreWovenToo)
{
    const auto both = layout(GST_VIDEO_FORMAT_YUY2, kHeight, 12);
    EXPECT_EQ(whole(V4L2_FIELD_SEQ_TB, both, "acegbdfh"), "abcdefgh");
    EXPECT_EQ(whole(V4L2_FIELD_SEQ_BT, both, "bdfhaceg"), "abcdefgh");
}

TEST_F(Fields, OfOneKindOnlyStandForTheOthers)
{
    EXPECT_EQ(whole(V4L2_FIELD_TOP, driver, "aceg"), "aacceegg");
    EXPECT_EQ(whole(V4L2_FIELD_BOTTOM, driver, "bdfh"), "bbddffhh");
}

TEST_F(Fields, AreWovenInEachPlane)
{
    picture = layout(GST_VIDEO_FORMAT_I420, kHeight);
    driver = layout(GST_VIDEO_FORMAT_I420, kHeight / 2);
    weaver.set_format(picture, driver, V4L2_FIELD_ALTERNATE);
    EXPECT_EQ(top("aceg"
                  "UW"
                  "uw",
                  0),
              "none");
    EXPECT_EQ(bottom("bdfh"
                     "VX"
                     "vx",
                     0),
              "abcdefgh"
              "UVWX"
              "uvwx");
}

TEST_F(Fields, OfAnOddNumberOfChromaRowsStayInsideThePicture)
{
    picture = layout(GST_VIDEO_FORMAT_I420, 6);
    driver = layout(GST_VIDEO_FORMAT_I420, 3); // two chroma rows each, and the picture has three
    weaver.set_format(picture, driver, V4L2_FIELD_ALTERNATE);
    EXPECT_EQ(top("ace"
                  "UW"
                  "uw",
                  0),
              "none");
    EXPECT_EQ(bottom("bdf"
                     "VX"
                     "vx",
                     0),
              "abcdef"
              "UVW"
              "uvw");
}

TEST_F(Fields, AreToldApartByHowTheyLieInMemory)
{
    for (const auto field : {V4L2_FIELD_NONE, V4L2_FIELD_INTERLACED, V4L2_FIELD_INTERLACED_TB,
                             V4L2_FIELD_INTERLACED_BT}) {
        EXPECT_TRUE(in_order(field)) << field;
        EXPECT_FALSE(in_halves(field)) << field;
    }
    for (const auto field : {V4L2_FIELD_SEQ_TB, V4L2_FIELD_SEQ_BT}) {
        EXPECT_FALSE(in_order(field)) << field;
        EXPECT_FALSE(in_halves(field)) << field;
    }
    for (const auto field : {V4L2_FIELD_TOP, V4L2_FIELD_BOTTOM, V4L2_FIELD_ALTERNATE}) {
        EXPECT_FALSE(in_order(field)) << field;
        EXPECT_TRUE(in_halves(field)) << field;
    }
}
