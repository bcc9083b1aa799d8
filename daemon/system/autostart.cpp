// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/autostart.h"

#include "daemon/observe/log.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

namespace panto::system
{

namespace
{

constexpr char kBootId[] = "/proc/sys/kernel/random/boot_id";
constexpr mode_t kEverybodyReads = 0644;

/// Whether this is the first asking since the device started. When that cannot be kept: no, as
/// starting them again and again is worse. Blocks on the disk.
Result<bool> first_of_this_boot(const std::string &marker)
{
    PANTO_TRY(boot, read_file(kBootId));
    const auto last = read_file(marker);
    if (last && *last == boot)
        return false;
    if (auto kept = replace_file(marker, boot, kEverybodyReads); !kept)
        return std::move(kept.error());
    return true;
}

void start_all(const Scripts &scripts, const std::vector<std::string> &names)
{
    for (const std::string &name : names)
        scripts.start(name, [name](Result<> started) {
            if (started)
                log_message("system", "autostart", {{"script", name}});
            else
                log_warning("system", "autostart failed",
                            {{"script", name}, {"why", started.error().message}});
        });
}

} // namespace

void run_autostart(const Scripts &scripts, const std::string &state_dir)
{
    scripts.list([&scripts, state_dir](Result<std::vector<std::string>> names) {
        if (!names)
            log_warning("system", "no autostart", {{"why", names.error().message}});
        if (!names || names->empty())
            return;
        offload([marker = state_dir + "/autostarted"] { return first_of_this_boot(marker); },
                [&scripts, names = *names](Result<bool> first) {
                    if (!first)
                        log_warning("system", "no autostart", {{"why", first.error().message}});
                    if (first && *first)
                        start_all(scripts, names);
                });
    });
}

} // namespace panto::system
