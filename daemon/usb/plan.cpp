// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/plan.h"

#include "daemon/usb/descriptors.h"

namespace panto::usb
{

namespace
{

enum class Pointer { Relative, Absolute };

/// Kernels older than 5.16 have no no_out_endpoint, only the NanoKVM's own has wakeup_on_write.
Function hid(const std::string &name, unsigned boot_protocol, bool boot, unsigned report_length,
             std::string descriptor, bool out_endpoint)
{
    return {name,
            {},
            {
                {"subclass", boot ? "1" : "0"},
                {"protocol", boot ? std::to_string(boot_protocol) : "0"},
                {"report_length", std::to_string(report_length)},
                {"report_desc", std::move(descriptor)},
                {"no_out_endpoint", out_endpoint ? "0" : "1", true},
                {"wakeup_on_write", "1", true},
            }};
}

constexpr unsigned kBootKeyboard = 1, kBootMouse = 2; // Source: HID 1.11, 4.3

void add_input(Plan &plan, Profile profile)
{
    const bool plain = profile == Profile::HidOnly || profile == Profile::BootOnly;
    plan.functions.push_back(
        hid("hid.GS0", kBootKeyboard, true, 8, keyboard_descriptor(plain ? 0x65 : 0xe7), true));
    plan.functions.push_back(hid("hid.GS1", kBootMouse, true, 4, relative_descriptor(), false));
    if (profile != Profile::BootOnly)
        plan.functions.push_back(hid("hid.GS2", kBootMouse, profile == Profile::HidOnly, 6,
                                     absolute_descriptor(plain ? 3 : 5), false));
}

void add_storage(Plan &plan, unsigned luns)
{
    // What is in a drive, and as what, is the storage's business.
    Function storage{kStorageFunction, {}, {}};
    for (unsigned n = 0; n < luns; ++n) {
        const std::string lun = "lun." + std::to_string(n);
        if (n > 0) // the kernel makes the first
            storage.folders.push_back(lun);
        storage.attributes.push_back({lun + "/removable", "1"});
        storage.attributes.push_back({lun + "/inquiry_string", "NanoKVM USB Mass Storage0520"});
    }
    plan.functions.push_back(storage);
}

void add_network(Plan &plan, Network network, const Identity &identity)
{
    Function card{network == Network::Ncm ? "ncm.usb0" : "rndis.usb0",
                  {},
                  {{"dev_addr", identity.device_mac}, {"host_addr", identity.host_mac}}};
    if (network == Network::Ncm) {
        card.attributes.push_back({"os_desc/interface.ncm/compatible_id", "WINNCM"});
    } else {
        card.attributes.push_back({"class", "e0"});
        card.attributes.push_back({"subclass", "01"});
        card.attributes.push_back({"protocol", "03"});
        card.attributes.push_back({"os_desc/interface.rndis/compatible_id", "RNDIS"});
        card.attributes.push_back({"os_desc/interface.rndis/sub_compatible_id", "5162001"});
    }
    plan.functions.push_back(card);
    plan.os_descriptors = true;
}

} // namespace

const Function *Plan::find(const std::string &name) const
{
    for (const Function &f : functions)
        if (f.name == name)
            return &f;
    return nullptr;
}

Plan plan(const Shape &shape, const Identity &identity, const Extent &extent)
{
    const bool composite = shape.may_have_network();
    Plan plan;
    plan.device = {
        {"idVendor", "0x3346"},
        {"idProduct", "0x1009"},
        {"bcdUSB", composite ? "0x0200" : "0x0101"},
        {"bcdDevice", composite ? "0x0510" : "0x0623"},
        {"bDeviceClass", composite ? "0xEF" : "0x00"},
        {"bDeviceSubClass", composite ? "0x02" : "0x00"},
        {"bDeviceProtocol", composite ? "0x01" : "0x00"},
    };
    plan.strings = {{"manufacturer", "sipeed"}, {"product", "NanoKVM"}};
    if (composite)
        plan.strings.push_back({"serialnumber", identity.serial});
    plan.configuration = {
        {"bmAttributes", composite ? "0xE0" : "0xA0"}, // remote wakeup; composite: self-powered
        {"MaxPower", composite ? "120" : "200"},
    };
    if (shape.has_network())
        add_network(plan, shape.network, identity);
    add_input(plan, shape.profile);
    if (shape.has_storage())
        add_storage(plan, extent.luns);
    if (extent.consumer_keys && composite) // last: all others are then where hosts know them
        plan.functions.push_back(hid("hid.GS3", 0, false, 2, consumer_descriptor(), false));
    plan.device.push_back({"os_desc/use", plan.os_descriptors ? "1" : "0"});
    plan.device.push_back({"os_desc/b_vendor_code", "0xcd"});
    plan.device.push_back({"os_desc/qw_sign", "MSFT100"});
    return plan;
}

} // namespace panto::usb
