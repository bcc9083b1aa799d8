// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/sound.h"
#include "daemon/media/sound_card.h"
#include "tests/unit/temp_dir.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::media;

namespace
{

namespace fs = std::filesystem;

/// A /sys with devices, and links to them as the kernel makes them.
class Sys : public TempDir
{
public:
    /// A function of a device: "usb1/1-4/1-4:1.0".
    void device(const std::string &function) const
    {
        fs::create_directories(path + "/devices/" + function);
    }
    /// A USB device around its interfaces.
    void usb(const std::string &whole) const { write("devices/" + whole + "/idVendor", "534d\n"); }
    void video(const std::string &node, const std::string &function) const
    {
        link("video4linux/" + node, function);
    }
    /// A card with an id, and the PCM devices it has: {"pcmC1D0c"}.
    void card(const std::string &name, const std::string &id, const std::string &function,
              const std::vector<std::string> &pcms) const
    {
        link("sound/" + name, function);
        write("class/sound/" + name + "/id", id + "\n");
        for (const auto &pcm : pcms)
            fs::create_directories(path + "/class/sound/" + name + "/" + pcm);
    }
    std::string of(const std::string &node) const { return sound_card_of("/dev/" + node, path); }

private:
    void link(const std::string &what, const std::string &function) const
    {
        device(function);
        fs::create_directories(path + "/class/" + what);
        fs::create_symlink(path + "/devices/" + function, path + "/class/" + what + "/device");
    }
};

} // namespace

TEST(SoundCard, IsTheOneOnTheSameUsbDevice)
{
    const Sys sys;
    sys.usb("usb1/1-3");
    sys.usb("usb1/1-4");
    sys.video("video7", "usb1/1-4/1-4:1.0");
    sys.card("card0", "PCH", "pci0000:00/0000:00:1f.3", {"pcmC0D0c", "pcmC0D0p"});
    sys.card("card1", "Webcam", "usb1/1-3/1-3:1.2", {"pcmC1D0c"});
    sys.card("card2", "MS2109", "usb1/1-4/1-4:1.2", {"pcmC2D0c"});
    EXPECT_EQ(sys.of("video7"), "hw:CARD=MS2109,DEV=0");
}

TEST(SoundCard, IsTheOneInTheSamePciSlot)
{
    const Sys sys;
    sys.video("video0", "pci0000:00/0000:03:00.0");
    sys.card("card0", "Other", "pci0000:00/0000:04:00.1", {"pcmC0D0c"});
    sys.card("card1", "HdmiIn", "pci0000:00/0000:03:00.1", {"pcmC1D2c"});
    EXPECT_EQ(sys.of("video0"), "hw:CARD=HdmiIn,DEV=2");
}

TEST(SoundCard, IsNoneThatOnlyPlays)
{
    const Sys sys;
    sys.usb("usb1/1-4");
    sys.video("video0", "usb1/1-4/1-4:1.0");
    sys.card("card0", "Speaker", "usb1/1-4/1-4:1.2", {"pcmC0D0p"});
    EXPECT_EQ(sys.of("video0"), "");
}

TEST(SoundCard, IsNoneOfAnotherDevice)
{
    const Sys sys;
    sys.video("video0", "platform/vivid.0");
    sys.card("card0", "Loopback", "platform/snd_aloop.0", {"pcmC0D0c"});
    EXPECT_EQ(sys.of("video0"), "");
}

TEST(SoundCard, IsNoneWhereThereIsNoVideoOrNoSound)
{
    const Sys sys;
    EXPECT_EQ(sys.of("video0"), "");
    sys.video("video0", "platform/vivid.0");
    EXPECT_EQ(sys.of("video0"), "");
}

TEST(Sound, NamesEachTroubleWithItsCure)
{
    const auto why = [](int code, bool heard) {
        const Hearing h = explain({Kind::Unavailable, "what alsasrc said", code}, "hw:1", heard);
        EXPECT_FALSE(h.reason.empty() || h.cure.empty()) << h.state;
        return h.state;
    };
    EXPECT_EQ(why(GST_RESOURCE_ERROR_BUSY, false), "busy");
    EXPECT_EQ(why(GST_RESOURCE_ERROR_OPEN_READ, false), "no-device");
    EXPECT_EQ(why(GST_RESOURCE_ERROR_OPEN_READ, true), "device-lost");
    EXPECT_EQ(why(GST_RESOURCE_ERROR_READ, true), "device-lost");
    EXPECT_EQ(why(GST_RESOURCE_ERROR_SETTINGS, true), "failed");
}

namespace
{

Hearing hearing_with(const std::string &device, const std::string &video, bool installed = true)
{
    config::Config config;
    config.audio.device = device;
    config.video.device = video;
    Result<config::PipelineFile> file{config::PipelineFile{}};
    if (!installed)
        file = Error{Kind::Unavailable, "not installed: alsasrc"};
    Sound sound{config, file, {}};
    EXPECT_EQ(sound.offered(), sound.hearing().state == "idle");
    return sound.hearing();
}

} // namespace

TEST(Sound, IsOfferedWhenADeviceIsNamedThoughNobodyListensYet)
{
    EXPECT_EQ(hearing_with("hw:CARD=Loopback,DEV=1", "virtual").state, "idle");
    EXPECT_EQ(hearing_with("virtual", "virtual").state, "idle");
}

TEST(Sound, IsOffByDefaultWhereThereIsNoDevice)
{
    EXPECT_EQ(hearing_with("auto", "virtual").state, "off");
    EXPECT_EQ(hearing_with("auto", "/dev/no-such-video").reason,
              "no sound card belongs to /dev/no-such-video");
}

TEST(Sound, IsOffWhereItIsNotWanted)
{
    EXPECT_EQ(hearing_with("off", "/dev/video0").state, "off");
}

TEST(Sound, FailsWithACureWhereTheElementIsNotInstalled)
{
    const Hearing hearing = hearing_with("hw:0", "/dev/video0", false);
    EXPECT_EQ(hearing.state, "failed");
    EXPECT_EQ(hearing.reason, "not installed: alsasrc");
    EXPECT_EQ(hearing.cure, "install gstreamer1.0-alsa");
}
