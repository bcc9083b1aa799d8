// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/message.h"

#include "daemon/http/trace.h"

#include <algorithm>
#include <cctype>

namespace panto::http
{

namespace
{

constexpr char kTlsKey[] = "pantograph-tls";
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

/// All Cookie headers as one, as if they had come in it.
std::string cookies(SoupMessageHeaders *h)
{
    std::string all;
    SoupMessageHeadersIter i;
    const char *name = nullptr, *value = nullptr;
    soup_message_headers_iter_init(&i, h);
    while (soup_message_headers_iter_next(&i, &name, &value))
        if (g_ascii_strcasecmp(name, "Cookie") == 0)
            all += std::string{value} + "; ";
    return all;
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
        while (!pair.empty() && pair.front() == ' ')
            pair.remove_prefix(1);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return std::string{pair.substr(name.size() + 1)};
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

void mark_tls(GSocketAddress *remote)
{
    g_object_set_data(G_OBJECT(remote), kTlsKey, remote);
}

bool came_over_tls(SoupServerMessage *message)
{
    GSocketAddress *remote = soup_server_message_get_remote_address(message);
    return remote && g_object_get_data(G_OBJECT(remote), kTlsKey);
}

Response redirect_to_https(SoupServerMessage *message, unsigned port)
{
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    std::string host = header(h, "Host");
    const size_t colon = host.rfind(':');
    if (colon != std::string::npos && host.find(']', colon) == std::string::npos)
        host.erase(colon);
    GUri *uri = soup_server_message_get_uri(message);
    const char *query = g_uri_get_query(uri);
    std::string to = "https://" + host + (port == kHttpsPort ? "" : ":" + std::to_string(port));
    to += g_uri_get_path(uri);
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
    const std::string type = rq.content_type_line = header(h, "Content-Type");
    rq.content_type = lower(std::string_view{type}.substr(0, type.find(';')));
    while (!rq.content_type.empty() && rq.content_type.back() == ' ')
        rq.content_type.pop_back();
    if (soup_message_headers_get_encoding(h) == SOUP_ENCODING_CONTENT_LENGTH)
        rq.content_length = soup_message_headers_get_content_length(h);
    rq.content_range = header(h, "Content-Range");
    rq.checksum = header(h, "X-SHA256-Sum");
    if (rq.checksum.empty())
        rq.checksum = header(h, "X-SHA256-Checksum");
    SoupMessageBody *body = soup_server_message_get_request_body(message);
    if (GBytes *bytes = soup_message_body_flatten(body)) {
        gsize size = 0;
        if (auto *data = static_cast<const char *>(g_bytes_get_data(bytes, &size)))
            rq.body.assign(data, size);
        g_bytes_unref(bytes);
    }
    rq.token = cookie(cookies(h), "nano-kvm-token");
    rq.bearer = bearer(header(h, "Authorization"));
    rq.internal_token = header(h, "X-NanoKVM-Internal-Token");
    rq.protocol_version = header(h, "MCP-Protocol-Version");
    if (const char *address = soup_server_message_get_remote_host(message))
        rq.address = address;
    GSocketAddress *local = soup_server_message_get_local_address(message);
    if (local && G_IS_INET_SOCKET_ADDRESS(local)) {
        char *text = g_inet_address_to_string(
            g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local)));
        rq.local_address = text;
        g_free(text);
    }
    rq.host = header(h, "Host");
    rq.if_match = header(h, "If-Match");
    rq.user_agent = header(h, "User-Agent");
    const std::string proto = header(h, "X-Forwarded-Proto");
    rq.secure = came_over_tls(message) ||
                lower(std::string_view{proto}.substr(0, proto.find(','))) == "https";
    return rq;
}

namespace
{

/// Of the file only what is on its way is in memory; libsoup answers a Range header itself.
void write_file(SoupServerMessage *message, const Response &response)
{
    const std::string_view bytes = response.file->bytes();
    using Held = std::shared_ptr<const MappedFile>;
    GBytes *body = g_bytes_new_with_free_func(
        bytes.data(), bytes.size(), [](gpointer p) { delete static_cast<Held *>(p); },
        new Held{response.file});
    soup_message_headers_set_content_type(soup_server_message_get_response_headers(message),
                                          response.type.c_str(), nullptr);
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
    if (response.status == 204) // else libsoup ends the body, and so the connection, by closing
        soup_message_headers_set_encoding(h, SOUP_ENCODING_NONE);
    if (response.file)
        write_file(message, response);
    else if (!response.type.empty())
        soup_server_message_set_response(message, response.type.c_str(), SOUP_MEMORY_COPY,
                                         response.body.data(), response.body.size());
}

void write_refusal(SoupServerMessage *message, const Response &response)
{
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(h, "Connection", "close");
    write_response(message, response);
}

} // namespace panto::http
