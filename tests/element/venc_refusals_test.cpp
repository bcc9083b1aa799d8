// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the hardware encoders say where they cannot work.
#include "lib/base/owned.h"
#include "lib/gst/ref.h"
#include "plugins/venc/venc.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gst/gst.h>
#include <gtest/gtest.h>

using panto::Ref;
namespace fs = std::filesystem;

namespace
{

constexpr const char *kElements[] = {"vench264enc", "vench265enc", "vencjpegenc"};

/// A machine that has, or lacks, a library and devices.
class VencMachine : public testing::Test
{
protected:
    VencMachine()
    {
        char name[] = "/tmp/venc-XXXXXX";
        root_ = mkdtemp(name);
        library("refusing");
        setenv("VENC_DEVICE_ROOT", "", 1);
    }
    ~VencMachine() override
    {
        fs::remove_all(root_);
        unsetenv("VENC_MPP_LIBRARY");
        unsetenv("VENC_DEVICE_ROOT");
    }

    static void library(const std::string &variant)
    {
        const std::string path = std::string{std::getenv("VENC_FAKES")} + "/mpp_" + variant + ".so";
        setenv("VENC_MPP_LIBRARY", path.c_str(), 1);
    }

    void devices(std::initializer_list<const char *> nodes)
    {
        for (const char *node : nodes) {
            fs::create_directories((root_ / node).parent_path());
            std::ofstream{root_ / node};
        }
        setenv("VENC_DEVICE_ROOT", (root_.string() + "/").c_str(), 1);
    }

    fs::path root_;
};

class VencRefusals : public VencMachine, public testing::WithParamInterface<const char *>
{
protected:
    /// All that it says, each in one line, while it is to become ready.
    std::string refusal(const char *backend = "auto")
    {
        const auto e = Ref<GstElement>::sink(gst_element_factory_make(GetParam(), nullptr));
        gst_util_set_object_arg(G_OBJECT(e.get()), "backend", backend);
        const auto bus = Ref<GstBus>::adopt(gst_bus_new());
        gst_element_set_bus(e.get(), bus.get());
        EXPECT_EQ(gst_element_set_state(e.get(), GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
        std::string said;
        while (const auto m =
                   Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR))) {
            GError *error = nullptr;
            gst_message_parse_error(m.get(), &error, nullptr);
            said += std::string{error->message} + "\n";
            g_error_free(error);
        }
        gst_element_set_bus(e.get(), nullptr);
        EXPECT_EQ(gst_element_set_state(e.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
        EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
        return said;
    }
};

} // namespace

TEST_P(VencRefusals, NamesTheLibraryThatIsNotThere)
{
    setenv("VENC_MPP_LIBRARY", "librockchip_mpp_of_no_board.so.1", 1);
    EXPECT_EQ(refusal(),
              "Rockchip's encoder library cannot be loaded: "
              "librockchip_mpp_of_no_board.so.1: cannot open shared object file: No such "
              "file or directory\n");
}

TEST_P(VencRefusals, NamesTheFunctionThatALibraryLacks)
{
    library("lacking");
    EXPECT_EQ(refusal(), std::string{std::getenv("VENC_MPP_LIBRARY")} +
                             " is too old or not Rockchip's: it lacks mpp_packet_get_pts\n");
}

TEST_P(VencRefusals, NamesTheLibraryWhoseTableIsOlderThanItKnows)
{
    library("old_table");
    EXPECT_EQ(refusal(), std::string{std::getenv("VENC_MPP_LIBRARY")} +
                             " is too old: its table has 176 bytes, not 184\n");
}

TEST_P(VencRefusals, SaysThatTheHardwareHasNoSuchEncoder)
{
    const std::string said = refusal();
    EXPECT_TRUE(said.starts_with("no ")) << said;
    EXPECT_NE(said.find("encoder in this hardware: "), std::string::npos) << said;
    EXPECT_NE(said.find(" says -1"), std::string::npos) << said;
}

TEST_P(VencRefusals, NamesTheDeviceThatIsNotThere)
{
    devices({"dev/null"});
    EXPECT_EQ(refusal(), "cannot open /dev/mpp_service: No such file or directory; it is on "
                         "Rockchip's boards with the vendor's kernel only\n");
}

TEST_P(VencRefusals, NamesTheMemoryThatIsNotThere)
{
    devices({"dev/mpp-service"});
    EXPECT_EQ(refusal(),
              "no memory for the encoder: cannot open /dev/dma_heap/system: No such file "
              "or directory\n");
}

TEST_P(VencRefusals, SaysThatTheBuildHasNoOtherVendorsEncoder)
{
    EXPECT_EQ(refusal("cvi"), "this build has no encoder for Sophgo's chips: it needs the vendor's "
                              "kit\n");
}

TEST_P(VencRefusals, AsksTheLibraryOnceTheDevicesAreThere)
{
    devices({"dev/mpp_service", "dev/dri/card0"});
    EXPECT_NE(refusal().find("encoder in this hardware: "), std::string::npos);
}

TEST_F(VencMachine, GivesARankOnlyWhereTheElementsCanWork)
{
    devices({"dev/mpp_service"});
    EXPECT_EQ(pantograph_venc_rank(), GST_RANK_NONE) << "there is no memory";
    devices({"dev/dma_heap/system"});
    EXPECT_EQ(pantograph_venc_rank(), GST_RANK_PRIMARY);
    library("lacking");
    EXPECT_EQ(pantograph_venc_rank(), GST_RANK_NONE);
}

INSTANTIATE_TEST_SUITE_P(Venc, VencRefusals, testing::ValuesIn(kElements));
