// SPDX-License-Identifier: LGPL-2.1-or-later
/// The keys of the configuration file, made from schema.h's tables. Only config/ includes it.
#pragma once

#include "daemon/config/schema.h"
#include "lib/base/result.h"

#include <functional>
#include <string>
#include <vector>

namespace YAML
{
class Node;
}

namespace panto::config
{

struct Key {
    std::string name; ///< "port.http"
    std::string doc;
    std::string range; ///< "1..65535", "http or https", "true or false"; "" for any text
    std::function<Result<>(Config &, const YAML::Node &)> set;
    std::function<std::string(const Config &)> text; ///< as it would stand in the file
    std::function<void(Config &into, const Config &from)> copy;
};

/// All keys, in the order the default file shows them.
const std::vector<Key> &keys();

const Key *find_key(const std::string &name);

/// The key's name, and how else it may stand at the margin of a file.
std::vector<std::string> spellings_of(const std::string &name);

/// Whether keys begin with "name.".
bool is_section(const std::string &name);

} // namespace panto::config
