// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the device has of memory: its swap file, and how much the daemon may use.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/observe/log.h"

#include <charconv>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using system::MemoryLimit;
using system::Swap;
using system::SwapStep;

constexpr char kNote[] = "memory-limit"; // MiB, while there is one

struct SwapBody {
    unsigned mib = 0;
};
constexpr Field<SwapBody> kSwap[] = {
    {"size", "Size of the swap file, in MB; 0 for none", &SwapBody::mib, 0, 64 << 10},
};
struct LimitBody {
    bool enabled = false;
    unsigned mib = 0;
};
constexpr Field<LimitBody> kLimit[] = {
    {"enabled", "Whether there is a limit", &LimitBody::enabled},
    {"limit", "What the daemon may use, in MB, 64 at the least", &LimitBody::mib, 0, 1 << 20},
};

http::Response swap_failure(const Error &e)
{
    return e.code == int(SwapStep::Off) ? failure(-2, "disable swap failed", e)
                                        : failure(-4, "enable swap failed", e);
}

/// A limit that is there no more after a start of the device is set again.
void restore(const MemoryLimit &limit, const state::Notes &notes)
{
    const std::string text = notes.text(kNote);
    int64_t mib = 0;
    if (text.empty() ||
        std::from_chars(text.data(), text.data() + text.size(), mib).ec != std::errc{})
        return;
    if (auto set = limit.set(mib); !set)
        log_warning("system", "the memory limit is not back", {{"why", set.error().message}});
}

void set_limit(const MemoryLimit &limit, state::Notes &notes, const LimitBody &body,
               const Reply &reply)
{
    const auto wanted = body.enabled ? std::optional<int64_t>{body.mib} : std::nullopt;
    const auto now = limit.read();
    const bool none = !wanted && (!now || !*now); // there is nothing to take away
    if (auto set = none ? ok : limit.set(wanted); !set)
        return reply(set.error().kind == Kind::Invalid
                         ? failure(-1, "invalid arguments", set.error())
                         : failure(-2, "failed to set memory limit", set.error()));
    const auto done = [reply](Result<> kept) {
        reply(kept ? success() : failure(-2, "failed to set memory limit", kept.error()));
    };
    if (wanted)
        notes.write(kNote, std::to_string(*wanted), done);
    else
        notes.remove(kNote, done);
}

} // namespace

std::vector<http::Route> resources_routes(Swap &swap, const MemoryLimit &limit, state::Notes &notes)
{
    restore(limit, notes);
    const auto tell_swap = [&swap](const Request &, Reply reply) {
        swap.size([reply](Result<int64_t> mib) {
            http::Response r = success(json::Object{}.add("size", mib ? *mib : 0));
            if (!mib) // a system that cannot swap has none
                r.why = mib.error().message;
            reply(std::move(r));
        });
    };
    const auto set_swap = [&swap](const SwapBody &body, const Request &, Reply reply) {
        swap.set(body.mib,
                 [reply](Result<> done) { reply(done ? success() : swap_failure(done.error())); });
    };
    const auto tell = [&limit, &notes](const Request &, Reply reply) {
        const auto mib = limit.read();
        const bool any = mib && *mib;
        if (!mib && !notes.text(kNote).empty()) // somebody set one
            return reply(failure(-1, "failed to get memory limit", mib.error()));
        http::Response r =
            success(json::Object{}.add("enabled", any).add("limit", any ? **mib : 0));
        if (!mib) // nothing here could limit it
            r.why = mib.error().message;
        reply(std::move(r));
    };
    const auto set = [&limit, &notes](const LimitBody &body, const Request &, Reply reply) {
        set_limit(limit, notes, body, reply);
    };
    return {
        {"GET", "/api/vm/swap", Role::Admin, "Tells how large the swap file is", tell_swap},
        {"POST", "/api/vm/swap", Role::Admin, "Makes a swap file, or removes it",
         with_body(kSwap, set_swap)},
        {"GET", "/api/vm/memory/limit", Role::Admin, "Tells how much memory the daemon may use",
         tell},
        {"POST", "/api/vm/memory/limit", Role::Admin, "Limits the daemon's memory",
         with_body(kLimit, set)},
        {"GET", "/api/vm/memory-limit", Role::Admin, "Tells how much memory the daemon may use",
         tell},
        {"POST", "/api/vm/memory-limit", Role::Admin, "Limits the daemon's memory",
         with_body(kLimit, set)},
    };
}

} // namespace panto::api
