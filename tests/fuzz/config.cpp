// SPDX-License-Identifier: LGPL-2.1-or-later
/// server.yaml and a pipeline file: every problem, and all that is left out, is a line with file
/// and line number.
#include "daemon/config/config.h"
#include "daemon/config/pipeline_file.h"

#include <cstdint>
#include <glib.h>

using namespace panto;

namespace
{

void check(Error &error)
{
    g_assert(error.kind == Kind::Invalid && !error.message.empty());
    g_assert(error.message.starts_with("f:"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string input{reinterpret_cast<const char *>(data), size};
    auto config = config::parse(input, "f");
    if (!config)
        check(config.error());
    for (size_t i = 0; config && i < config->left_out.size(); ++i)
        g_assert(config->left_out[i].starts_with("f:"));
    if (auto file = config::parse_pipeline(input, "f"); !file)
        check(file.error());
    return 0;
}
