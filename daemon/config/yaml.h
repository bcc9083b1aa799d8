// SPDX-License-Identifier: LGPL-2.1-or-later
/// The room's private half: YAML in, one line per problem out. Only config/ includes it.
#pragma once

#include "lib/base/result.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace panto::config
{

/// Collects what is wrong with one file, so that its writer sees all of it at once.
class Problems
{
public:
    explicit Problems(std::string file) : file_{std::move(file)} {}

    void add(int line, const std::string &key, const std::string &what);
    /// "server.yaml:12: port.http", as a problem's line begins.
    std::string place(int line, const std::string &key) const;
    bool empty() const { return lines_.empty(); }
    std::vector<std::string> lines() &&; ///< in the file's order
    Error error() &&;                    ///< Kind::Invalid, the same

private:
    std::string file_;
    std::vector<std::pair<int, std::string>> lines_;
};

/// The line a node starts on, counted from 1.
int line_of(const YAML::Node &node);

/// How a message shows what stands there: "eighty" in quotes and cut short, or "a list".
std::string shown(const YAML::Node &node);
std::string shown(const std::string &text);

/// A whole number, in quotes or not. A trailing comma is forgiven: a sample of the configuration
/// that many people started from has them.
Result<int64_t> whole_number(const YAML::Node &node);
Result<bool> truth(const YAML::Node &node);

/// Calls visit once for each pair of a map; a key that is no text, or comes twice, is a problem.
void each_pair(
    const YAML::Node &map, const std::string &prefix, Problems &problems,
    const std::function<void(const std::string &key, int line, const YAML::Node &value)> &visit);

/// Parses text and hands its root to visit. yaml-cpp throws; nothing comes out of here but
/// Problems.
void with_yaml(const std::string &text, Problems &problems,
               const std::function<void(const YAML::Node &root)> &visit);

} // namespace panto::config
