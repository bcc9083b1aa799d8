// SPDX-License-Identifier: LGPL-2.1-or-later
/// Uploads of images: ours, which go on after an interruption, and the NanoKVM's form.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"

#include <cerrno>
#include <charconv>

namespace panto::api
{

namespace
{

using http::BodySink;
using http::Reply;
using http::Request;
using http::Role;
using storage::Announcement;
using storage::Progress;
using storage::Storage;
using storage::Uploads;
using Opened = std::variant<std::unique_ptr<BodySink>, http::Response>;

/// As the documentation of the routes lists them; docs/storage.md
int code_of(const Error &e)
{
    switch (e.code) {
    case ERANGE:
        return -3;
    case EBADMSG:
        return -4;
    case EEXIST:
        return -5;
    case ENOSPC:
    case EDQUOT:
        return -507;
    default:
        return e.kind == Kind::Invalid    ? -1
               : e.kind == Kind::NotFound ? -2
               : e.kind == Kind::Busy     ? -6
                                          : -7;
    }
}

http::Response refusal(const Error &e)
{
    return failure(code_of(e), e.message);
}

json::Object described(const Storage &storage, const Progress &p)
{
    const Announcement &a = p.announcement;
    return json::Object{}
        .add("id", p.id)
        .add("name", a.name)
        .add("size", a.size_bytes)
        .add("sha256", a.sha256)
        .add("offset", p.stored_bytes)
        .add("busy", p.busy)
        .add("done", p.whole)
        .add("file", p.whole ? storage.library().path_of(a.name) : "");
}

Done<Progress> answer(const Storage &storage, const Reply &reply)
{
    return [&storage, reply](Result<Progress> p) {
        reply(p ? success(described(storage, *p)) : refusal(p.error()));
    };
}

std::optional<uint64_t> number(std::string_view text)
{
    uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return n;
}

std::string query(const Request &rq, const char *name)
{
    const auto found = rq.query.find(name);
    return found == rq.query.end() ? "" : found->second;
}

/// "bytes 100-199/200", which the body has to fill.
std::optional<uint64_t> start_of(std::string_view range, int64_t body_bytes)
{
    constexpr std::string_view kUnit = "bytes ";
    const size_t dash = range.find('-'), slash = range.find('/');
    if (!range.starts_with(kUnit) || dash == range.npos || slash == range.npos || slash < dash)
        return std::nullopt;
    const auto first = number(range.substr(kUnit.size(), dash - kUnit.size()));
    const auto last = number(range.substr(dash + 1, slash - dash - 1));
    const std::string_view total = range.substr(slash + 1);
    const auto whole = total == "*" ? UINT64_MAX : number(total);
    if (!first || !last || !whole || *last < *first || *last >= *whole)
        return std::nullopt;
    const bool fills = body_bytes < 0 || uint64_t(body_bytes) == *last - *first + 1;
    return fills ? first : std::nullopt;
}

/// Where the body begins: by its Content-Range, ?offset=100, or at 0.
std::optional<uint64_t> offset_of(const Request &rq)
{
    if (!rq.content_range.empty())
        return start_of(rq.content_range, rq.content_length);
    const std::string offset = query(rq, "offset");
    return offset.empty() ? 0 : number(offset);
}

/// "*" says none.
std::optional<uint64_t> size_in(std::string_view range)
{
    const size_t slash = range.find('/');
    return slash == range.npos ? std::nullopt : number(range.substr(slash + 1));
}

/// The whole size: of the range, or the body's.
std::optional<uint64_t> size_of(const Request &rq)
{
    if (!rq.content_range.empty())
        return size_in(rq.content_range);
    if (rq.content_length < 0)
        return std::nullopt;
    return uint64_t(rq.content_length);
}

/// Into an upload that was begun before.
class PartSink : public BodySink
{
public:
    PartSink(Storage &storage, std::unique_ptr<Uploads::Writer> writer)
        : storage_{storage}, writer_{std::move(writer)}
    {
    }
    void take(std::string part, std::function<void()> taken) override
    {
        writer_->take(std::move(part),
                      [this, taken = std::move(taken)] { writer_->error() ? give_up() : taken(); });
    }
    void finish(Reply reply) override { writer_->finish(answer(storage_, reply)); }

protected:
    Storage &storage_;
    std::unique_ptr<Uploads::Writer> writer_;

private:
    /// The disk is full, or more came than was announced: what came is kept all the same.
    void give_up()
    {
        const auto writer = std::move(writer_);
        writer->finish([weak = self_.weak()](Result<Progress> p) {
            if (auto *self = alive(weak))
                self->refuse(refusal(p.error()));
        });
    }

    Self<PartSink> self_{this};
};

/// Begins the upload with the body that comes, and holds the first block until it has begun.
class WholeSink : public PartSink
{
public:
    WholeSink(Storage &storage, Announcement announcement, uint64_t offset)
        : PartSink{storage, nullptr}
    {
        auto &uploads = storage.uploads();
        const auto begun = [weak = self_.weak(), offset](Result<Progress> p) {
            auto *self = alive(weak);
            if (!self)
                return;
            auto writer = p ? self->storage_.uploads().write(p->id, offset)
                            : Result<std::unique_ptr<Uploads::Writer>>{std::move(p.error())};
            if (!writer)
                return self->cannot_begin(refusal(writer.error()));
            self->writer_ = std::move(*writer);
            if (auto go_on = std::exchange(self->waiting_, nullptr))
                go_on();
        };
        if (offset == 0) // a client that knows of no offset, as curl after an interruption
            uploads.begin_anew(std::move(announcement), begun);
        else
            uploads.begin(std::move(announcement), begun);
    }
    void take(std::string part, std::function<void()> taken) override
    {
        if (writer_)
            return PartSink::take(std::move(part), std::move(taken));
        waiting_ = [this, part = std::move(part), taken = std::move(taken)]() mutable {
            PartSink::take(std::move(part), std::move(taken));
        };
    }
    void finish(Reply reply) override
    {
        if (writer_)
            return PartSink::finish(std::move(reply));
        if (refused_)
            return reply(*refused_);
        waiting_ = [this, reply] { PartSink::finish(reply); };
        finishing_ = reply;
    }
    /// Why it could not even begin, when that is known at once.
    const std::optional<http::Response> &refused() const { return refused_; }

private:
    void cannot_begin(http::Response why)
    {
        refused_ = std::move(why);
        if (finishing_)
            (*finishing_)(*refused_);
        else if (refuse)
            refuse(*refused_);
    }

    std::optional<http::Response> refused_;
    std::optional<Reply> finishing_;
    std::function<void()> waiting_;
    Self<WholeSink> self_{this};
};

Opened open_part(Storage &storage, const Request &rq)
{
    const auto offset = offset_of(rq);
    if (!offset)
        return failure(-1, "invalid arguments",
                       Error{Kind::Invalid, "Content-Range or offset makes no sense"});
    auto writer = storage.uploads().write(rq.params.at("id"), *offset);
    if (!writer)
        return refusal(writer.error());
    if (const auto size = size_in(rq.content_range); size && *size != (*writer)->announced_bytes())
        return failure(-1, "invalid arguments",
                       Error{Kind::Invalid, "Content-Range names another size than was announced"});
    return std::make_unique<PartSink>(storage, std::move(*writer));
}

Opened open_whole(Storage &storage, const Request &rq)
{
    const auto offset = offset_of(rq), size = size_of(rq);
    if (!offset || !size)
        return failure(
            -1, "invalid arguments",
            Error{Kind::Invalid, "the whole size is needed, by Content-Length or Content-Range"});
    const std::string sum = query(rq, "sha256");
    Announcement announcement{query(rq, "name"), *size, sum.empty() ? rq.checksum : sum};
    if (auto good = storage::check_announcement(announcement); !good)
        return refusal(good.error());
    auto sink = std::make_unique<WholeSink>(storage, std::move(announcement), *offset);
    if (const auto &refused = sink->refused())
        return *refused;
    return sink;
}

/// Sizes come as numbers, which a Field table has no room for.
void begin(Storage &storage, const Request &rq, const Reply &reply)
{
    auto node = json::parse_object(rq.body);
    const auto refuse = [&](const std::string &why) {
        reply(failure(-1, "invalid arguments", Error{Kind::Invalid, why}));
    };
    if (!node)
        return refuse(node.error().message);
    JsonObject *object = json::object(*node);
    const auto name = json::text_at(object, "name");
    const auto size = json::whole_at(object, "size");
    if (!name || !size || *size < 1)
        return refuse("name and size are required");
    storage.uploads().begin({*name, uint64_t(*size), json::text_at(object, "sha256").value_or("")},
                            answer(storage, reply));
}

void cancel(Storage &storage, const Request &rq, const Reply &reply)
{
    storage.uploads().cancel(rq.params.at("id"), [reply](Result<> done) {
        reply(done ? success() : refusal(done.error()));
    });
}

http::Response all(Storage &storage)
{
    json::Array uploads;
    for (const auto &p : storage.uploads().all())
        uploads.add(described(storage, p));
    return success(json::Object{}.add("uploads", uploads));
}

} // namespace

std::vector<http::Route> upload_routes(Storage &storage)
{
    return {
        {"POST", "/api/storage/upload", Role::Admin,
         "Begins the upload of an image, or finds it to go on with",
         [&storage](const Request &rq, Reply reply) { begin(storage, rq, reply); }},
        {"GET", "/api/storage/upload", Role::Admin, "Lists the uploads that are not whole",
         [&storage](const Request &, Reply reply) { reply(all(storage)); }},
        {"PUT", "/api/storage/upload", Role::Admin, "Uploads an image in one request",
         http::Take{[&storage](const Request &rq) { return open_whole(storage, rq); }}},
        {"GET", "/api/storage/upload/:id", Role::Admin, "Tells how far an upload is",
         [&storage](const Request &rq, Reply reply) {
             answer(storage, reply)(storage.uploads().find(rq.params.at("id")));
         }},
        {"PUT", "/api/storage/upload/:id", Role::Admin, "Goes on with an upload",
         http::Take{[&storage](const Request &rq) { return open_part(storage, rq); }}},
        {"DELETE", "/api/storage/upload/:id", Role::Admin, "Gives an upload up",
         [&storage](const Request &rq, Reply reply) { cancel(storage, rq, reply); }},
    };
}

} // namespace panto::api
