// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/usb/shape.h"

#include <string>
#include <vector>

namespace panto::usb
{

/// One file of configfs and what is written into it.
struct Attribute {
    std::string path; ///< below the folder that it belongs to
    std::string value;
    bool optional = false; ///< left out where the kernel has no such file
};

/// One function of the gadget: a keyboard, a disk, a network card.
struct Function {
    std::string name; ///< its folder, "hid.GS0": the part before the dot is the kernel's driver
    std::vector<std::string> folders; ///< to be made in it
    std::vector<Attribute> attributes;
};

/// Plan: all that configfs is to hold for a shape. Made without touching anything.
///
/// Source   Linux Documentation/ABI/testing/configfs-usb-gadget*; the NanoKVM's gadget, whose
///          descriptors hosts know
struct Plan {
    std::vector<Attribute> device;        ///< in the gadget's folder
    std::vector<Attribute> strings;       ///< in strings/0x409
    std::vector<Attribute> configuration; ///< in configs/c.1
    std::vector<Function> functions;      ///< in the order of their interfaces
    bool os_descriptors = false;          ///< whether Windows is told its driver

    const Function *find(const std::string &name) const;
};

inline constexpr char kStorageFunction[] = "mass_storage.disk0";

/// What the configuration decides for good.
struct Extent {
    unsigned luns = 2; ///< drives of the mass storage
    bool consumer_keys = false;
};

Plan plan(const Shape &shape, const Identity &identity, const Extent &extent);

} // namespace panto::usb
