// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/pipeline_file.h"
#include "lib/base/result.h"
#include "lib/gst/ref.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace panto::media
{

/// Config values by key, as text: "video.bitrate_kbps" -> "4000".
using Values = std::map<std::string, std::string>;

/// Pipeline: a pipeline file brought to life; ends in NULL when it dies.
///
/// Every Pipeline runs on the monotonic system clock with base time 0, so a PTS is the
/// CLOCK_MONOTONIC time of capture in ns and means the same in all of them.
///
/// Errors   create() names the file and what is wrong; a running pipeline reports to on_error
/// Threads  main loop only; on_message runs there, too
class Pipeline
{
public:
    /// Builds `head ! file.launch ! tail` and sets what the file's `set` names.
    static Result<std::unique_ptr<Pipeline>> create(const config::PipelineFile &file,
                                                    const Values &values,
                                                    const std::string &head = "",
                                                    const std::string &tail = "");
    ~Pipeline();
    Pipeline(const Pipeline &) = delete;
    Pipeline &operator=(const Pipeline &) = delete;

    /// Another value for what the file's `set` names under that key; false when the element cannot
    /// change it while it plays, and nothing was changed.
    Result<bool> change(const std::string &key, const std::string &value);
    Ref<GstElement> child(const char *name) const;
    GstElement *element() const { return pipeline_.get(); }
    /// Starts it without waiting for it to get there; the error is what an element gave as reason.
    Result<> play();

    std::function<void(const Error &)> on_error;
    std::function<void(const GstStructure &)> on_message; ///< element messages
    std::function<void()> on_end;                         ///< every sink has got the last of it

private:
    Pipeline(const config::PipelineFile &file, Ref<GstElement> pipeline);
    Error error_of(GstMessage *m) const;
    Result<> set(const std::string &key, const std::string &target, const std::string &value);

    config::PipelineFile file_;
    Ref<GstElement> pipeline_;
    guint watch_ = 0;
};

/// What keeps a pipeline file from working here: an element that is not installed, or of an encoder
/// one whose hardware is not here (Unavailable); a launch line that does not parse or gives another
/// codec than the file offers, a `set` target that does not exist.
Result<> check(const config::PipelineFile &file);

} // namespace panto::media
