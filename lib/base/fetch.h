// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace panto
{

/// One GET of a file on a web server: who wants the bytes need not know who asks for them.
namespace fetch
{

struct Wish {
    std::string url;
    uint64_t offset = 0;     ///< of the first byte that is wanted
    std::string validator;   ///< with an offset: of what the bytes before it were
    uint64_t most_bytes = 0; ///< no more than these are wanted; 0: all that follow
};

struct Head {
    uint64_t offset = 0; ///< of the first byte that comes; 0 when the server has no such part
    std::optional<uint64_t> size_bytes; ///< of the whole file
    bool end_shows =
        true; ///< an end that comes too early is told from the file's; with a size, ever
    std::string validator; ///< its strong ETag or its date; "" when there is neither
    bool ranges = false;   ///< whether the server sends parts, as far as it says
    bool part = false;     ///< it does: this is one
    bool redirected = false;
    std::string date; ///< of its last change, as the server writes it
};

/// What comes of it, in this order: the head, then parts until the end. An Error ends all.
struct Events {
    std::function<void(Result<Head>, std::function<void()> read)> on_head; ///< read asks for parts
    std::function<void(std::string part, std::function<void()> taken)> on_part;
    std::function<void(Result<>)> on_end;
};

/// The request; its death ends it, and nothing comes any more.
using Transfer = std::shared_ptr<void>;
using Start = std::function<Transfer(Wish, Events)>;

} // namespace fetch

} // namespace panto
