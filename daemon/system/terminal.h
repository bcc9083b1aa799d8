// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "lib/base/fd.h"
#include "lib/base/result.h"
#include "lib/glib/gio.h"
#include "lib/glib/source.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace panto::system
{

/// Terminal: a shell on a pseudo-terminal, in a session of its own. When it dies the shell is hung
/// up, and killed when it does not mind.
///
/// Drops    it is not read on while nobody takes what it says; 1 MiB of typing that the shell does
///          not read ends it
/// Threads  main loop only
class Terminal
{
public:
    struct Callbacks {
        std::function<bool()> room;                         ///< whether more can be taken now
        std::function<void(std::span<const uint8_t>)> said; ///< 1024 bytes at the most
        std::function<void()> ended;                        ///< once; may destroy the Terminal
    };

    /// NotFound: no such shell or user; Unavailable: no pseudo-terminal or process to be had.
    static Result<std::unique_ptr<Terminal>> create(const config::System &settings,
                                                    Callbacks callbacks);
    ~Terminal();
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    void type(std::string_view keys);
    /// 1 to 1000 each; others are passed over.
    void resize(int64_t rows, int64_t columns);

private:
    Terminal(Fd master, Ref<GSubprocess> shell, Callbacks callbacks);
    void read();
    void wait_for_output();
    void write();
    void end();

    Fd master_;
    Ref<GSubprocess> shell_;
    Callbacks callbacks_;
    std::string typed_; // and not yet read by the shell
    Source output_, input_;
};

} // namespace panto::system
