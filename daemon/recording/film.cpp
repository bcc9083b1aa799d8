// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/film.h"

#include "daemon/recording/window.h"

#include <gst/app/gstappsrc.h>

namespace panto::recording
{

namespace
{

constexpr auto kPatience = std::chrono::seconds{10};
constexpr char kHead[] = "appsrc name=in format=time";
// What came is on its way to the disk, whatever becomes of us.
constexpr char kTail[] = "filesink name=file sync=false buffer-mode=unbuffered";

} // namespace

Result<std::unique_ptr<Film>> Film::create(const config::PipelineFile &file,
                                           const std::string &path, uint64_t most_waiting)
{
    PANTO_TRY(pipeline, media::Pipeline::create(file, {}, kHead, kTail));
    g_object_set(pipeline->child("file").get(), "location", path.c_str(), nullptr);
    std::unique_ptr<Film> film{new Film{std::move(pipeline), most_waiting}};
    PANTO_TRY(playing, film->pipeline_->play());
    (void)playing;
    return film;
}

Film::Film(std::unique_ptr<media::Pipeline> pipeline, uint64_t most_waiting)
    : pipeline_{std::move(pipeline)}, in_{pipeline_->child("in")}, most_waiting_{most_waiting}
{
    g_object_set(in_.get(), "max-bytes", guint64{0}, nullptr); // add() counts
    pipeline_->on_error = [this](const Error &e) { end(e); };
    pipeline_->on_end = [this] { end(ok); };
}

bool Film::fits(GstSample *unit) const
{
    return empty() || picture_size(unit) == size_;
}

bool Film::add(GstSample *unit)
{
    if (ended_ || patience_)
        return true;
    GstAppSrc *in = GST_APP_SRC(in_.get());
    if (gst_app_src_get_current_level_bytes(in) > most_waiting_)
        waits_ = true;
    if (waits_ && !is_key_frame(unit)) {
        ++dropped_;
        return false;
    }
    waits_ = false;
    if (empty()) {
        first_ = last_ = time_of(unit);
        size_ = picture_size(unit);
        first_bytes_ = gst_buffer_get_size(gst_sample_get_buffer(unit));
        gst_app_src_set_caps(in, gst_sample_get_caps(unit));
    }
    ++units_;
    last_ = std::max(last_, time_of(unit));
    GstBuffer *shallow = gst_buffer_copy(gst_sample_get_buffer(unit)); // copies no bytes
    GST_BUFFER_PTS(shallow) = GST_BUFFER_DTS(shallow) = GstClockTime((last_ - first_).count());
    gst_app_src_push_buffer(in, shallow);
    return true;
}

void Film::finish()
{
    if (ended_ || patience_)
        return;
    patience_ = after(kPatience, [this] {
        end(Error{Kind::Timeout, "the disk did not take the recording's end within 10 s"});
    });
    gst_app_src_end_of_stream(GST_APP_SRC(in_.get()));
}

void Film::end(Result<> how)
{
    if (std::exchange(ended_, true))
        return;
    patience_ = {};
    if (on_ended)
        on_ended(std::move(how));
}

} // namespace panto::recording
