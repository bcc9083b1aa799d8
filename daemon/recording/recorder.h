// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/media/encoder.h"
#include "daemon/media/library.h"
#include "daemon/media/relay.h"
#include "daemon/recording/film.h"
#include "daemon/recording/shelf.h"
#include "daemon/recording/window.h"
#include "lib/base/alive.h"
#include "lib/base/done.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace panto::recording
{

/// What is going on, for people to see.
struct Status {
    bool on = false;
    std::string file;      ///< the one that is written, or was last
    unsigned seconds = 0;  ///< recorded since it was started, all files of it together
    uint64_t dropped = 0;  ///< pictures that the disk was too slow for
    std::string reason;    ///< why the last one ended, when nobody stopped it
    unsigned window_s = 0; ///< how much is kept in memory, as it was wished
    unsigned kept_s = 0;   ///< and as it is by now
    uint64_t kept_bytes = 0;

    bool operator==(const Status &) const = default;
};

/// Recorder: writes the H.264 stream to files as it is, one at a time, and keeps its last seconds
/// in memory if that is wished, to be saved after the fact.
///
/// Another picture size begins another file. Nothing is encoded for it unless it records or keeps.
///
/// Errors   Busy when it records already, NotFound when there is nothing to stop or to save,
///          Unavailable when the disk fails, or has less left than is to stay free
/// Threads  main loop; the disk is looked at on worker threads
class Recorder
{
public:
    /// encoder may be null: then all is Unavailable.
    Recorder(const media::Library &library, media::Encoder *encoder,
             const config::Recording &config, const std::string &default_folder);

    /// Records until it is stopped, or for so many minutes; 0: the most that the configuration
    /// allows. The name of the file.
    void start(const std::string &format, unsigned minutes, Done<std::string> done);
    /// Answers when the file is whole: its name.
    void stop(Done<std::string> done);
    using Names = std::vector<std::string>;
    /// Writes what is in memory to files, one for each run of pictures of one size. Answers when
    /// they are whole: their names, the oldest first.
    void save(const std::string &format, Done<Names> done);
    /// How many seconds are kept in memory from now on; 0: none, and what is kept is forgotten.
    void keep(unsigned seconds);

    const Shelf &shelf() const { return shelf_; }
    Status status() const;
    /// Whether that file is being written.
    bool writes(const std::string &name) const;

    std::function<void(const Status &)> on_changed; ///< it began or ended

private:
    using Files = std::map<std::string, Result<config::PipelineFile>>;

    void make_file(const std::string &format, Done<std::string> done) const;
    Result<std::shared_ptr<Film>> film_at(const std::string &name, uint64_t most_waiting) const;
    void watch();
    void unit(GstSample *sample, bool lost);
    void begun(const std::string &name, Done<std::string> done);
    void next_file();
    void finish(const std::string &name, std::shared_ptr<Film> film, Done<> done);
    void discard(const std::string &name, size_t least_bytes = SIZE_MAX) const;
    void film_ended(Result<> how);
    void look_at_disk();
    void end(const std::string &why);
    void ended();
    struct Saving;
    void save_next(const std::shared_ptr<Saving> &saving);
    void save_to(const std::string &name, const std::shared_ptr<Saving> &saving);

    Files files_;
    media::Encoder *encoder_;
    config::Recording config_;
    Shelf shelf_;

    Window window_;
    std::shared_ptr<media::Relay> relay_;
    media::Encoder::Watch watch_;
    Source key_frames_; ///< so that the window has some to begin at

    enum class State { Off, Starting, On, NextFile, Ending } state_ = State::Off;
    std::string format_, name_, reason_;
    std::shared_ptr<Film> film_;
    std::map<std::string, std::shared_ptr<Film>> finishing_; ///< others that are written, by name
    bool saving_ = false;
    bool asked_ = false;                 ///< for a key frame, and none has come yet
    std::chrono::nanoseconds before_{0}; ///< the length of its former files,
    uint64_t dropped_before_ = 0;        ///< and what those lack
    Source minutes_, disk_;
    Done<std::string> stopped_;
    Self<Recorder> self_{this};
};

} // namespace panto::recording
