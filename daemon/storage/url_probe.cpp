// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/url_probe.h"

#include "lib/glib/source.h"

#include <memory>

namespace panto::storage
{

namespace
{

/// One that is sent on may get each part from another server, which has other tags for the same
/// file, but hardly another date.
std::string precondition(const fetch::Head &head)
{
    if (head.validator.starts_with('"') && !head.redirected)
        return "If-Match: " + head.validator;
    return head.date.empty() ? "" : "If-Unmodified-Since: " + head.date;
}

Result<std::string> judged(const Result<fetch::Head> &head)
{
    if (!head || head->size_bytes == 0) // whoever reads from it says why it cannot be read from
        return std::string{};
    if (!head->part)
        return Error{Kind::Unavailable, kNoRanges};
    return precondition(*head);
}

struct Probe {
    Done<std::string> done;
    fetch::Transfer transfer;
    Source patience;

    void end(Result<std::string> with)
    {
        patience = {};
        const auto ended = std::exchange(transfer, nullptr);
        if (const auto tell = std::exchange(done, nullptr))
            tell(std::move(with));
    }
};

} // namespace

std::string no_answer(unsigned timeout_s)
{
    return "the server did not answer within " + std::to_string(timeout_s) + " s";
}

void probe_url(const fetch::Start &fetch, const std::string &url, unsigned timeout_s,
               Done<std::string> done)
{
    const auto probe = std::make_shared<Probe>(Probe{std::move(done), {}, {}});
    // It lives as long as one of these waits.
    probe->patience = after(std::chrono::seconds{timeout_s}, [probe, timeout_s] {
        probe->end(Error{Kind::Timeout, no_answer(timeout_s)});
    });
    probe->transfer =
        fetch({.url = url, .most_bytes = 1},
              {[weak = std::weak_ptr{probe}](Result<fetch::Head> head, std::function<void()>) {
                   if (const auto asked = weak.lock())
                       asked->end(judged(head));
               },
               [](std::string, std::function<void()>) {}, [](Result<>) {}});
}

} // namespace panto::storage
