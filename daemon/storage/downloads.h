// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/uploads.h"
#include "lib/base/fetch.h"

namespace panto::storage
{

/// Downloads: images that come from a web server, one at a time; and nothing comes beside a form
/// that brings an image, or an update, which would end it.
///
/// A file whose size the server does not say is fetched, too, in one go and into all the room there
/// is; but one whose end could as well be a broken connection needs its sum.
///
/// The bytes go where an upload's go. When the connection breaks and the server sends parts, the
/// rest is asked for, a few times; what is left then is gone on with when the same file is wanted
/// again, after a restart, too. Nothing is fetched unless somebody asks.
///
/// Errors   Invalid for no such URL or sum, Busy while another is under way, NotFound for nothing
///          to cancel, Timeout for a disk that hangs; how a download ended is in its status
/// Threads  main loop only
class Downloads
{
public:
    enum class State { Idle, InProgress, Success, Failed, ChecksumFailed };
    /// The end of a download is told for 10 s.
    struct Status {
        State state = State::Idle;
        std::string url;
        std::string percentage; ///< "12.34%", or "" while the size is not known
        std::string reason;     ///< why it failed
    };

    explicit Downloads(Uploads &uploads) : uploads_{uploads} {}

    /// Whoever holds it brings an image in another way.
    using Turn = std::shared_ptr<void>;

    fetch::Start fetch;             ///< to be set before start()
    std::function<bool()> updating; ///< whether an update is on its way

    Result<> start(const std::string &url, const std::string &sha256);
    /// Stops it and removes what came of it.
    void cancel(Done<> done);
    Status status() const;
    /// Busy while anything else is on its way.
    Result<Turn> take_turn();
    /// Whether an image is on its way, by a download or a turn.
    bool transferring() const { return in_progress() || !turn_.expired(); }

private:
    bool in_progress() const { return state_ == State::InProgress; }
    Result<> check_free() const;
    void ask(uint64_t offset);
    void answered(Result<fetch::Head> head, std::function<void()> read);
    void begin(const fetch::Head &head, const std::function<void()> &read);
    void begun(const Progress &progress, const fetch::Head &head,
               const std::function<void()> &read);
    void store(std::string part, const std::function<void()> &taken);
    void stored(const std::function<void()> &taken);
    void broke_off(Error why);
    void finish();
    void end(State state, const std::string &reason);
    void drop();
    void stopped();

    Uploads &uploads_;
    State state_ = State::Idle;
    std::weak_ptr<void> turn_;
    std::string url_, reason_;
    Announcement announcement_;
    std::string validator_;
    bool sized_ = false; // the server says how large the file is
    bool ranges_ = false;
    bool storing_ = false;   // a block is on its way to the disk, or the part is being made
    bool finishing_ = false; // all has come
    uint64_t have_ = 0;
    unsigned tries_ = 0; // since the last byte that came
    std::unique_ptr<Uploads::Writer> writer_;
    fetch::Transfer transfer_;
    Source again_; // the next try, or the end of telling how it ended
    Done<> cancelled_;
    Source patience_;
    Self<Downloads> self_{this};
};

/// As the NanoKVM calls it.
const char *name_of(Downloads::State state);

} // namespace panto::storage
