// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/pages.h"

#include "lib/base/split.h"

#include <algorithm>
#include <cstdlib>
#include <gio/gio.h>
#include <string_view>

namespace panto::http
{

namespace
{

constexpr size_t kLeastCompressed = 512; // below that it does not pay
constexpr size_t kTagLength = 24;        // 96 bits of SHA-256

/// Whether one of a list's parts is what fn looks for.
template <class Fn>
bool any_of(std::string_view list, Fn fn)
{
    const auto parts = split(list, ',');
    return std::any_of(parts.begin(), parts.end(),
                       [&](const std::string &part) { return fn(trimmed(part)); });
}

/// Whether the browser takes gzip: it is named, and not with a weight of 0.
bool takes_gzip(std::string_view accept)
{
    return any_of(accept, [](std::string_view coding) {
        const size_t semicolon = std::min(coding.find(';'), coding.size());
        if (trimmed(coding.substr(0, semicolon)) != "gzip")
            return false;
        const std::string_view weight =
            trimmed(coding.substr(std::min(semicolon + 1, coding.size())));
        return !weight.starts_with("q=") ||
               std::strtod(std::string{weight.substr(2)}.c_str(), nullptr) > 0;
    });
}

bool has_tag(std::string_view if_none_match, const std::string &tag)
{
    return any_of(if_none_match, [&](std::string_view one) {
        return one == "*" || one == tag || (one.starts_with("W/") && one.substr(2) == tag);
    });
}

/// Pictures and fonts are compressed already.
bool is_text(std::string_view type)
{
    return type.starts_with("text/") || type.starts_with("application/json") ||
           type == "application/manifest+json" || type == "application/wasm" ||
           type == "image/svg+xml";
}

/// Empty when it cannot be done.
std::string gzipped(const std::string &body)
{
    g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
    std::string out(body.size() + 64, '\0'); // what grows by more is better sent as it is
    gsize read = 0, written = 0;
    const auto result =
        g_converter_convert(G_CONVERTER(compressor), body.data(), body.size(), out.data(),
                            out.size(), G_CONVERTER_INPUT_AT_END, &read, &written, nullptr);
    if (result != G_CONVERTER_FINISHED)
        return {};
    out.resize(written);
    return out;
}

} // namespace

const std::string &Pages::compressed(const std::string &tag, const std::string &body)
{
    const auto found = kept_.find(tag);
    if (found != kept_.end())
        return found->second;
    std::string made = gzipped(body);
    if (bytes_kept_ + made.size() > kMostKept) { // the files have changed many times
        kept_.clear();
        bytes_kept_ = 0;
    }
    bytes_kept_ += made.size();
    return kept_[tag] = std::move(made);
}

std::optional<Response> Pages::get(const std::string &path, const Asked &asked)
{
    auto file = static_file(site_, path);
    if (!file)
        return file;
    const auto *bytes = reinterpret_cast<const guchar *>(file->body.data());
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, file->body.size());
    std::string tag = std::string{sum}.substr(0, kTagLength);
    if (is_text(file->type) && file->body.size() >= kLeastCompressed &&
        file->body.size() <= kMostCompressed) {
        file->headers.emplace_back("Vary", "Accept-Encoding");
        const std::string &small =
            takes_gzip(asked.accept_encoding) ? compressed(tag, file->body) : std::string{};
        if (!small.empty()) {
            file->body = small;
            file->headers.emplace_back("Content-Encoding", "gzip");
            tag += "-gz";
        }
    }
    tag = "\"" + tag + "\"";
    file->headers.emplace_back("ETag", tag);
    if (has_tag(asked.if_none_match, tag)) {
        file->status = 304;
        file->type.clear();
        file->body.clear();
        std::erase_if(file->headers, [](const auto &h) { return h.first == "Content-Encoding"; });
    }
    return file;
}

} // namespace panto::http
