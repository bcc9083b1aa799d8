// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/edit.h"

#include "daemon/config/config.h"
#include "daemon/config/keys.h"
#include "lib/base/file.h"

#include <sys/stat.h>

namespace panto::config
{

namespace
{

constexpr mode_t kAsMade = 0600; // keys and passwords may stand in it

/// The line's end, or where its comment begins.
size_t end_of_value(const std::string &text, size_t from)
{
    const size_t line = std::min(text.find('\n', from), text.size());
    const size_t comment = text.find(" #", from);
    return std::min(line, comment);
}

/// Behind the colon of the key that begins here; npos: it does not.
size_t behind_key(const std::string &text, size_t at, const std::string &key)
{
    size_t colon = at + key.size();
    if (text.compare(at, key.size(), key) != 0)
        return std::string::npos;
    while (colon < text.size() && text[colon] == ' ')
        ++colon;
    return colon < text.size() && text[colon] == ':' ? colon + 1 : std::string::npos;
}

} // namespace

std::string with_value(const std::string &text, const std::string &key, const std::string &value)
{
    const auto spellings = spellings_of(key);
    for (size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size()) + 1)
        for (const std::string &spelling : spellings) {
            const size_t behind = behind_key(text, at, spelling);
            if (behind != std::string::npos)
                return text.substr(0, behind) + " " + value +
                       text.substr(end_of_value(text, behind));
        }
    std::string out = text;
    if (!out.empty() && out.back() != '\n')
        out += '\n';
    return out + key + ": " + value + "\n";
}

Result<> set_value(const std::string &path, const std::string &key, const std::string &value)
{
    auto text = read_file(path);
    if (!text && text.error().kind != Kind::NotFound)
        return std::move(text.error());
    const std::string edited = with_value(text ? *text : "", key, value);
    auto config = parse(edited, path);
    if (!config)
        return std::move(config.error());
    const Key *known = find_key(key);
    if (!known || known->text(*config) != value)
        return Error{Kind::Invalid, path + " would not say " + key + ": " + value};
    struct stat now = {};
    const mode_t mode = ::stat(path.c_str(), &now) == 0 ? now.st_mode & 0777 : kAsMade;
    return replace_file(path, edited, mode);
}

} // namespace panto::config
