// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observe/log.h"

#include "daemon/observe/log_file.h"
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

constexpr size_t kMostWaiting = 32 * 1024; // bytes

/// Where lines go; replaced as a whole by start_log().
struct Sink {
    Fd file;
    std::string path = {}; ///< of the file, "" when it has none
    int fd = STDOUT_FILENO;
    unsigned fatal = G_LOG_FATAL_MASK;
};
std::atomic<const Sink *> sink = nullptr;
std::atomic<unsigned> least = G_LOG_LEVEL_INFO; ///< the greater, the more is written

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

std::string_view field_text(const GLogField &field)
{
    const auto *bytes = static_cast<const char *>(field.value);
    return field.length < 0 ? std::string_view{bytes}
                            : std::string_view{bytes, size_t(field.length)};
}

/// Whether it stands for itself in a line.
bool is_plain(char c)
{
    return c >= ' ' && c < 127 && c != '\\';
}

void append_escaped(std::string &to, std::string_view text)
{
    if (std::all_of(text.begin(), text.end(), is_plain))
        to += text; // as nearly all of it
    else
        to += observe::escaped(std::string{text});
}

void append_field(std::string &to, const LogField &field)
{
    to += ' ';
    to += field.key;
    to += '=';
    const size_t start = to.size();
    append_escaped(to, field.value);
    if (to.size() > start && to.find_first_of(" \"=", start) == to.npos)
        return;
    to.insert(start, 1, '"');
    for (size_t at = start + 1; (at = to.find('"', at)) != to.npos; at += 2)
        to.insert(at, 1, '\\');
    to += '"';
}

void append_time(std::string &to)
{
    thread_local time_t second = -1;
    thread_local char text[32];
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != second) {
        tm parts{};
        gmtime_r(&now.tv_sec, &parts);
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", &parts);
        second = now.tv_sec;
    }
    const auto ms = unsigned(now.tv_nsec / 1'000'000);
    to += text;
    to += {char('0' + ms / 100), char('0' + ms / 10 % 10), char('0' + ms % 10), 'Z'};
}

void append_line(std::string &to, GLogLevelFlags level, std::string_view room,
                 std::string_view message, const LogFields &fields)
{
    append_time(to);
    to += ' ';
    to += name(level);
    to += ' ';
    append_escaped(to, room);
    to += ' ';
    append_escaped(to, message);
    for (const LogField &field : fields)
        append_field(to, field);
    to += '\n';
}

void write_out(const Sink &to, const std::string &lines)
{
    ssize_t n; // one write: lines of two threads do not mix
    do
        n = ::write(to.fd, lines.data(), lines.size());
    while (n < 0 && errno == EINTR);
}

/// What the main loop's thread has said and not written yet: one write for many requests.
std::string waiting;
GThread *loop_thread = nullptr;

void write_waiting()
{
    if (const Sink *to = sink.load(); to && !waiting.empty())
        write_out(*to, waiting);
    waiting.clear();
}

/// Writes what waits as soon as the main loop has nothing else to do.
void write_when_idle()
{
    static GSourceFuncs funcs = {
        .prepare = [](GSource *, gint *) -> gboolean { return !waiting.empty(); },
        .check = [](GSource *) -> gboolean { return !waiting.empty(); },
        .dispatch = [](GSource *, GSourceFunc, gpointer) -> gboolean {
            write_waiting();
            return G_SOURCE_CONTINUE;
        },
        .finalize = nullptr,
        .closure_callback = nullptr,
        .closure_marshal = nullptr,
    };
    GSource *source = g_source_new(&funcs, sizeof(GSource));
    g_source_set_priority(source, G_PRIORITY_DEFAULT_IDLE);
    g_source_attach(source, nullptr);
    g_source_unref(source);
    loop_thread = g_thread_self();
    std::atexit(write_waiting);
    std::at_quick_exit(write_waiting);
}

void put(const Sink &to, GLogLevelFlags level, std::string_view room, std::string_view message,
         const LogFields &fields, bool often = false)
{
    const bool fatal = level & to.fatal;
    const unsigned importance = level & G_LOG_LEVEL_MASK; // the more important, the smaller
    if (importance <= least && g_thread_self() != loop_thread) {
        std::string line;
        append_line(line, level, room, message, fields);
        write_out(to, line);
    } else if (importance <= least) {
        append_line(waiting, level, room, message, fields);
        if (!often || waiting.size() > kMostWaiting || fatal || !g_main_context_is_owner(nullptr))
            write_waiting();
    }
    if (fatal)
        std::abort();
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
                                                      "'gint64'") != std::string_view::npos;
    }
    return from_gobject && about_length;
}

/// What GLib and what is built on it says.
GLogWriterOutput write_glibs(GLogLevelFlags level, const GLogField *all, gsize count, gpointer)
{
    if (is_about_a_request(all, count))
        return G_LOG_WRITER_HANDLED;
    std::string_view room = "-", message;
    LogFields fields;
    std::vector<std::string> keys; // GLib's are in upper case
    keys.reserve(count);
    for (size_t i = 0; i < count; ++i) {
        const std::string_view key = all[i].key;
        if (key == "GLIB_DOMAIN") {
            room = field_text(all[i]);
        } else if (key == "MESSAGE") {
            message = field_text(all[i]);
        } else if (!is_glibs_own(key)) {
            g_autofree char *lower = g_ascii_strdown(all[i].key, -1);
            keys.emplace_back(lower);
            fields.push_back({keys.back().c_str(), std::string{field_text(all[i])}});
        }
    }
    put(*sink.load(), level, room, message, fields);
    return G_LOG_WRITER_HANDLED;
}

void log(GLogLevelFlags level, const char *room, const std::string &message,
         const LogFields &fields, bool often = false)
{
    if (const Sink *to = sink.load())
        return put(*to, level, room, message, fields, often);
    std::string line = message; // nobody has said where to
    for (const LogField &field : fields)
        append_field(line, field);
    g_log(room, level, "%s", line.c_str());
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

void log_often(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_INFO, room, message, fields, true);
}

void log_debug(const char *room, const std::string &message, const LogFields &fields)
{
    log(G_LOG_LEVEL_DEBUG, room, message, fields);
}

namespace observe
{

namespace
{

Result<Fd> open_file(const std::string &path)
{
    Fd file{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)};
    const int code = errno;
    if (!file)
        return Error{Kind::Unavailable, "cannot log to " + path + ": " + std::strerror(code), code};
    return file;
}

} // namespace

Result<> start_log(const std::string &level, const std::string &file)
{
    auto next = std::make_unique<Sink>();
    const unsigned wanted = parse_level(level);
    if (!wanted)
        return Error{Kind::Invalid, "no log level is called " + level};
    if (file == "stderr") {
        next->fd = STDERR_FILENO;
    } else if (file != "stdout") {
        PANTO_TRY(opened, open_file(file));
        next->file = std::move(opened);
        next->path = file;
        next->fd = next->file.get();
    }
    // There is no way to read the mask that G_DEBUG=fatal-criticals sets but by setting it.
    next->fatal =
        unsigned(g_log_set_always_fatal(GLogLevelFlags(G_LOG_FATAL_MASK))) | G_LOG_FATAL_MASK;
    g_log_set_always_fatal(GLogLevelFlags(next->fatal));

    // Never freed: another thread may be writing with the one before.
    static auto &all = *new std::vector<std::unique_ptr<Sink>>;
    write_waiting(); // where it was said
    least = wanted;
    if (!sink.exchange(next.get())) {
        g_log_set_writer_func(write_glibs, nullptr, nullptr);
        write_when_idle();
    }
    all.push_back(std::move(next));
    return ok;
}

Result<> reopen_log()
{
    const Sink *now = sink.load();
    if (!now || now->path.empty())
        return ok;
    write_waiting(); // where it was said
    PANTO_TRY(opened, open_file(now->path));
    if (::dup3(opened.get(), now->fd, O_CLOEXEC) < 0) // at once, for every thread
        return Error{Kind::Unavailable, "cannot log to " + now->path + ": " + std::strerror(errno),
                     errno};
    return ok;
}

void change_level(const std::string &level, const std::function<void()> &meanwhile)
{
    const unsigned wanted = parse_level(level);
    g_assert(wanted);
    least = std::max(least.load(), wanted);
    meanwhile();
    least = wanted;
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
