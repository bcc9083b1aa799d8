// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/multipart.h"

#include "lib/base/owned.h"

#include <libsoup/soup.h>

namespace panto::http
{

namespace
{

constexpr size_t kLongestHeaders = 8192;
constexpr size_t kLongestBoundary = 200; // Source: RFC 2046 allows 70
constexpr char kLine[] = "\r\n";

using Headers = Owned<SoupMessageHeaders, soup_message_headers_unref>;
using Words = Owned<GHashTable, g_hash_table_destroy>;

Headers headers_of(SoupMessageHeadersType type)
{
    return Headers{soup_message_headers_new(type)};
}

std::string word(const Words &words, const char *name)
{
    const auto *value = static_cast<const char *>(g_hash_table_lookup(words.get(), name));
    return value ? value : "";
}

} // namespace

Result<PartReader> PartReader::create(const std::string &content_type, const std::string &name)
{
    const Headers headers = headers_of(SOUP_MESSAGE_HEADERS_MULTIPART);
    soup_message_headers_append(headers.get(), "Content-Type", content_type.c_str());
    GHashTable *table = nullptr;
    const char *type = soup_message_headers_get_content_type(headers.get(), &table);
    const Words words{table};
    const std::string boundary = table ? word(words, "boundary") : "";
    if (!type || g_ascii_strcasecmp(type, "multipart/form-data") != 0 || boundary.empty() ||
        boundary.size() > kLongestBoundary)
        return Error{Kind::Invalid, "it is no multipart/form-data"};
    return PartReader{kLine + ("--" + boundary), name};
}

Result<std::string> PartReader::feed(std::string_view block)
{
    std::string out;
    waiting_ += block;
    while (!wrong_ && step(out)) {
    }
    if (wrong_)
        return Error{Kind::Invalid, "its parts are not as they should be"};
    return out;
}

/// Goes on to the next place; false when that needs more of the body.
bool PartReader::step(std::string &out)
{
    switch (place_) {
    case Place::Content:
        return leave_content(out);
    case Place::AfterDelimiter:
        return leave_delimiter();
    case Place::Heading:
        return leave_headers();
    default:
        waiting_.clear(); // what follows the end means nothing
        return false;
    }
}

bool PartReader::leave_content(std::string &out)
{
    const size_t at = waiting_.find(delimiter_);
    // Without one, its beginning may be at the end of what is here.
    const size_t kept = std::min(waiting_.size(), delimiter_.size() - 1);
    const size_t content = at != std::string::npos ? at : waiting_.size() - kept;
    if (ours_)
        out.append(waiting_, 0, content);
    waiting_.erase(0, at != std::string::npos ? at + delimiter_.size() : content);
    if (at == std::string::npos)
        return false;
    ended_ = ended_ || ours_;
    ours_ = false;
    place_ = Place::AfterDelimiter;
    return true;
}

bool PartReader::leave_delimiter()
{
    if (waiting_.size() < 2)
        return false;
    if (waiting_.starts_with("--"))
        place_ = Place::End;
    else if (waiting_.starts_with(kLine))
        place_ = Place::Heading;
    else
        wrong_ = true;
    if (place_ == Place::End)
        waiting_.clear();
    return !wrong_;
}

bool PartReader::leave_headers()
{
    const size_t end = waiting_.find("\r\n\r\n");
    wrong_ = std::min(end, waiting_.size()) > kLongestHeaders;
    if (wrong_ || end == std::string::npos)
        return false;
    const std::string text = waiting_.substr(0, end + 2);
    waiting_.erase(0, end + 4);
    place_ = Place::Content;
    const Headers headers = headers_of(SOUP_MESSAGE_HEADERS_MULTIPART);
    char *disposition = nullptr;
    GHashTable *table = nullptr;
    wrong_ = !soup_headers_parse(text.data(), int(text.size()), headers.get());
    if (wrong_ ||
        !soup_message_headers_get_content_disposition(headers.get(), &disposition, &table))
        return !wrong_;
    g_free(disposition);
    const Words words{table};
    if (began_ || word(words, "name") != name_)
        return true;
    began_ = ours_ = true;
    filename_ = word(words, "filename");
    return true;
}

} // namespace panto::http
