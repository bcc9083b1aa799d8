// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>
#include <string_view>

namespace panto::http
{

/// PartReader: finds one part of a multipart body that comes in blocks, and no more of it in memory
/// than the last block.
///
/// Errors   Invalid for a body that is no multipart
/// Source   RFC 2046, 5.1; RFC 7578
class PartReader
{
public:
    /// For the body of this Content-Type, and the first part of that name.
    static Result<PartReader> create(const std::string &content_type, const std::string &name);

    /// Takes the next block; what of the part it holds.
    Result<std::string> feed(std::string_view block);

    bool began() const { return began_; }               ///< its headers have come
    bool ended() const { return ended_; }               ///< so has all of it
    bool whole() const { return place_ == Place::End; } ///< so has the whole body
    const std::string &filename() const { return filename_; }

private:
    enum class Place { Content, AfterDelimiter, Heading, End };

    PartReader(std::string delimiter, std::string name)
        : delimiter_{std::move(delimiter)}, name_{std::move(name)}
    {
    }
    bool step(std::string &out);
    bool leave_content(std::string &out);
    bool leave_delimiter();
    bool leave_headers();

    std::string delimiter_, name_, filename_;
    std::string waiting_{"\r\n"}; // the first delimiter needs no line before it
    Place place_ = Place::Content;
    bool ours_ = false, began_ = false, ended_ = false, wrong_ = false;
};

} // namespace panto::http
