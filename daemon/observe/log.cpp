// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observe/log.h"

#include "lib/base/fd.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <glib.h>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace panto
{

namespace
{

constexpr char kPrefix[] = "panto-";

/// Where lines go and which; replaced as a whole by start_log().
struct Sink {
    Fd file;
    int fd = STDOUT_FILENO;
    unsigned least = G_LOG_LEVEL_INFO;
    unsigned fatal = G_LOG_FATAL_MASK;
};
std::atomic<const Sink *> sink = nullptr;

const char *priority(GLogLevelFlags level)
{
    // syslog's numbers, as the journal wants them
    return level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL) ? "3"
           : level & G_LOG_LEVEL_WARNING                      ? "4"
           : level & G_LOG_LEVEL_MESSAGE                      ? "5"
           : level & G_LOG_LEVEL_INFO                         ? "6"
                                                              : "7";
}

const char *name(GLogLevelFlags level)
{
    return level & G_LOG_LEVEL_ERROR      ? "error"
           : level & G_LOG_LEVEL_CRITICAL ? "critical"
           : level & G_LOG_LEVEL_WARNING  ? "warning"
           : level & G_LOG_LEVEL_MESSAGE  ? "message"
           : level & G_LOG_LEVEL_INFO     ? "info"
                                          : "debug";
}

/// The least important level that a name lets through, 0 for no such name.
GLogLevelFlags parse_level(const std::string &text)
{
    static constexpr struct {
        const char *text;
        GLogLevelFlags level;
    } kLevels[] = {
        {"trace", G_LOG_LEVEL_DEBUG},     {"debug", G_LOG_LEVEL_DEBUG},
        {"info", G_LOG_LEVEL_INFO},       {"warn", G_LOG_LEVEL_WARNING},
        {"warning", G_LOG_LEVEL_WARNING}, {"error", G_LOG_LEVEL_CRITICAL},
        {"fatal", G_LOG_LEVEL_ERROR},     {"panic", G_LOG_LEVEL_ERROR},
    };
    for (const auto &l : kLevels) {
        if (text == l.text)
            return l.level;
    }
    return GLogLevelFlags(0);
}

/// Whether GLib put the field there and the line already says it, or need not.
bool is_glibs_own(std::string_view key)
{
    return key == "MESSAGE" || key == "PRIORITY" || key == "GLIB_DOMAIN" ||
           key == "GLIB_OLD_LOG_API" || key.starts_with("CODE_");
}

std::string field_text(const GLogField &field)
{
    const auto *bytes = static_cast<const char *>(field.value);
    return field.length < 0 ? std::string{bytes} : std::string{bytes, size_t(field.length)};
}

std::string key_value(const GLogField &field)
{
    g_autofree char *key = g_ascii_strdown(field.key, -1);
    std::string value;
    for (const char c : observe::escaped(field_text(field))) {
        if (c == '"')
            value += '\\';
        value += c;
    }
    const bool bare = !value.empty() && value.find_first_of(" \"=") == std::string::npos;
    return " " + std::string{key} + "=" + (bare ? value : "\"" + value + "\"");
}

std::string now_text()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    gmtime_r(&now.tv_sec, &parts);
    char text[48];
    const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    g_snprintf(text + size, gulong(sizeof text - size), ".%03dZ", int(now.tv_nsec / 1'000'000));
    return text;
}

std::string line_of(GLogLevelFlags level, const GLogField *fields, size_t count)
{
    std::string room = "-", message, rest;
    for (size_t i = 0; i < count; ++i) {
        const std::string_view key = fields[i].key;
        if (key == "GLIB_DOMAIN")
            room = observe::escaped(field_text(fields[i]));
        else if (key == "MESSAGE")
            message = observe::escaped(field_text(fields[i]));
        else if (!is_glibs_own(key))
            rest += key_value(fields[i]);
    }
    if (room.starts_with(kPrefix))
        room.erase(0, sizeof kPrefix - 1);
    return now_text() + " " + name(level) + " " + room + " " + message + rest + "\n";
}

/// libsoup 3.2 makes a GObject property of a request's length before anybody can refuse it, and
/// GObject complains of one below zero: the request's own line says what is wrong.
bool is_about_a_request(const GLogField *fields, size_t count)
{
    bool from_gobject = false, about_length = false;
    for (size_t i = 0; i < count; ++i) {
        const std::string_view key = fields[i].key;
        if (key == "GLIB_DOMAIN")
            from_gobject = field_text(fields[i]) == "GLib-GObject";
        else if (key == "MESSAGE")
            about_length = field_text(fields[i]).find("for property 'content-length' of type "
                                                      "'gint64'") != std::string::npos;
    }
    return from_gobject && about_length;
}

GLogWriterOutput write_line(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer)
{
    if (is_about_a_request(fields, count))
        return G_LOG_WRITER_HANDLED;
    const Sink *to = sink.load();
    // A more important level is a smaller bit.
    if (unsigned(level & G_LOG_LEVEL_MASK) <= to->least) {
        const std::string line = line_of(level, fields, count);
        ssize_t n; // one write for one line: lines of two threads do not mix
        do
            n = ::write(to->fd, line.data(), line.size());
        while (n < 0 && errno == EINTR);
    }
    if (level & to->fatal)
        std::abort();
    return G_LOG_WRITER_HANDLED;
}

void log(GLogLevelFlags level, const char *room, const std::string &message,
         const LogFields &fields)
{
    const std::string domain = kPrefix + std::string{room};
    std::vector<GLogField> all{
        {"PRIORITY", priority(level), -1},
        {"GLIB_DOMAIN", domain.c_str(), -1},
        {"MESSAGE", message.data(), gssize(message.size())},
    };
    std::vector<std::string> keys; // the journal wants upper case
    keys.reserve(fields.size());
    for (const LogField &field : fields) {
        g_autofree char *key = g_ascii_strup(field.key, -1);
        keys.emplace_back(key);
        all.push_back({keys.back().c_str(), field.value.data(), gssize(field.value.size())});
    }
    g_log_structured_array(level, all.data(), all.size());
}

} // namespace

void log_critical(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_CRITICAL, room, message, fields);
}

void log_warning(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_WARNING, room, message, fields);
}

void log_message(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_MESSAGE, room, message, fields);
}

void log_info(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_INFO, room, message, fields);
}

void log_debug(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_DEBUG, room, message, fields);
}

namespace observe
{

Result<> start_log(const std::string &level, const std::string &file)
{
    auto next = std::make_unique<Sink>();
    next->least = parse_level(level);
    if (!next->least)
        return Error{Kind::Invalid, "no log level is called " + level};
    if (file == "stderr") {
        next->fd = STDERR_FILENO;
    } else if (file != "stdout") {
        next->file = Fd{::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)};
        const int code = errno;
        if (!next->file)
            return Error{Kind::Unavailable, "cannot log to " + file + ": " + std::strerror(code),
                         code};
        next->fd = next->file.get();
    }
    // There is no way to read the mask that G_DEBUG=fatal-criticals sets but by setting it.
    next->fatal =
        unsigned(g_log_set_always_fatal(GLogLevelFlags(G_LOG_FATAL_MASK))) | G_LOG_FATAL_MASK;
    g_log_set_always_fatal(GLogLevelFlags(next->fatal));

    // Never freed: another thread may be writing with the one before.
    static auto &all = *new std::vector<std::unique_ptr<Sink>>;
    if (!sink.exchange(next.get()))
        g_log_set_writer_func(write_line, nullptr, nullptr);
    all.push_back(std::move(next));
    return ok;
}

std::string escaped(const std::string &text)
{
    if (std::all_of(text.begin(), text.end(),
                    [](char c) { return c >= ' ' && c < 127 && c != '\\'; }))
        return text; // as nearly all of it
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
        const gunichar point = g_utf8_get_char_validated(rest.data(), gssize(rest.size()));
        const bool valid = point < 0x110000;
        const size_t length = valid ? size_t(g_unichar_to_utf8(point, nullptr)) : 1;
        char hex[12];
        const bool shows = valid && g_unichar_isprint(point) && !g_unichar_isspace(point);
        if (point == '\\') {
            out += "\\\\";
        } else if (shows || point == ' ') {
            out += rest.substr(0, length);
        } else if (point == '\n') {
            out += "\\n";
        } else if (valid) {
            g_snprintf(hex, sizeof hex, "\\u{%x}", point);
            out += hex;
        } else {
            g_snprintf(hex, sizeof hex, "\\x%02x", unsigned(uint8_t(rest.front())));
            out += hex;
        }
        rest.remove_prefix(length);
    }
    return out;
}

} // namespace observe
} // namespace panto
