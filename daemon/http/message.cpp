// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/message.h"

#include "daemon/http/byte_range.h"
#include "daemon/http/origins.h"
#include "daemon/http/peer.h"
#include "daemon/http/trace.h"
#include "lib/base/split.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace panto::http
{

namespace
{

constexpr unsigned kHttpsPort = 443;

std::string lower(std::string_view s)
{
    std::string out{s};
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return out;
}

std::string header(SoupMessageHeaders *h, const char *name)
{
    const char *v = soup_message_headers_get_one(h, name);
    return v ? v : "";
}

/// Where the headers go that are taken as they stand.
constexpr struct {
    const char *name;
    std::string Request::*at;
} kHeaders[] = {
    {"Host", &Request::host},
    {"User-Agent", &Request::user_agent},
    {"Accept", &Request::accept},
    {"Content-Type", &Request::content_type_line},
    {"Origin", &Request::origin},
    {"Authorization", &Request::bearer}, // the whole of it, at first
    {"Content-Range", &Request::content_range},
    {"X-SHA256-Sum", &Request::checksum},
    {"X-SHA256-Checksum", &Request::checksum},
    {"If-Match", &Request::if_match},
    {"X-NanoKVM-Internal-Token", &Request::internal_token},
    {"MCP-Protocol-Version", &Request::protocol_version},
};

/// What is not taken as it stands.
struct OtherHeaders {
    std::string cookies; ///< of all Cookie headers, as if they had come in one
    std::string proto;   ///< X-Forwarded-Proto
};

/// Of others that come twice the last counts.
OtherHeaders read_headers(SoupMessageHeaders *h, Request &rq)
{
    OtherHeaders others;
    SoupMessageHeadersIter i;
    const char *name = nullptr, *value = nullptr;
    soup_message_headers_iter_init(&i, h);
    while (soup_message_headers_iter_next(&i, &name, &value)) {
        if (g_ascii_strcasecmp(name, "Cookie") == 0)
            others.cookies.append(value).append("; ");
        else if (g_ascii_strcasecmp(name, "X-Forwarded-Proto") == 0)
            others.proto = value;
        for (const auto &header : kHeaders)
            if (g_ascii_strcasecmp(name, header.name) == 0) {
                rq.*header.at = value;
                break;
            }
    }
    return others;
}

/// The token of an Authorization header, or "".
std::string bearer(const std::string &authorization)
{
    constexpr std::string_view kScheme = "bearer ";
    if (lower(std::string_view{authorization}.substr(0, kScheme.size())) != kScheme)
        return {};
    const size_t token = authorization.find_first_not_of(' ', kScheme.size());
    return token == std::string::npos ? "" : authorization.substr(token);
}

/// What has arrived of it.
std::string body_of(SoupServerMessage *message)
{
    std::string body;
    GBytes *bytes = soup_message_body_flatten(soup_server_message_get_request_body(message));
    gsize size = 0;
    if (auto *data = static_cast<const char *>(bytes ? g_bytes_get_data(bytes, &size) : nullptr))
        body.assign(data, size);
    if (bytes)
        g_bytes_unref(bytes);
    return body;
}

/// "host:port" in lower case, with the default port of the scheme filled in.
std::string with_port(std::string_view host, bool secure)
{
    std::string h = lower(host);
    const size_t colon = h.rfind(':');
    const bool has_port = colon != std::string::npos && h.find(']', colon) == std::string::npos;
    return has_port ? h : h + (secure ? ":443" : ":80");
}

} // namespace

std::string cookie(std::string_view header, std::string_view name)
{
    while (!header.empty()) {
        const size_t end = std::min(header.find(';'), header.size());
        std::string_view pair = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        pair = trimmed(pair);
        if (pair.size() <= name.size() || !pair.starts_with(name) || pair[name.size()] != '=')
            continue;
        pair = trimmed(pair.substr(name.size() + 1));
        if (pair.size() > 1 && pair.front() == '"' && pair.back() == '"')
            pair = pair.substr(1, pair.size() - 2);
        return std::string{pair};
    }
    return {};
}

bool same_origin(std::string_view origin, std::string_view host, bool secure)
{
    if (origin.empty())
        return true;
    const size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos) // "null", or nonsense
        return false;
    const std::string name = lower(origin.substr(0, scheme));
    if (host.empty() || (name != "http" && name != "https"))
        return false;
    return with_port(origin.substr(scheme + 3), name == "https") == with_port(host, secure);
}

bool came_over_tls(SoupServerMessage *message)
{
    const Peer *peer = peer_of(message);
    return peer && peer->tls;
}

Response redirect_to_https(SoupServerMessage *message, unsigned port)
{
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    std::string host = header(h, "Host");
    const size_t colon = host.rfind(':');
    if (colon != std::string::npos && host.find(']', colon) == std::string::npos)
        host.erase(colon);
    if (host.empty()) { // of one that names no host: where it came to
        const Peer *peer = peer_of(message);
        const std::string ours = peer ? peer->local_address() : "";
        host = ours.empty()                          ? "localhost"
               : ours.find(':') != std::string::npos ? "[" + ours + "]"
                                                     : ours;
    }
    GUri *uri = soup_server_message_get_uri(message);
    const char *query = g_uri_get_query(uri);
    std::string to = "https://" + host + (port == kHttpsPort ? "" : ":" + std::to_string(port));
    // libsoup has taken the path's escapes out: what has to be one in a path is one again.
    g_autofree char *path = g_uri_escape_string(
        g_uri_get_path(uri), G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, /*allow_utf8=*/FALSE);
    to += path;
    to += query ? std::string{"?"} + query : "";
    return {307, "text/plain; charset=utf-8", "over https only\n", {{"Location", to}}};
}

std::string without_slash(const char *path)
{
    std::string out = path ? path : "";
    while (out.size() > 1 && out.back() == '/')
        out.pop_back();
    return out;
}

Request read_request(SoupServerMessage *message, const char *path, GHashTable *query)
{
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    Request rq;
    rq.method = soup_server_message_get_method(message);
    rq.path = without_slash(path);
    const Trace &trace = trace_of(message);
    if (trace.route)
        rq.params = trace.params;
    if (query) {
        GHashTableIter it;
        gpointer key, value;
        g_hash_table_iter_init(&it, query);
        while (g_hash_table_iter_next(&it, &key, &value))
            rq.query[static_cast<char *>(key)] = value ? static_cast<char *>(value) : "";
    }
    const OtherHeaders others = read_headers(h, rq);
    rq.token = cookie(others.cookies, "nano-kvm-token");
    rq.bearer = bearer(rq.bearer);
    if (trace.route && takes_bearer(*trace.route) && !rq.bearer.empty())
        rq.token = rq.bearer;
    const std::string &type = rq.content_type_line;
    rq.content_type = lower(std::string_view{type}.substr(0, type.find(';')));
    while (!rq.content_type.empty() && rq.content_type.back() == ' ')
        rq.content_type.pop_back();
    const SoupEncoding encoding = soup_message_headers_get_encoding(h);
    if (encoding == SOUP_ENCODING_CONTENT_LENGTH)
        rq.content_length = soup_message_headers_get_content_length(h);
    if (encoding != SOUP_ENCODING_NONE)
        rq.body = body_of(message);
    const Peer *peer = peer_of(message);
    if (peer) {
        rq.address = peer->address;
        if (trace.websocket || unsafe(rq.method))
            rq.local_address = peer->local_address();
    }
    rq.secure = (peer && peer->tls) ||
                lower(std::string_view{others.proto}.substr(0, others.proto.find(','))) == "https";
    return rq;
}

Asked read_asked(SoupServerMessage *message)
{
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    const auto line = [h](const char *name) {
        const char *value = soup_message_headers_get_list(h, name);
        return std::string{value ? value : ""};
    };
    return {line("If-None-Match"), line("Accept-Encoding")};
}

namespace
{

/// What a Range header asks for of the file. Of its bytes none is copied: libsoup, left to itself,
/// would copy all of them to cut the part out.
void write_file(SoupServerMessage *message, const Response &response)
{
    const std::string_view bytes = response.file->bytes();
    SoupMessageHeaders *asked = soup_server_message_get_request_headers(message);
    const ByteRange range = ByteRange::of(header(asked, "Range"), bytes.size());
    soup_message_headers_remove(asked, "Range");
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(h, "Accept-Ranges", "bytes");
    if (range.kind == ByteRange::Kind::None) {
        soup_server_message_set_status(message, 416, nullptr);
        const std::string size = "bytes */" + std::to_string(bytes.size());
        return soup_message_headers_replace(h, "Content-Range", size.c_str());
    }
    if (range.kind == ByteRange::Kind::Part) {
        soup_server_message_set_status(message, 206, nullptr);
        soup_message_headers_set_content_range(h, goffset(range.first),
                                               goffset(range.first + range.length - 1),
                                               goffset(bytes.size()));
    }
    using Held = std::shared_ptr<const MappedFile>;
    GBytes *body = g_bytes_new_with_free_func(
        bytes.data() + range.first, range.length, [](gpointer p) { delete static_cast<Held *>(p); },
        new Held{response.file});
    soup_message_headers_set_content_type(h, response.type.c_str(), nullptr);
    soup_message_body_append_bytes(soup_server_message_get_response_body(message), body);
    g_bytes_unref(body);
}

} // namespace

void write_response(SoupServerMessage *message, const Response &response)
{
    soup_server_message_set_status(message, response.status, nullptr);
    if (!response.why.empty())
        trace_of(message).why = response.why;
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    for (const auto &[name, value] : response.headers)
        soup_message_headers_append(h, name.c_str(), value.c_str());
    if (response.status == 204 ||
        response.status == 304) // else libsoup ends the body, and so the connection, by closing
        soup_message_headers_set_encoding(h, SOUP_ENCODING_NONE);
    if (response.file)
        write_file(message, response);
    else if (!response.type.empty())
        soup_server_message_set_response(message, response.type.c_str(), SOUP_MEMORY_COPY,
                                         response.body.data(), response.body.size());
    if (const Peer *peer = peer_of(message))
        peer->hold(true); // until the request is finished
}

const char *bad_length(SoupMessageHeaders *request)
{
    const char *length = soup_message_headers_get_list(request, "Content-Length");
    const char *coding = soup_message_headers_get_list(request, "Transfer-Encoding");
    if (coding && length)
        return "a length and a transfer coding";
    if (coding && g_ascii_strcasecmp(coding, "chunked") != 0)
        return "a transfer coding other than chunked";
    constexpr size_t kMostDigits = 18; // of 64 bits
    if (length && (!*length || std::strspn(length, "0123456789") != std::strlen(length) ||
                   std::strlen(length) > kMostDigits))
        return "no length, or several";
    return nullptr;
}

void write_refusal(SoupServerMessage *message, const Response &response)
{
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(h, "Connection", "close");
    write_response(message, response);
}

std::string feed_head(const Headers &headers)
{
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (const auto &[name, value] : headers)
        head += name + ": " + value + "\r\n";
    GDateTime *now = g_date_time_new_now_utc();
    char *date = g_date_time_format(now, "%a, %d %b %Y %H:%M:%S GMT");
    head += std::string{"X-Server-Date: "} + date + "\r\nConnection: close\r\n\r\n";
    g_free(date);
    g_date_time_unref(now);
    return head;
}

} // namespace panto::http
