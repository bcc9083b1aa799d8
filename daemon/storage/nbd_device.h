// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/fd.h"
#include "lib/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace panto::storage
{

/// What an NBD server says of its one export.
struct NbdExport {
    uint64_t size_bytes = 0;
    uint16_t flags = 0; ///< as the protocol has them
};
/// Greets the server at the other end. Blocks for as long as the socket's timeout lets it. Invalid
/// for an empty export, of which the kernel makes no device.
/// Source: the NBD protocol, fixed newstyle negotiation with NBD_OPT_EXPORT_NAME
Result<NbdExport> nbd_greet(const Fd &server);

/// ServedDevice: a block device of the kernel's whose sectors somebody serves.
class ServedDevice
{
public:
    virtual ~ServedDevice() = default;
    virtual const std::string &path() const = 0;
    /// Ends the connection to the server: whoever reads, or will, gets errors at once.
    virtual void hang_up() = 0;
    /// Whether somebody waits for a sector now.
    virtual bool is_waited_for() const = 0;
};

/// NbdDevice: a block device of the kernel's whose sectors come from an NBD server.
///
/// A thread of its own lends itself to the kernel for as long as the device serves: if this process
/// dies in any way, the kernel takes the device down.
///
/// Errors   Unavailable, saying what is missing: the module, the privilege, or a free device
/// Threads  attach() blocks; the rest may be called from any one thread at a time
class NbdDevice : public ServedDevice
{
public:
    /// Takes a free device. on_end runs once, on the main loop, when it serves no more by itself.
    static Result<std::unique_ptr<NbdDevice>>
    attach(Fd server, const NbdExport &what, unsigned timeout_s, std::function<void()> on_end);
    /// Takes the device down; whoever still reads from it gets errors.
    ~NbdDevice() override;
    NbdDevice(const NbdDevice &) = delete;
    NbdDevice &operator=(const NbdDevice &) = delete;

    const std::string &path() const override { return path_; }
    void hang_up() override;
    bool is_waited_for() const override;

private:
    struct Service;
    NbdDevice(std::string path, std::shared_ptr<Service> service)
        : path_{std::move(path)}, service_{std::move(service)}
    {
    }

    std::string path_;
    std::shared_ptr<Service> service_;
};

/// Whether the kernel has such devices at all.
bool nbd_is_loaded();
/// Whether a path is such a device.
bool is_nbd_device(const std::string &path);

} // namespace panto::storage
