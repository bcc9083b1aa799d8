// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/keys.h"

#include "daemon/config/config.h"
#include "daemon/config/yaml.h"
#include "lib/base/split.h"

#include <algorithm>
#include <type_traits>

namespace panto::config
{

namespace
{

/// The keys that a running daemon takes from the file when it is read again.
constexpr const char *kLive[] = {
    "logger.level",
    "jwt.refreshTokenDuration",
    "jwt.revokeTokensOnLogout",
    "stun",
    "turn.turnAddr",
    "turn.turnUser",
    "turn.turnCred",
    "security.loginLockoutDuration",
    "security.loginMaxFailures",
};

bool is_live(const std::string &key)
{
    return std::find(std::begin(kLive), std::end(kLive), key) != std::end(kLive);
}

std::string listed(const std::vector<std::string> &words)
{
    std::string out = words.front();
    for (size_t i = 1; i < words.size(); ++i)
        out += (i + 1 < words.size() ? ", " : " or ") + words[i];
    return out;
}

Error must_be(const std::string &range, const YAML::Node &node)
{
    return Error{Kind::Invalid, "must be " + range + ", not " + shown(node)};
}

/// Quotes only what YAML would take for something else; our defaults hold nothing to escape.
std::string quoted(const std::string &text)
{
    return text.empty() ? "\"\"" : text;
}

template <class S>
std::string range_of(const Field<S> &field)
{
    if (std::holds_alternative<bool S::*>(field.at))
        return "true or false";
    if (!std::holds_alternative<std::string S::*>(field.at))
        return std::to_string(field.min) + ".." + std::to_string(field.max);
    return field.choices ? listed(split(field.choices, '|')) : "";
}

template <class S>
Result<> set_field(S &to, const Field<S> &field, const std::string &range, const YAML::Node &node)
{
    return std::visit(
        [&](auto at) -> Result<> {
            using V = std::remove_cvref_t<decltype(to.*at)>;
            if constexpr (std::is_same_v<V, bool>) {
                PANTO_TRY(value, truth(node));
                to.*at = value;
            } else if constexpr (std::is_same_v<V, std::string>) {
                if (!node.IsScalar())
                    return must_be(range.empty() ? "text" : range, node);
                if (field.choices) {
                    const auto allowed = split(field.choices, '|');
                    if (std::find(allowed.begin(), allowed.end(), node.Scalar()) == allowed.end())
                        return must_be(range, node);
                }
                to.*at = node.Scalar();
            } else {
                auto value = whole_number(node);
                if (!value || *value < field.min || *value > field.max)
                    return must_be(range, node);
                to.*at = V(*value);
            }
            return ok;
        },
        field.at);
}

template <class S>
std::string field_text(const S &from, const Field<S> &field)
{
    return std::visit(
        [&](auto at) -> std::string {
            using V = std::remove_cvref_t<decltype(from.*at)>;
            if constexpr (std::is_same_v<V, bool>)
                return from.*at ? "true" : "false";
            else if constexpr (std::is_same_v<V, std::string>)
                return config::quoted(from.*at);
            else
                return std::to_string(from.*at);
        },
        field.at);
}

template <class S, size_t N>
void add(std::vector<Key> &to, S Config::*part, const Field<S> (&fields)[N])
{
    for (const Field<S> &field : fields) {
        const std::string range = range_of(field);
        to.push_back(
            {field.name, field.doc, range,
             [part, &field, range](Config &config, const YAML::Node &node) {
                 return set_field(config.*part, field, range, node);
             },
             [part, &field](const Config &config) { return field_text(config.*part, field); },
             [part, &field](Config &into, const Config &from) {
                 std::visit([&](auto at) { (into.*part).*at = (from.*part).*at; }, field.at);
             }});
    }
}

std::vector<Key> make_keys()
{
    std::vector<Key> all;
    add(all, &Config::server, kServerFields);
    add(all, &Config::logger, kLoggerFields);
    add(all, &Config::security, kSecurityFields);
    add(all, &Config::ice, kIceFields);
    add(all, &Config::video, kVideoFields);
    add(all, &Config::audio, kAudioFields);
    add(all, &Config::hid, kHidFields);
    add(all, &Config::usb, kUsbFields);
    add(all, &Config::power, kPowerFields);
    add(all, &Config::storage, kStorageFields);
    add(all, &Config::recording, kRecordingFields);
    add(all, &Config::system, kSystemFields);
    return all;
}

} // namespace

const std::vector<Key> &keys()
{
    static const std::vector<Key> all = make_keys();
    return all;
}

const Key *find_key(const std::string &name)
{
    const auto &all = keys();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Key &key) { return key.name == name; });
    return found == all.end() ? nullptr : &*found;
}

bool is_section(const std::string &name)
{
    const auto &all = keys();
    return std::any_of(all.begin(), all.end(),
                       [&](const Key &key) { return key.name.starts_with(name + "."); });
}

std::vector<Change> update(Config &running, const Config &read)
{
    std::vector<Change> changes;
    for (const Key &key : keys()) {
        if (key.text(running) == key.text(read))
            continue;
        changes.push_back({key.name, is_live(key.name)});
        if (is_live(key.name))
            key.copy(running, read);
    }
    running.left_out = read.left_out;
    running.places = read.places;
    return changes;
}

std::string default_text()
{
    const Config defaults;
    std::string out =
        "# Configuration of pantographd. Every key stands here with its default; a "
        "key left out\n# means the same. `pantographd --print-config` writes this "
        "file anew.\n#\n# The signal SIGHUP opens logger.file anew and has this file read "
        "again: what it says of these\n# keys counts at once, all else from the "
        "next start on, which the log says:\n";
    for (const char *key : kLive)
        out += std::string{"#   "} + key + "\n";
    std::string section;
    for (const Key &key : keys()) {
        const auto dot = key.name.find('.');
        const std::string now = dot == std::string::npos ? "" : key.name.substr(0, dot);
        const std::string indent = now.empty() ? "" : "  ";
        out += now == section && !now.empty() ? "" : "\n";
        if (now != section && !now.empty())
            out += now + ":\n";
        section = now;
        out += indent + "# " + key.doc + (key.range.empty() ? "" : " (" + key.range + ")") + ".\n";
        out += indent + key.name.substr(dot + 1) + ": " + key.text(defaults) + "\n";
    }
    return out;
}

} // namespace panto::config
