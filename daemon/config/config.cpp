// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/config.h"

#include "daemon/config/keys.h"
#include "daemon/config/yaml.h"
#include "lib/base/address.h"
#include "lib/base/file.h"
#include "lib/base/gpio_line.h"

#include <map>

namespace panto::config
{

namespace
{

struct Synonym {
    const char *path;
    const char *key;
};

/// Spellings of old firmware and of a community reference; "port" and "logger" are sections today.
constexpr Synonym kSynonyms[] = {
    {"protocol", "proto"},         {"port", "port.http"},      {"https_port", "port.https"},
    {"log_level", "logger.level"}, {"logger", "logger.level"}, {"secretKey", "jwt.secretKey"},
};

/// Walks one file and fills one Config.
class Reader
{
public:
    explicit Reader(const std::string &name) : problems_{name} {}

    void read(const std::string &text)
    {
        with_yaml(text, problems_, [this](const YAML::Node &root) {
            if (root.IsMap())
                walk(root, "");
            else if (!root.IsNull())
                problems_.add(line_of(root), "",
                              "must hold `key: value` lines, not " + shown(root));
        });
        check_whole();
    }

    Result<Config> take() &&
    {
        if (!problems_.empty())
            return std::move(problems_).error();
        return std::move(config_);
    }

private:
    void walk(const YAML::Node &map, const std::string &section)
    {
        each_pair(map, section, problems_,
                  [&](const std::string &key, int line, const YAML::Node &value) {
                      visit(section.empty() ? key : section + "." + key, line, value);
                  });
    }

    void visit(const std::string &path, int line, const YAML::Node &value)
    {
        if (const Key *key = find_key(path))
            return set(*key, path, line, value);
        if (is_section(path) && (value.IsMap() || value.IsNull()))
            return walk(value, path);
        for (const Synonym &synonym : kSynonyms) {
            if (path == synonym.path)
                return set(*find_key(synonym.key), path, line, value);
        }
        if (is_section(path))
            problems_.add(line, path, "must be a section, not " + shown(value));
        else
            problems_.add(line, path, "unknown key");
    }

    void set(const Key &key, const std::string &path, int line, const YAML::Node &value)
    {
        const auto [first, fresh] = set_on_.emplace(key.name, line);
        if (!fresh)
            return problems_.add(line, path,
                                 "is already set on line " + std::to_string(first->second));
        config_.places[key.name] = problems_.place(line, path);
        if (value.IsNull())
            return; // "secretKey:" with nothing behind it
        if (auto r = key.set(config_, value); !r)
            problems_.add(line, path, r.error().message);
    }

    int line(const char *key) const
    {
        const auto found = set_on_.find(key);
        return found == set_on_.end() ? 1 : found->second;
    }

    void check_addresses()
    {
        const std::string &host = config_.server.host;
        if (!host.empty() && !is_ip_address(host))
            problems_.add(line("host"), "host", "must be an IP address, not " + shown(host));
        const Ice &ice = config_.ice;
        if (!ice.stun.empty() && !is_host_and_port(ice.stun))
            problems_.add(line("stun"), "stun", "must be host:port, not " + shown(ice.stun));
        // Browsers take the way to a TURN server behind its address.
        const std::string turn = ice.turn_addr.substr(0, ice.turn_addr.find("?transport="));
        if (!ice.turn_addr.empty() && !is_host_and_port(turn))
            problems_.add(line("turn.turnAddr"), "turn.turnAddr",
                          "must be host:port, not " + shown(ice.turn_addr));
    }

    /// No two of the front panel's wires are one line; both buttons or one of them are there.
    void check_lines()
    {
        const Power &power = config_.power;
        if (power.backend == "gpio" && power.power_button.empty() && power.reset_button.empty())
            problems_.add(line("power.backend"), "power.backend",
                          "gpio needs power.power_button or power.reset_button");
        std::map<std::string, const char *> taken;
        const std::pair<const char *, const std::string &> lines[] = {
            {"power.power_button", power.power_button},
            {"power.reset_button", power.reset_button},
            {"power.power_led", power.power_led},
            {"power.disk_led", power.disk_led}};
        for (const auto &[key, text] : lines) {
            const auto parsed = text.empty() ? Result<GpioLine>{GpioLine{}} : parse_gpio_line(text);
            if (!parsed)
                problems_.add(line(key), key, parsed.error().message + ", not " + shown(text));
            if (!parsed || text.empty())
                continue;
            const auto [first, fresh] = taken.emplace(
                parsed->chip + "/" + parsed->name + "/" + std::to_string(parsed->offset), key);
            if (!fresh)
                problems_.add(line(key), key, std::string{"is the line of "} + first->second);
        }
    }

    /// What no single key can tell.
    void check_whole()
    {
        check_lines();
        if (config_.ice.stun == "disable")
            config_.ice.stun.clear();
        check_addresses();
        const Ice &ice = config_.ice;
        const int given = !ice.turn_addr.empty() + !ice.turn_user.empty() + !ice.turn_cred.empty();
        if (given != 0 && given != 3)
            problems_.add(line(!ice.turn_addr.empty()   ? "turn.turnAddr"
                               : !ice.turn_user.empty() ? "turn.turnUser"
                                                        : "turn.turnCred"),
                          "turn", "turnAddr, turnUser and turnCred are needed together");
        if (config_.video.width % 2 != 0)
            problems_.add(line("video.width"), "video.width", "must be even");
        if (config_.video.height % 2 != 0)
            problems_.add(line("video.height"), "video.height", "must be even");
    }

    Problems problems_;
    Config config_;
    std::map<std::string, int> set_on_; ///< key -> line
};

} // namespace

Result<Config> parse(const std::string &text, const std::string &name)
{
    Reader reader{name};
    reader.read(text);
    return std::move(reader).take();
}

Result<Config> load(const std::string &path, Missing missing)
{
    auto text = read_file(path);
    if (!text && text.error().kind == Kind::NotFound && missing == Missing::MeansDefaults)
        return Config{};
    if (!text)
        return Error{Kind::Invalid, text.error().message};
    return parse(*text, path);
}

} // namespace panto::config
