// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/static.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace panto::http
{

namespace
{

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = 16 << 20;

/// What a page is made of. Nothing else is served: notes and sources that lie beside the pages are
/// nobody's business.
constexpr std::array<std::pair<std::string_view, const char *>, 20> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".ttf", "font/ttf"},
    {".otf", "font/otf"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".map", "application/json; charset=utf-8"},
}};

/// What a page may load; somebody else's also style sheets, fonts and workers that it makes itself,
/// and WebAssembly. Ours makes neither elements nor scripts of text: so no text of others becomes
/// one.
std::string policy(const Site &site)
{
    constexpr char kMadeByItself[] =
        "style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; ";
    constexpr char kMadeOfNoText[] =
        "form-action 'self'; trusted-types 'none'; require-trusted-types-for 'script'; ";
    return std::string{"default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "} +
           (site.is_foreign ? kMadeByItself : kMadeOfNoText) +
           "object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
}

/// Nothing for a file that no page is made of.
const char *type_of(const fs::path &file)
{
    const std::string ext = file.extension();
    const auto *it =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const auto &t) { return t.first == ext; });
    return it == kTypes.end() ? nullptr : it->second;
}

} // namespace

std::optional<Response> static_file(const Site &site, const std::string &path)
{
    if (site.folder.empty() || path.empty() || path.front() != '/' || path.find('\0') != path.npos)
        return {};
    std::error_code ec;
    const fs::path base = fs::canonical(site.folder, ec);
    if (ec)
        return {};
    const fs::path file = fs::canonical(
        base / fs::path{path == "/" ? "index.html" : path.substr(1)}.relative_path(), ec);
    if (ec || !fs::is_regular_file(file, ec))
        return {};
    // canonical() has followed every ".." and symlink: what is left must lie below the root
    const auto [at, end] = std::mismatch(base.begin(), base.end(), file.begin(), file.end());
    if (at != base.end())
        return {};
    const char *type = type_of(file);
    const auto size = fs::file_size(file, ec);
    if (!type || ec || size > kMaxFileBytes)
        return {};
    std::ifstream in{file, std::ios::binary};
    std::string body(size, '\0');
    if (!in.read(body.data(), std::streamsize(size)))
        return {};
    return Response{200,
                    type,
                    std::move(body),
                    {{"Cache-Control", "no-cache"},
                     {"Content-Security-Policy", policy(site)},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"}}};
}

} // namespace panto::http
