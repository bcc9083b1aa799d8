// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/devices.h"

#include "plugins/venc/where.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace panto::venc
{

namespace
{

Result<> can_open(const std::string &node, const std::string &root)
{
    if (access((root + node).c_str(), R_OK | W_OK) == 0)
        return ok;
    const int error = errno;
    return Error{error == ENOENT ? Kind::NotFound : Kind::Denied,
                 "cannot open /" + node + ": " + std::strerror(error), error};
}

} // namespace

Result<> can_open_any(const std::vector<std::string> &nodes)
{
    const std::string root = device_root();
    if (root.empty())
        return ok;
    Result<> found = Error{Kind::NotFound, ""};
    for (const std::string &node : nodes) {
        auto r = can_open(node, root);
        if (r)
            return r;
        if (found.error().message.empty() || r.error().kind != Kind::NotFound)
            found = std::move(r);
    }
    return found;
}

} // namespace panto::venc
