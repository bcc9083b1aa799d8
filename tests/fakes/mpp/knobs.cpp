// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/knobs.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <sstream>

namespace panto::standin
{

namespace
{

struct Log {
    std::mutex lock;
    std::string name;
    FILE *file = nullptr;
};

/// Never destroyed: the last lines are written when the process ends.
Log &the_log()
{
    static auto *const only = new Log;
    return *only;
}

} // namespace

int knob(const char *name, int otherwise)
{
    const char *const value = std::getenv(name);
    return value && *value ? int(std::strtol(value, nullptr, 0)) : otherwise;
}

std::vector<std::string> knob_list(const char *name)
{
    std::vector<std::string> all;
    const char *const value = std::getenv(name);
    std::istringstream text{value ? value : ""};
    for (std::string one; std::getline(text, one, ',');)
        all.push_back(one);
    return all;
}

Knobs Knobs::read()
{
    return {
        .delay_ms = knob("STANDIN_DELAY_MS"),
        .jitter_ms = knob("STANDIN_JITTER_MS"),
        .fail_every = knob("STANDIN_FAIL_EVERY"),
        .hang_at = knob("STANDIN_HANG_AT"),
        .drop_every = knob("STANDIN_DROP_EVERY"),
        .put_busy_every = knob("STANDIN_PUT_BUSY_EVERY"),
        .ignore_idr = knob("STANDIN_IGNORE_IDR"),
        .table = knob("STANDIN_TABLE", int(mpp::kApiSize)),
        .stall = knob("STANDIN_STALL") != 0,
        .big_idr = size_t(knob("STANDIN_BIG_IDR")),
        .init = mpp::Ret{knob("STANDIN_INIT")},
    };
}

void open_log()
{
    const char *const value = std::getenv("STANDIN_LOG");
    const std::string name = value ? value : "";
    Log &l = the_log();
    const std::lock_guard hold{l.lock};
    if (name == l.name)
        return;
    if (l.file && l.file != stderr)
        std::fclose(l.file);
    l.name = name;
    l.file = name.empty() ? nullptr : name == "1" ? stderr : std::fopen(name.c_str(), "ae");
}

void log(const char *format, ...)
{
    Log &l = the_log();
    const std::lock_guard hold{l.lock};
    if (!l.file)
        return;
    va_list values;
    va_start(values, format);
    std::vfprintf(l.file, format, values);
    va_end(values);
    std::fputc('\n', l.file);
    std::fflush(l.file);
}

} // namespace panto::standin
