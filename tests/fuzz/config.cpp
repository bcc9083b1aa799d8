// SPDX-License-Identifier: LGPL-2.1-or-later
/// server.yaml and a pipeline file: every problem is a line with file and line number.
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
    if (auto config = config::parse(input, "f"); !config)
        check(config.error());
    if (auto file = config::parse_pipeline(input, "f"); !file)
        check(file.error());
    return 0;
}
