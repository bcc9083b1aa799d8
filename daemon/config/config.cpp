// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/config.h"

#include "daemon/config/keys.h"
#include "daemon/config/yaml.h"
#include "lib/base/address.h"
#include "lib/base/file.h"
#include "lib/base/gpio_line.h"

#include <algorithm>
#include <map>
#include <string_view>

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

constexpr char kThisMachine[] = "127.0.0.1";
constexpr std::string_view kDevices = "/dev/";

/// Walks one file and fills one Config.
class Reader
{
public:
    explicit Reader(const std::string &name) : problems_{name}, left_out_{name} {}

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
        config_.left_out = std::move(left_out_).lines();
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
            left_out_.add(line, path, "must be a section, not " + shown(value) + "; left out");
        else
            left_out_.add(line, path, "unknown key; left out");
    }

    void set(const Key &key, const std::string &path, int line, const YAML::Node &value)
    {
        const auto [first, fresh] = set_on_.emplace(key.name, line);
        if (!fresh)
            return left_out_.add(line, path,
                                 "is already set on line " + std::to_string(first->second) +
                                     "; left out");
        config_.places[key.name] = problems_.place(line, path);
        if (value.IsNull())
            return; // "secretKey:" with nothing behind it
        if (auto r = key.set(config_, value); !r) {
            // What cannot be understood lets in less than was meant, never more.
            if (key.name == "host")
                config_.server.host = kThisMachine;
            if (key.name == "proto")
                config_.server.proto = "https";
            left_out_.add(line, path, r.error().message + instead(key));
        }
    }

    /// The end of a line about a value that was not taken; config_ has the one that was.
    std::string instead(const Key &key) const { return "; " + key.text(config_) + " is used"; }

    /// Says what is wrong with the value of a key, and puts its default there.
    template <class T>
    void leave_out(const char *name, const std::string &what, T &value, const T &used)
    {
        value = used;
        left_out_.add(line(name), name, what + instead(*find_key(name)));
    }

    int line(const char *key) const
    {
        const auto found = set_on_.find(key);
        return found == set_on_.end() ? 1 : found->second;
    }

    /// A host that is none leaves only this machine in: all addresses would let in more than meant.
    void check_host()
    {
        std::string &host = config_.server.host;
        if (host == "localhost")
            host = kThisMachine;
        if (!host.empty() && !is_ip_address(host))
            leave_out("host", "must be an IP address, not " + shown(host), host, {kThisMachine});
    }

    void check_ice()
    {
        Ice &ice = config_.ice;
        if (ice.stun == "disable")
            ice.stun.clear();
        if (!ice.address.empty() && !is_ip_address(ice.address))
            leave_out("ice.address", "must be an IP address, not " + shown(ice.address),
                      ice.address, {});
        if (!ice.stun.empty() && !is_host_and_port(ice.stun))
            leave_out("stun", "must be host:port, not " + shown(ice.stun), ice.stun, {});
        // Browsers take the way to a TURN server behind its address.
        const std::string turn = ice.turn_addr.substr(0, ice.turn_addr.find("?transport="));
        if (!ice.turn_addr.empty() && !is_host_and_port(turn))
            leave_out_turn("turn.turnAddr", "turn.turnAddr",
                           "must be host:port, not " + shown(ice.turn_addr));
        for (const auto &[key, text] :
             {std::pair{"turn.turnUser", ice.turn_user}, std::pair{"turn.turnCred", ice.turn_cred}})
            if (std::any_of(text.begin(), text.end(),
                            [](unsigned char c) { return c < 32 || c == 127; }))
                leave_out_turn(key, key, "must have no control characters"); // headers carry it
        const int given = !ice.turn_addr.empty() + !ice.turn_user.empty() + !ice.turn_cred.empty();
        if (given != 0 && given != 3)
            leave_out_turn(!ice.turn_addr.empty()   ? "turn.turnAddr"
                           : !ice.turn_user.empty() ? "turn.turnUser"
                                                    : "turn.turnCred",
                           "turn", "turnAddr, turnUser and turnCred are needed together");
    }

    void leave_out_turn(const char *key, const char *name, const std::string &what)
    {
        left_out_.add(line(key), name, what + "; no TURN server is used");
        config_.ice = {config_.ice.stun, {}, {}, {}, config_.ice.address};
    }

    /// No two of the front panel's wires are one line, as far as the words tell: what a line's name
    /// stands for only the chips know, and the doctor asks them. Both buttons or one of them are
    /// there.
    void check_lines()
    {
        Power &power = config_.power;
        std::map<std::string, const char *> taken;
        const std::pair<const char *, std::string &> lines[] = {
            {"power.power_button", power.power_button},
            {"power.reset_button", power.reset_button},
            {"power.power_led", power.power_led},
            {"power.disk_led", power.disk_led}};
        for (const auto &[key, text] : lines) {
            if (text.empty())
                continue;
            const auto parsed = parse_gpio_line(text);
            if (!parsed) {
                leave_out(key, parsed.error().message + ", not " + shown(text), text, {});
                continue;
            }
            const std::string chip = parsed->chip.starts_with(kDevices)
                                         ? parsed->chip.substr(kDevices.size())
                                         : parsed->chip;
            const auto [first, fresh] = taken.emplace(
                chip + "/" + parsed->name + "/" + std::to_string(parsed->offset), key);
            if (!fresh)
                leave_out(key, std::string{"is the line of "} + first->second, text, {});
        }
        if (power.backend == "gpio" && power.power_button.empty() && power.reset_button.empty())
            leave_out("power.backend", "gpio needs power.power_button or power.reset_button",
                      power.backend, {"none"});
    }

    /// What no single key can tell.
    void check_whole()
    {
        check_host();
        check_ice();
        check_lines();
        Video &video = config_.video;
        if (video.width % 2 != 0)
            leave_out("video.width", "must be even", video.width, Video{}.width);
        if (video.height % 2 != 0)
            leave_out("video.height", "must be even", video.height, Video{}.height);
    }

    Problems problems_; ///< what makes the file none
    Problems left_out_; ///< what it says and is not taken
    Config config_;
    std::map<std::string, int> set_on_; ///< key -> line
};

} // namespace

std::vector<std::string> spellings_of(const std::string &name)
{
    std::vector<std::string> all{name};
    for (const Synonym &synonym : kSynonyms)
        if (name == synonym.key)
            all.push_back(synonym.path);
    return all;
}

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
