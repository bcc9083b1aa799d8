// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/wol.h"

#include "daemon/observe/log.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <glib.h>

namespace panto::power
{

namespace
{

constexpr size_t kLongestName = 64;
constexpr size_t kMostRemembered = 100;

using Lines = std::vector<std::string>;

/// The address a line of the file is about; what is none is kept, but of no one.
Result<Mac> mac_of(const std::string &line)
{
    return parse_mac(line.substr(0, line.find(' ')));
}

bool is_about(const std::string &line, const Mac &mac)
{
    const auto it = mac_of(line);
    return it && *it == mac;
}

bool is_named(const std::string &line)
{
    return line.find(' ') != std::string::npos;
}

/// Makes room for one more: the oldest that nobody has named gives way. False: all have names.
bool make_room(Lines &lines)
{
    const auto is_ours = [](const std::string &line) { return bool(mac_of(line)); };
    for (auto count = std::count_if(lines.begin(), lines.end(), is_ours);
         size_t(count) >= kMostRemembered; --count) {
        const auto oldest = std::find_if(lines.begin(), lines.end(), [&](const std::string &line) {
            return is_ours(line) && !is_named(line);
        });
        if (oldest == lines.end())
            return false;
        lines.erase(oldest);
    }
    return true;
}

Lines split(const std::string &text)
{
    Lines out;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        while (!line.empty() && g_ascii_isspace(line.back()))
            line.pop_back();
        if (!line.empty())
            out.push_back(std::move(line));
        at = end + 1;
    }
    return out;
}

Result<Lines> read_lines(const std::string &path)
{
    auto text = read_file(path);
    if (!text && text.error().kind == Kind::NotFound)
        return Lines{};
    if (!text)
        return Error{Kind::Unavailable, text.error().message};
    return split(*text);
}

Result<> edit_file(const std::string &path, const std::function<Result<Lines>(Lines)> &edit)
{
    PANTO_TRY(before, read_lines(path));
    PANTO_TRY(after, edit(before));
    if (after == before)
        return ok;
    std::string text;
    for (const std::string &line : after)
        text += line + "\n";
    const std::string folder = path.substr(0, path.rfind('/'));
    if (g_mkdir_with_parents(folder.c_str(), 0755) != 0)
        return Error{Kind::Internal, "cannot make " + folder + ": " + std::strerror(errno)};
    if (auto written = replace_file(path, text, 0644); !written)
        return Error{Kind::Internal, written.error().message};
    return ok;
}

/// A card's own address: that of none and those of groups of cards wake nobody.
Result<Mac> parse_cards(const std::string &text)
{
    PANTO_TRY(mac, parse_mac(text));
    constexpr uint8_t kGroup = 1;
    if (mac == Mac{} || mac[0] & kGroup)
        return Error{Kind::Invalid, "no network card has this address"};
    return mac;
}

/// One line of the file: no control characters, no more than people read.
Result<> check_name(const std::string &name)
{
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (name.empty() || name.front() == ' ' || name.size() > kLongestName ||
        std::any_of(name.begin(), name.end(), is_control))
        return Error{Kind::Invalid, "a name is one line of 1..64 bytes", WakeOnLan::kBadName};
    return ok;
}

} // namespace

Result<Mac> parse_mac(const std::string &text)
{
    const Error wrong{Kind::Invalid, "an address is 12 hexadecimal digits, as 52:54:00:12:34:56"};
    const size_t sign = text.find_first_of(":-.");
    const char separator = sign == std::string::npos ? '\0' : text[sign];
    if (separator && sign != 2 && sign != 4)
        return wrong;
    Mac mac{};
    size_t digits = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (separator && i % (sign + 1) == sign) {
            if (text[i] != separator)
                return wrong;
            continue;
        }
        const int digit = g_ascii_xdigit_value(text[i]);
        if (digit < 0 || digits == 2 * mac.size())
            return wrong;
        mac[digits / 2] = uint8_t(mac[digits / 2] << 4 | digit);
        ++digits;
    }
    if (digits != 2 * mac.size() || text.back() == separator)
        return wrong;
    return mac;
}

std::string text(const Mac &mac)
{
    std::string out;
    for (const uint8_t byte : mac) {
        constexpr char kDigits[] = "0123456789ABCDEF";
        out += out.empty() ? "" : ":";
        out += {kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return out;
}

std::array<uint8_t, 102> magic_packet(const Mac &mac)
{
    std::array<uint8_t, 102> packet;
    packet.fill(0xff);
    for (size_t i = mac.size(); i < packet.size(); ++i)
        packet[i] = mac[i % mac.size()];
    return packet;
}

WakeOnLan::WakeOnLan(const std::string &state_dir, Send send)
    : path_{state_dir + "/cache/wol"}, send_{std::move(send)}
{
}

void WakeOnLan::wake(const std::string &mac, const std::string &interface, Done<> done)
{
    auto parsed = parse_cards(mac);
    if (!parsed)
        return done(std::move(parsed.error()));
    if (auto sent = send_(*parsed, interface); !sent)
        return done(std::move(sent));
    const auto remember = [mac = *parsed](Lines lines) -> Result<Lines> {
        const auto same = [&](const std::string &line) { return is_about(line, mac); };
        if (std::none_of(lines.begin(), lines.end(), same) && make_room(lines))
            lines.push_back(text(mac));
        return lines;
    };
    change({remember, [done](const Result<> &written) {
                if (!written)
                    log_warning("power", "cannot remember a wake-on-LAN address",
                                {{"why", written.error().message}});
                done(ok);
            }});
}

void WakeOnLan::list(Done<std::vector<std::string>> done) const
{
    offload(
        [path = path_]() -> Result<Lines> {
            PANTO_TRY(lines, read_lines(path));
            std::erase_if(lines, [](const std::string &line) { return !mac_of(line); });
            return lines;
        },
        [done](Result<Lines> lines) { done(std::move(lines)); });
}

void WakeOnLan::name(const std::string &mac, const std::string &name, Done<> done)
{
    auto parsed = parse_cards(mac);
    if (!parsed)
        return done(std::move(parsed.error()));
    if (auto good = check_name(name); !good)
        return done(std::move(good));
    const auto rename = [mac = *parsed,
                         line = text(*parsed) + " " + name](Lines lines) -> Result<Lines> {
        const auto same = [&](const std::string &l) { return is_about(l, mac); };
        const auto found = std::find_if(lines.begin(), lines.end(), same);
        if (found != lines.end())
            *found = line;
        else if (make_room(lines))
            lines.push_back(line);
        else
            return Error{Kind::Busy, "100 computers have names already: forget one"};
        return lines;
    };
    change({rename, std::move(done)});
}

void WakeOnLan::forget(const std::string &mac, Done<> done)
{
    auto parsed = parse_mac(mac);
    if (!parsed)
        return done(std::move(parsed.error()));
    const auto remove = [mac = *parsed](Lines lines) -> Result<Lines> {
        std::erase_if(lines, [&](const std::string &line) { return is_about(line, mac); });
        return lines;
    };
    change({remove, std::move(done)});
}

void WakeOnLan::change(Change change)
{
    changes_.push_back(std::move(change));
    if (changes_.size() == 1)
        next();
}

void WakeOnLan::next()
{
    offload([path = path_, edit = changes_.front().edit] { return edit_file(path, edit); },
            [weak = self_.weak()](Result<> written) {
                auto *self = alive(weak);
                if (!self)
                    return;
                const Done<> done = std::move(self->changes_.front().done);
                self->changes_.pop_front();
                if (!self->changes_.empty())
                    self->next();
                done(std::move(written));
            });
}

} // namespace panto::power
