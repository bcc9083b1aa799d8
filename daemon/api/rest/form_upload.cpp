// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/form_upload.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/http/multipart.h"

#include <algorithm>
#include <cerrno>

namespace panto::api
{

namespace
{

using http::Reply;
using storage::Announcement;
using storage::Progress;
using storage::Storage;
using storage::Uploads;

/// Where an ISO 9660 image names its format. Source: ECMA-119, 8.1.2: in sector 16
constexpr uint64_t kMagicAt = 0x8001;
constexpr std::string_view kMagic = "CD001";

/// Whether the name is one of the NanoKVM's: as it says otherwise.
std::string refusal_of(const std::string &name)
{
    const auto plain = [](unsigned char c) {
        return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
    };
    if (name.empty())
        return "no filename";
    if (!std::all_of(name.begin(), name.end(), plain) || name.find("..") != std::string::npos ||
        name.front() == '.')
        return "invalid filename";
    const std::string suffix = name.size() > 4 ? name.substr(name.size() - 4) : "";
    return g_ascii_strcasecmp(suffix.c_str(), ".iso") == 0 ? "" : "only .iso files allowed";
}

http::Response failed(const Error &e)
{
    if (e.code == EBADMSG)
        return failure(-1, "sha256 mismatch"); // the NanoKVM's console looks for exactly this
    return failure(-1, e.code == EEXIST ? "cannot install uploaded image" : "write failed", e);
}

class FormSink : public http::BodySink
{
public:
    FormSink(Storage &storage, http::PartReader reader, Announcement announcement,
             storage::Downloads::Turn turn)
        : storage_{storage}, reader_{std::move(reader)},
          announcement_{std::move(announcement)}, turn_{std::move(turn)}
    {
    }
    ~FormSink() override { discard(); } // it broke off; nothing goes on with a form

    void take(std::string part, std::function<void()> taken) override
    {
        auto content = reader_.feed(part);
        if (!content)
            wrong("invalid multipart data", content.error());
        if (wrong_)
            return refuse(*wrong_);
        if (!reader_.began())
            return taken();
        watch_for_magic(*content);
        if (writer_)
            return store(std::move(*content), std::move(taken));
        begin([this, content = std::move(*content), taken]() mutable {
            writer_ ? store(std::move(content), std::move(taken)) : refuse(*wrong_);
        });
    }
    void finish(Reply reply) override
    {
        const Error cut{Kind::Invalid, "it ends too soon"};
        if (!reader_.began())
            reader_.whole() ? wrong("file is required") : wrong("invalid multipart data", cut);
        if (!reader_.ended())
            wrong("failed to read part", cut);
        if (magic_ != kMagic)
            wrong("file is not a valid ISO image");
        if (wrong_) {
            turn_.reset();
            discard();
            return reply(*wrong_);
        }
        end(reply);
    }

private:
    /// The first that is wrong counts.
    template <class... Why>
    void wrong(const std::string &msg, const Why &...why)
    {
        if (!wrong_)
            wrong_ = failure(-1, msg, why...);
    }
    void store(std::string content, std::function<void()> taken)
    {
        writer_->take(std::move(content), [this, taken = std::move(taken)] {
            if (!writer_->error())
                return taken();
            end([weak = self_.weak()](const http::Response &answer) { // the disk is full
                if (auto *self = alive(weak))
                    self->refuse(answer);
            });
        });
    }
    void end(std::function<void(const http::Response &)> answer)
    {
        const auto writer = std::move(writer_);
        writer->finish_here([answer, &uploads = storage_.uploads(), turn = std::move(turn_),
                             id = id_](Result<Progress> done) mutable {
            turn.reset();
            if (done)
                return answer(success(
                    json::Object{}.add("status", "idle").add("file", "").add("percentage", "")));
            // Nothing goes on with a form: its room is free before anybody hears of it.
            uploads.cancel(id, [answer, why = failed(done.error())](Result<>) { answer(why); });
        });
    }
    void discard()
    {
        if (const auto writer = std::move(writer_))
            writer->discard([](Result<>) {});
    }

    /// Now that the name is known.
    void begin(std::function<void()> then)
    {
        announcement_.name = reader_.filename();
        if (const std::string why = refusal_of(announcement_.name); !why.empty()) {
            wrong(why);
            return then();
        }
        storage_.uploads().make_way(announcement_);
        storage_.uploads().begin(announcement_, [weak = self_.weak(), &uploads = storage_.uploads(),
                                                 then](Result<Progress> begun) {
            auto *self = alive(weak);
            if (!self && begun)
                uploads.cancel(begun->id, [](Result<>) {});
            if (!self)
                return;
            self->id_ = begun ? begun->id : "";
            auto writer = begun
                              ? uploads.write(begun->id, 0)
                              : Result<std::unique_ptr<Uploads::Writer>>{std::move(begun.error())};
            if (writer)
                self->writer_ = std::move(*writer);
            else
                self->wrong(writer.error().code == EEXIST ? "cannot install uploaded image"
                                                          : "cannot create temporary file",
                            writer.error());
            then();
        });
    }

    void watch_for_magic(const std::string &content)
    {
        const uint64_t end = come_ + content.size();
        for (uint64_t at = std::max(come_, kMagicAt); at < std::min(end, kMagicAt + kMagic.size());
             ++at)
            magic_ += content[at - come_];
        come_ = end;
    }

    Storage &storage_;
    http::PartReader reader_;
    Announcement announcement_;
    storage::Downloads::Turn turn_;
    std::unique_ptr<Uploads::Writer> writer_;
    std::string id_; // of the upload, once it has begun
    std::string magic_;
    std::optional<http::Response> wrong_;
    uint64_t come_ = 0;
    Self<FormSink> self_{this};
};

} // namespace

std::variant<std::unique_ptr<http::BodySink>, http::Response> open_form(Storage &storage,
                                                                        const http::Request &rq)
{
    auto reader = http::PartReader::create(rq.content_type_line, "file");
    if (!reader)
        return failure(-1, "invalid multipart data", reader.error());
    if (rq.content_length == 0)
        return failure(-1, "invalid multipart data", Error{Kind::Invalid, "it is empty"});
    // The part is smaller than the body, by how much its end shows. A body in chunks may have all
    // the room that there is.
    const uint64_t most =
        rq.content_length > 0 ? uint64_t(rq.content_length) : storage::kSizeUnknown;
    Announcement announcement{"any.iso", most, rq.checksum,
                              "form " + std::to_string(g_get_real_time()), /*replace=*/true};
    if (auto good = storage::check_announcement(announcement); !good)
        return failure(-1, good.error().message);
    auto turn = storage.downloads().take_turn();
    if (!turn)
        return transfer_refusal(turn.error());
    return std::make_unique<FormSink>(storage, std::move(*reader), std::move(announcement),
                                      std::move(*turn));
}

http::Response transfer_refusal(const Error &e)
{
    const size_t colon = e.message.find(": ");
    if (colon == std::string::npos)
        return failure(-1, e.message);
    return failure(-1, e.message.substr(0, colon), Error{e.kind, e.message.substr(colon + 2)});
}

} // namespace panto::api
