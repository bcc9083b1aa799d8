// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <memory>
#include <string>
#include <vector>

namespace panto::usb
{

/// Tree: the kernel's files that make and describe a gadget, by their absolute paths.
///
/// Errors   Denied: not allowed; Busy: in use; NotFound: not there; else Unavailable; the code is
///          the errno
/// Threads  any; every call may block for as long as the kernel needs
class Tree
{
public:
    virtual ~Tree() = default;
    virtual bool exists(const std::string &path) const = 0;
    virtual std::vector<std::string> list(const std::string &folder) const = 0; ///< sorted
    virtual bool may_write(const std::string &path) const = 0;
    /// Whether a module of the kernel is loaded, or could be.
    virtual bool has_module(const std::string &name) const = 0;
    virtual Result<std::string> read(const std::string &path) const = 0; ///< no newline at its end
    virtual Result<> write(const std::string &path, const std::string &value) = 0;
    virtual Result<> make_folder(const std::string &path) = 0;
    virtual Result<> remove_folder(const std::string &path) = 0;
    virtual Result<> link(const std::string &target, const std::string &path) = 0;
    virtual Result<> unlink(const std::string &path) = 0;
    /// Has configfs mounted and the gadget driver loaded, as far as that can be done.
    virtual void prepare() = 0;
    /// Gives the kernel 50 ms.
    virtual void wait_a_moment() = 0;
    /// Keeps a folder from every other process that asks for it the same way, until it dies or this
    /// goes. Busy when one has it.
    using Held = std::shared_ptr<void>;
    virtual Result<Held> hold(const std::string &folder) = 0;
};

/// The kernel's own.
class KernelTree : public Tree
{
public:
    bool exists(const std::string &path) const override;
    std::vector<std::string> list(const std::string &folder) const override;
    bool may_write(const std::string &path) const override;
    bool has_module(const std::string &name) const override;
    Result<std::string> read(const std::string &path) const override;
    Result<> write(const std::string &path, const std::string &value) override;
    Result<> make_folder(const std::string &path) override;
    Result<> remove_folder(const std::string &path) override;
    Result<> link(const std::string &target, const std::string &path) override;
    Result<> unlink(const std::string &path) override;
    void prepare() override;
    void wait_a_moment() override;
    Result<Held> hold(const std::string &folder) override;
};

/// What an errno means, for any Tree.
Error tree_error(const std::string &what, const std::string &path, int code);

} // namespace panto::usb
