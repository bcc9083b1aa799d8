// SPDX-License-Identifier: LGPL-2.1-or-later
/// FakeConfigfs: the kernel's gadget files in memory, with the kernel's refusals.
///
/// Source   drivers/usb/gadget/configfs.c and the functions' own attributes (6.1), run in the lab
#pragma once

#include "daemon/usb/builder.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <vector>

class FakeConfigfs : public panto::usb::Tree
{
public:
    using Result = panto::Result<>;

    explicit FakeConfigfs(std::vector<std::string> ports = {"port0"})
    {
        for (const auto &port : ports)
            add_port(port);
        folder(panto::usb::kGadgetsFolder);
    }

    void add_port(const std::string &name)
    {
        folder(panto::usb::kPortsFolder + "/" + name);
        files[panto::usb::kPortsFolder + "/" + name + "/function"] = "";
        files[panto::usb::kPortsFolder + "/" + name + "/state"] = "configured";
        files[panto::usb::kPortsFolder + "/" + name + "/srp"] = "";
        folder(panto::usb::kPortsFolder + "/" + name + "/device/gadget.0");
        files[panto::usb::kPortsFolder + "/" + name + "/device/gadget.0/suspended"] = "0";
    }
    void remove_port(const std::string &name)
    {
        erase_below(panto::usb::kPortsFolder + "/" + name);
        for (auto &[path, content] : files)
            if (path.ends_with("/UDC") && content == name)
                content = "";
    }
    void remove_gadgets() { erase_below(panto::usb::kGadgetsFolder); }
    /// A HID function of another program's gadget, which takes one of the kernel's four nodes.
    void add_foreign_hid(const std::string &gadget, const std::string &name)
    {
        folder(panto::usb::kGadgetsFolder + "/" + gadget);
        folder(panto::usb::kGadgetsFolder + "/" + gadget + "/functions/hid." + name);
    }
    /// Another program's gadget, connected to a port.
    void add_foreign(const std::string &name, const std::string &port)
    {
        folder(panto::usb::kGadgetsFolder + "/" + name);
        files[panto::usb::kGadgetsFolder + "/" + name + "/UDC"] = port;
    }

    /// All of it, for comparing.
    auto all() const { return std::tuple{files, folders, links}; }
    /// The functions of the configuration in the order they were linked.
    std::vector<std::string> linked;

    /// The call that changes something with this number, counted from 1, fails; 0: none.
    unsigned fail_at = 0;
    int fail_with = EIO;
    bool fail_from_then_on = false;
    std::function<void()> meanwhile; ///< what somebody else does when a call fails
    unsigned changes = 0;
    unsigned moments = 0, fail_for_moments = 0; ///< after so many nothing fails any more; 0: no end
    std::string refused_driver;                 ///< a function whose module is missing, "ncm"
    unsigned prepared = 0;
    bool writable = true;    ///< by us
    bool preparable = false; ///< whether the gadget driver can be loaded
    bool has_other = false;  ///< another process that lives has what we would hold

    std::map<std::string, std::string> files, links;
    std::map<std::string, bool> folders;

    bool exists(const std::string &path) const override
    {
        return files.count(path) || folders.count(path) || links.count(path);
    }
    std::vector<std::string> list(const std::string &folder) const override
    {
        std::string prefix = folder;
        if (!prefix.ends_with('/'))
            prefix += "/";
        std::vector<std::string> names;
        const auto take = [&](const auto &map) {
            for (const auto &[path, ignored] : map)
                if (path.starts_with(prefix) && path.find('/', prefix.size()) == path.npos)
                    names.push_back(path.substr(prefix.size()));
        };
        take(files);
        take(links);
        take(folders);
        std::sort(names.begin(), names.end());
        return names;
    }
    bool may_write(const std::string &path) const override { return writable && exists(path); }
    bool has_module(const std::string &name) const override
    {
        return refused_driver.empty() || name != "usb_f_" + refused_driver;
    }
    panto::Result<std::string> read(const std::string &path) const override
    {
        if (const auto file = files.find(path); file != files.end())
            return file->second;
        return panto::usb::tree_error("read", path, ENOENT);
    }
    Result write(const std::string &path, const std::string &value) override
    {
        if (const int code = refuse())
            return panto::usb::tree_error("write", path, code);
        if (!files.count(path))
            return panto::usb::tree_error("write", path, EACCES);
        if (path.ends_with("/UDC"))
            return connect(path, value);
        if (in_use(path))
            return panto::usb::tree_error("write", path, EBUSY);
        files[path] = value;
        return panto::ok;
    }
    Result make_folder(const std::string &path) override
    {
        if (const int code = refuse())
            return panto::usb::tree_error("make", path, code);
        if (exists(path))
            return panto::usb::tree_error("make", path, EEXIST);
        const std::string name = path.substr(path.rfind('/') + 1);
        const std::string parent = path.substr(0, path.rfind('/'));
        if (!folders.count(parent) ||
            (parent.ends_with("/functions") && name.starts_with(refused_driver + ".")))
            return panto::usb::tree_error("make", path, ENOENT);
        if (name.starts_with("hid.") && hid_functions() >= 4)
            return panto::usb::tree_error("make", path, ENODEV);
        folder(path);
        furnish(path, name, parent);
        return panto::ok;
    }
    Result remove_folder(const std::string &path) override
    {
        if (const int code = refuse())
            return panto::usb::tree_error("remove", path, code);
        if (!folders.count(path))
            return panto::usb::tree_error("remove", path, ENOENT);
        for (const auto &[link, target] : links)
            if (target == path || link.starts_with(path + "/"))
                return panto::usb::tree_error("remove", path, EBUSY);
        for (const auto &[inner, made] : folders)
            if (made && inner.starts_with(path + "/"))
                return panto::usb::tree_error("remove", path, ENOTEMPTY);
        if (!folders[path])
            return panto::usb::tree_error("remove", path, EPERM); // the kernel's own
        erase_below(path);
        return panto::ok;
    }
    Result link(const std::string &target, const std::string &path) override
    {
        if (const int code = refuse())
            return panto::usb::tree_error("link", path, code);
        if (exists(path))
            return panto::usb::tree_error("link", path, EEXIST);
        if (!folders.count(target))
            return panto::usb::tree_error("link", path, ENOENT);
        if (!port_of(path).empty())
            return panto::usb::tree_error("link", path, EINVAL);
        links[path] = target;
        if (target.find("/functions/") != target.npos)
            linked.push_back(target.substr(target.rfind('/') + 1));
        return panto::ok;
    }
    Result unlink(const std::string &path) override
    {
        if (const int code = refuse())
            return panto::usb::tree_error("unlink", path, code);
        if (!links.erase(path))
            return panto::usb::tree_error("unlink", path, ENOENT);
        std::erase(linked, path.substr(path.rfind('/') + 1));
        return panto::ok;
    }
    void prepare() override
    {
        ++prepared;
        if (preparable)
            folder(panto::usb::kGadgetsFolder);
    }
    void wait_a_moment() override
    {
        ++moments;
        if (moments == fail_for_moments)
            fail_at = 0;
    }

    panto::Result<Held> hold(const std::string &path) override
    {
        if (has_other)
            return panto::usb::tree_error("hold", path, EBUSY);
        return Held{std::make_shared<int>()};
    }

private:
    void folder(const std::string &path) { folders[path] = true; }
    /// A folder and files that the kernel makes along with another.
    void own(const std::string &path, std::initializer_list<const char *> attributes)
    {
        folders.try_emplace(path, false);
        for (const char *name : attributes)
            files[path + "/" + name] = "";
    }
    void furnish(const std::string &path, const std::string &name, const std::string &parent)
    {
        if (parent == panto::usb::kGadgetsFolder) {
            own(path, {"UDC", "idVendor", "idProduct", "bcdUSB", "bcdDevice", "bDeviceClass",
                       "bDeviceSubClass", "bDeviceProtocol"});
            own(path + "/os_desc", {"use", "b_vendor_code", "qw_sign"});
            for (const char *inner : {"/functions", "/configs", "/strings"})
                own(path + inner, {});
        } else if (parent.ends_with("/configs")) {
            own(path, {"MaxPower", "bmAttributes"});
            own(path + "/strings", {});
        } else if (parent.ends_with("/strings")) {
            own(path, {"serialnumber", "manufacturer", "product"});
        } else if (name.starts_with("hid.")) {
            own(path,
                {"subclass", "protocol", "report_length", "report_desc", "no_out_endpoint", "dev"});
        } else if (name.starts_with("mass_storage.")) {
            lun(path + "/lun.0");
        } else if (name.starts_with("lun.")) {
            lun(path);
        } else if (name.starts_with("ncm.")) {
            own(path, {"dev_addr", "host_addr", "ifname"});
            own(path + "/os_desc", {});
            own(path + "/os_desc/interface.ncm", {"compatible_id", "sub_compatible_id"});
        } else if (name.starts_with("rndis.")) {
            own(path, {"dev_addr", "host_addr", "ifname", "class", "subclass", "protocol"});
            own(path + "/os_desc", {});
            own(path + "/os_desc/interface.rndis", {"compatible_id", "sub_compatible_id"});
        }
    }
    void lun(const std::string &path)
    {
        own(path, {"file", "ro", "cdrom", "removable", "inquiry_string", "forced_eject"});
    }
    void erase_below(const std::string &path)
    {
        const auto below = [&](const auto &entry) {
            return entry.first == path || entry.first.starts_with(path + "/");
        };
        std::erase_if(files, below);
        std::erase_if(folders, below);
    }
    int refuse()
    {
        ++changes;
        const bool now = fail_from_then_on ? changes >= fail_at : changes == fail_at;
        if (fail_at && now && meanwhile)
            meanwhile();
        return fail_at && now ? fail_with : 0;
    }
    long hid_functions() const
    {
        return std::count_if(folders.begin(), folders.end(), [](const auto &entry) {
            return entry.first.find("/functions/hid.") != std::string::npos;
        });
    }
    static std::string root_of(const std::string &path)
    {
        const size_t name = panto::usb::kGadgetsFolder.size() + 1;
        return path.substr(0, path.find('/', name));
    }
    std::string port_of(const std::string &path) const
    {
        const auto udc = files.find(root_of(path) + "/UDC");
        return udc == files.end() ? "" : udc->second;
    }
    /// Whether it is an attribute of a function that is part of a configuration.
    bool in_use(const std::string &path) const
    {
        return std::any_of(links.begin(), links.end(), [&](const auto &link) {
            return link.second.find("/functions/") != std::string::npos &&
                   path.starts_with(link.second + "/") && path.find("/lun.") == path.npos;
        });
    }
    Result connect(const std::string &path, const std::string &port)
    {
        std::string &at = files[path];
        if (port.empty() && at.empty())
            return panto::usb::tree_error("write", path, ENODEV);
        if (port.empty()) {
            at = "";
            return panto::ok;
        }
        const bool taken = std::any_of(files.begin(), files.end(), [&](const auto &file) {
            return file.first.ends_with("/UDC") && file.second == port;
        });
        const int code = !at.empty() || taken                                    ? EBUSY
                         : !folders.count(panto::usb::kPortsFolder + "/" + port) ? ENODEV
                         : linked.empty()                                        ? EINVAL
                                                                                 : 0;
        if (code)
            return panto::usb::tree_error("write", path, code);
        at = port;
        return panto::ok;
    }
};
