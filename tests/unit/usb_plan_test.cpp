// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/plan.h"

#include <gtest/gtest.h>
#include <regex>

using namespace panto::usb;

namespace
{

const Identity kIdentity{"0011223344556677", "48:da:35:6e:00:11", "48:da:35:6d:00:11"};

Plan normal()
{
    return plan({}, kIdentity, {2});
}

std::vector<std::string> names(const Plan &plan)
{
    std::vector<std::string> out;
    for (const Function &f : plan.functions)
        out.push_back(f.name);
    return out;
}

std::string value(const std::vector<Attribute> &attributes, const std::string &path)
{
    for (const Attribute &a : attributes)
        if (a.path == path)
            return a.value;
    return "none";
}

std::string value(const Plan &plan, const std::string &function, const std::string &path)
{
    const Function *f = plan.find(function);
    return f ? value(f->attributes, path) : "no function";
}

std::string hex(const std::string &bytes)
{
    std::string out;
    for (const unsigned char c : bytes) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%s%02X", out.empty() ? "" : " ", c);
        out += digits;
    }
    return out;
}

std::string descriptor(const Plan &plan, const std::string &function)
{
    return hex(value(plan, function, "report_desc"));
}

// Source: the NanoKVM's gadget; the relative mouse with five buttons where that one has three
constexpr char kKeyboard[] =
    "05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 03 95 05 75 "
    "01 05 08 19 01 29 05 91 02 95 01 75 03 91 03 95 06 75 08 15 00 25 E7 05 07 19 00 29 E7 81 00 "
    "C0";
constexpr char kRelative[] =
    "05 01 09 02 A1 01 09 01 A1 00 05 09 19 01 29 05 15 00 25 01 95 05 75 01 81 02 95 01 75 03 81 "
    "03 05 01 09 30 09 31 09 38 15 81 25 7F 75 08 95 03 81 06 C0 C0";
constexpr char kAbsolute[] =
    "05 01 09 02 A1 01 09 01 A1 00 05 09 19 01 29 05 15 00 25 01 95 05 75 01 81 02 95 01 75 03 81 "
    "01 05 01 09 30 09 31 15 00 26 FF 7F 35 00 46 FF 7F 75 10 95 02 81 02 05 01 09 38 15 81 25 7F "
    "35 00 45 00 75 08 95 01 81 06 C0 C0";

std::string replaced(std::string text, const char *what, const char *with)
{
    return std::regex_replace(text, std::regex{what}, with);
}

} // namespace

TEST(UsbPlan, NormalIsTheDeviceThatHostsKnow)
{
    const Plan p = normal();
    EXPECT_EQ(value(p.device, "idVendor"), "0x3346");
    EXPECT_EQ(value(p.device, "idProduct"), "0x1009");
    EXPECT_EQ(value(p.device, "bDeviceClass"), "0xEF");
    EXPECT_EQ(value(p.device, "bDeviceSubClass"), "0x02");
    EXPECT_EQ(value(p.device, "bDeviceProtocol"), "0x01");
    EXPECT_EQ(value(p.device, "bcdDevice"), "0x0510");
    EXPECT_EQ(value(p.configuration, "bmAttributes"), "0xE0");
    EXPECT_EQ(value(p.configuration, "MaxPower"), "120");
    EXPECT_EQ(value(p.strings, "manufacturer"), "sipeed");
    EXPECT_EQ(value(p.strings, "product"), "NanoKVM");
    EXPECT_EQ(value(p.strings, "serialnumber"), kIdentity.serial);
}

TEST(UsbPlan, NormalHasKeyboardPointersAndDrivesInThisOrder)
{
    EXPECT_EQ(names(normal()),
              (std::vector<std::string>{"hid.GS0", "hid.GS1", "hid.GS2", "mass_storage.disk0"}));
}

TEST(UsbPlan, NormalsReportDescriptorsAreTheKnownOnesByteByByte)
{
    EXPECT_EQ(descriptor(normal(), "hid.GS0"), kKeyboard);
    EXPECT_EQ(descriptor(normal(), "hid.GS1"), kRelative);
    EXPECT_EQ(descriptor(normal(), "hid.GS2"), kAbsolute);
}

TEST(UsbPlan, HidOnlysDescriptorsDifferFromNormalsAsKnown)
{
    const Plan p = plan({Profile::HidOnly, Network::Off}, kIdentity, {2});
    EXPECT_EQ(descriptor(p, "hid.GS0"),
              replaced(kKeyboard, "25 E7 05 07 19 00 29 E7", "25 65 05 07 19 00 29 65"));
    EXPECT_EQ(descriptor(p, "hid.GS2"),
              replaced(kAbsolute, "29 05 15 00 25 01 95 05 75 01 81 02 95 01 75 03",
                       "29 03 15 00 25 01 95 03 75 01 81 02 95 01 75 05"));
}

TEST(UsbPlan, HidOnlyIsAPlainDeviceWithoutASerial)
{
    const Plan p = plan({Profile::HidOnly, Network::Off}, kIdentity, {2});
    EXPECT_EQ(names(p), (std::vector<std::string>{"hid.GS0", "hid.GS1", "hid.GS2"}));
    EXPECT_EQ(value(p.device, "bDeviceClass"), "0x00");
    EXPECT_EQ(value(p.device, "bcdUSB"), "0x0101");
    EXPECT_EQ(value(p.device, "bcdDevice"), "0x0623");
    EXPECT_EQ(value(p.configuration, "bmAttributes"), "0xA0");
    EXPECT_EQ(value(p.configuration, "MaxPower"), "200");
    EXPECT_EQ(value(p.strings, "serialnumber"), "none");
    for (const char *function : {"hid.GS0", "hid.GS1", "hid.GS2"})
        EXPECT_EQ(value(p, function, "subclass"), "1") << function;
}

TEST(UsbPlan, BootOnlyIsABootKeyboardAndABootMouse)
{
    const Plan p = plan({Profile::BootOnly, Network::Off}, kIdentity, {2});
    EXPECT_EQ(names(p), (std::vector<std::string>{"hid.GS0", "hid.GS1"}));
    EXPECT_EQ(value(p, "hid.GS0", "subclass"), "1");
    EXPECT_EQ(value(p, "hid.GS0", "protocol"), "1");
    EXPECT_EQ(value(p, "hid.GS1", "subclass"), "1");
    EXPECT_EQ(value(p, "hid.GS1", "protocol"), "2");
}

TEST(UsbPlan, NoStorageIsNormalWithoutTheDrives)
{
    const Plan p = plan({Profile::NoStorage, Network::Off}, kIdentity, {2});
    EXPECT_EQ(names(p), (std::vector<std::string>{"hid.GS0", "hid.GS1", "hid.GS2"}));
    EXPECT_EQ(value(p.device, "bDeviceClass"), "0xEF");
    EXPECT_EQ(value(p.strings, "serialnumber"), kIdentity.serial);
}

TEST(UsbPlan, ConsumerKeysAreOneDeviceMoreBehindAllThatHostsKnow)
{
    const Plan p = plan({}, kIdentity, {1, true});
    EXPECT_EQ(names(p), (std::vector<std::string>{"hid.GS0", "hid.GS1", "hid.GS2", kStorageFunction,
                                                  "hid.GS3"}));
    EXPECT_EQ(descriptor(p, "hid.GS3"),
              "05 0C 09 01 A1 01 15 00 26 FF 03 19 00 2A FF 03 75 10 95 01 81 00 C0");
    EXPECT_EQ(value(p, "hid.GS3", "report_length"), "2");
    EXPECT_EQ(value(p, "hid.GS3", "subclass"), "0");
    for (const char *same : {"hid.GS0", "hid.GS1", "hid.GS2"})
        EXPECT_EQ(descriptor(p, same), descriptor(normal(), same)) << same;
}

TEST(UsbPlan, PlainProfilesHaveNoConsumerKeys)
{
    for (const Profile profile : {Profile::HidOnly, Profile::BootOnly})
        EXPECT_FALSE(plan({profile, Network::Off}, kIdentity, {1, true}).find("hid.GS3"));
    EXPECT_TRUE(plan({Profile::NoStorage, Network::Off}, kIdentity, {1, true}).find("hid.GS3"));
}

TEST(UsbPlan, KeyboardsAreBootKeyboardsInEveryProfile)
{
    for (const Profile profile :
         {Profile::Normal, Profile::HidOnly, Profile::BootOnly, Profile::NoStorage}) {
        const Plan p = plan({profile, Network::Off}, kIdentity, {1});
        EXPECT_EQ(value(p, "hid.GS0", "subclass"), "1") << name_of(profile);
        EXPECT_EQ(value(p, "hid.GS0", "protocol"), "1") << name_of(profile);
        EXPECT_EQ(value(p, "hid.GS0", "report_length"), "8") << name_of(profile);
    }
}

TEST(UsbPlan, PointersTakeNoOutEndpointSinceControllersHaveFew)
{
    EXPECT_EQ(value(normal(), "hid.GS0", "no_out_endpoint"), "0") << "it has LEDs";
    EXPECT_EQ(value(normal(), "hid.GS1", "no_out_endpoint"), "1");
    EXPECT_EQ(value(normal(), "hid.GS2", "no_out_endpoint"), "1");
}

TEST(UsbPlan, OneStorageFunctionHoldsAllDrives)
{
    const Plan p = plan({}, kIdentity, {3});
    const Function *storage = p.find(kStorageFunction);
    ASSERT_TRUE(storage);
    EXPECT_EQ(storage->folders, (std::vector<std::string>{"lun.1", "lun.2"}));
    for (const char *lun : {"lun.0", "lun.1", "lun.2"}) {
        EXPECT_EQ(value(storage->attributes, std::string{lun} + "/removable"), "1");
        EXPECT_EQ(value(storage->attributes, std::string{lun} + "/inquiry_string"),
                  "NanoKVM USB Mass Storage0520");
    }
    EXPECT_EQ(value(storage->attributes, "lun.0/file"), "none")
        << "what is in a drive is not the gadget's business";
}

TEST(UsbPlan, TheNetworkCardComesFirstAndTellsWindowsItsDriver)
{
    const Plan ncm = plan({Profile::Normal, Network::Ncm}, kIdentity, {1});
    EXPECT_EQ(names(ncm).front(), "ncm.usb0");
    EXPECT_EQ(value(ncm, "ncm.usb0", "dev_addr"), kIdentity.device_mac);
    EXPECT_EQ(value(ncm, "ncm.usb0", "host_addr"), kIdentity.host_mac);
    EXPECT_EQ(value(ncm, "ncm.usb0", "os_desc/interface.ncm/compatible_id"), "WINNCM");
    EXPECT_EQ(value(ncm.device, "os_desc/b_vendor_code"), "0xcd");
    EXPECT_EQ(value(ncm.device, "os_desc/qw_sign"), "MSFT100");
    EXPECT_TRUE(ncm.os_descriptors);

    const Plan rndis = plan({Profile::NoStorage, Network::Rndis}, kIdentity, {1});
    EXPECT_EQ(names(rndis).front(), "rndis.usb0");
    EXPECT_EQ(value(rndis, "rndis.usb0", "class"), "e0");
    EXPECT_EQ(value(rndis, "rndis.usb0", "subclass"), "01");
    EXPECT_EQ(value(rndis, "rndis.usb0", "protocol"), "03");
    EXPECT_EQ(value(rndis, "rndis.usb0", "os_desc/interface.rndis/compatible_id"), "RNDIS");
    EXPECT_EQ(value(rndis, "rndis.usb0", "os_desc/interface.rndis/sub_compatible_id"), "5162001");
}

TEST(UsbPlan, PlainProfilesHaveNoNetwork)
{
    for (const Profile profile : {Profile::HidOnly, Profile::BootOnly}) {
        const Plan p = plan({profile, Network::Ncm}, kIdentity, {1});
        EXPECT_EQ(p.find("ncm.usb0"), nullptr) << name_of(profile);
        EXPECT_FALSE(p.os_descriptors);
    }
}

TEST(UsbShape, NamesAreFoundAgain)
{
    for (const char *name : {"normal", "hid-only", "boot-only", "no-storage"})
        EXPECT_STREQ(name_of(find_profile(name).value()), name);
    for (const char *name : {"off", "ncm", "rndis"})
        EXPECT_STREQ(name_of(find_network(name).value()), name);
    EXPECT_FALSE(find_profile("bios"));
    EXPECT_FALSE(find_network(""));
}

TEST(UsbShape, TheIdentityFollowsFromTheDevicesKeyAlone)
{
    const Identity one = identity_of("key one"), again = identity_of("key one"),
                   two = identity_of("key two");
    EXPECT_EQ(one.serial, again.serial);
    EXPECT_EQ(one.device_mac, again.device_mac);
    EXPECT_NE(one.serial, two.serial);
    EXPECT_NE(one.host_mac, two.host_mac);
    EXPECT_TRUE(std::regex_match(one.serial, std::regex{"[0-9A-F]{16}"})) << one.serial;
    EXPECT_TRUE(std::regex_match(one.device_mac, std::regex{"48:da:35:6e(:[0-9a-f]{2}){2}"}));
    EXPECT_TRUE(std::regex_match(one.host_mac, std::regex{"48:da:35:6d(:[0-9a-f]{2}){2}"}));
}
