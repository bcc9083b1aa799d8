// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/static.h"

#include <map>
#include <optional>
#include <string>

namespace panto::http
{

/// What a browser says of the pages that it asks for.
struct Asked {
    std::string if_none_match;   ///< the header as it stands
    std::string accept_encoding; ///< the header as it stands
};

/// Pages: a site's files, which go out only to who has not got them yet, and compressed to who
/// takes that. What was compressed once is kept, up to kMostKept bytes of it all.
///
/// Threads  main loop only
/// Source   RFC 9110, sections 8.8.3, 12.5.3 and 13.1.2
class Pages
{
public:
    static constexpr size_t kMostKept = 4 << 20;
    /// Larger files go out as they are: compressing one would hold up the main loop.
    static constexpr size_t kMostCompressed = 512 << 10;

    explicit Pages(Site site) : site_{std::move(site)} {}

    /// 200 with the file, or 304; nothing where there is none.
    std::optional<Response> get(const std::string &path, const Asked &asked);

private:
    const std::string &compressed(const std::string &tag, const std::string &body);

    Site site_;
    std::map<std::string, std::string> kept_; ///< compressed, by the tag of what they were
    size_t bytes_kept_ = 0;
};

} // namespace panto::http
