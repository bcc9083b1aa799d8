// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace panto::control
{

/// When something was that has not been yet, as the wire spells it.
inline constexpr char kNever[] = "0001-01-01T00:00:00Z";

/// Board: the latest status of each kind, for everyone who looks on.
///
/// Threads  main loop only
class Board
{
public:
    /// type and data, which is JSON text.
    using Read = std::function<void(const std::string &type, const std::string &data)>;

    /// Ends the reading when it dies.
    using Reader = std::shared_ptr<Read>;

    /// Reads what stands there now, in the order that clients expect, and every change from now.
    Reader join(Read read)
    {
        auto reader = std::make_shared<Read>(std::move(read));
        readers_.push_back(reader);
        std::vector<Entry> now{entries_};
        std::stable_sort(now.begin(), now.end(), [](const Entry &a, const Entry &b) {
            return place(a.type) < place(b.type);
        });
        for (const auto &entry : now)
            (*reader)(entry.type, entry.data);
        return reader;
    }

    /// Writes a status; `part` tells several of one type apart. Says so only when it changed.
    void write(const std::string &type, const std::string &data, const std::string &part = "")
    {
        if (entry(type, part).data != data)
            tell(type, data, part);
    }

    /// Writes a status and says so even when it did not change: it may mean something else now.
    void tell(const std::string &type, const std::string &data, const std::string &part = "")
    {
        entry(type, part).data = data;
        std::erase_if(readers_, [](const auto &weak) { return weak.expired(); });
        for (const auto &weak : std::vector{readers_})
            if (auto reader = weak.lock())
                (*reader)(type, data);
    }

    /// What stands there, "" if nothing does.
    std::string read(const std::string &type) const
    {
        for (const Entry &e : entries_)
            if (e.type == type)
                return e.data;
        return {};
    }

private:
    struct Entry {
        std::string type, part, data;
    };

    /// The NanoKVM's clients get these three first, in this order; ours come after.
    static int place(const std::string &type)
    {
        return type == "capture-status"     ? 0
               : type == "h264-mode-status" ? 1
               : type == "hid-led-status"   ? 2
                                            : 3;
    }

    Entry &entry(const std::string &type, const std::string &part)
    {
        for (Entry &e : entries_)
            if (e.type == type && e.part == part)
                return e;
        return entries_.emplace_back(Entry{type, part, ""});
    }

    std::vector<Entry> entries_;
    std::vector<std::weak_ptr<Read>> readers_;
};

} // namespace panto::control
