// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/window.h"

namespace panto::recording
{

namespace
{

size_t bytes_of(GstSample *unit)
{
    return gst_buffer_get_size(gst_sample_get_buffer(unit));
}

} // namespace

bool is_key_frame(GstSample *unit)
{
    return !GST_BUFFER_FLAG_IS_SET(gst_sample_get_buffer(unit), GST_BUFFER_FLAG_DELTA_UNIT);
}

std::chrono::nanoseconds time_of(GstSample *unit)
{
    return std::chrono::nanoseconds{GST_BUFFER_PTS(gst_sample_get_buffer(unit))};
}

std::pair<int, int> picture_size(GstSample *unit)
{
    int width = 0, height = 0;
    const GstCaps *caps = gst_sample_get_caps(unit);
    const GstStructure *s = caps ? gst_caps_get_structure(caps, 0) : nullptr;
    if (s) {
        gst_structure_get_int(s, "width", &width);
        gst_structure_get_int(s, "height", &height);
    }
    return {width, height};
}

void Window::resize(std::chrono::nanoseconds length)
{
    length_ = length;
    if (length_.count() == 0)
        return clear();
    trim();
}

void Window::clear()
{
    units_.clear();
    bytes_ = 0;
    waits_ = true;
}

void Window::add(GstSample *unit, bool lost)
{
    if (length_.count() == 0)
        return;
    waits_ = (waits_ || lost) && !is_key_frame(unit);
    if (waits_)
        return; // cannot be decoded with what came before
    units_.push_back(Ref<GstSample>::share(unit));
    bytes_ += bytes_of(unit);
    trim();
}

void Window::trim()
{
    while (bytes_ > most_bytes_ && !units_.empty())
        drop_oldest_group();
    waits_ = waits_ || units_.empty();
    for (size_t next = next_group(); next < units_.size(); next = next_group()) {
        if (time_of(units_.back().get()) - time_of(units_[next].get()) < length_)
            return;
        drop_oldest_group();
    }
}

/// Where the second key frame is; the number of units when there is only one.
size_t Window::next_group() const
{
    size_t at = 1;
    while (at < units_.size() && !is_key_frame(units_[at].get()))
        ++at;
    return at;
}

void Window::drop_oldest_group()
{
    for (size_t n = next_group(); n > 0 && !units_.empty(); --n) {
        bytes_ -= bytes_of(units_.front().get());
        units_.pop_front();
    }
}

std::vector<Window::Run> Window::runs() const
{
    std::vector<Run> runs;
    for (const auto &unit : units_) {
        if (runs.empty() || picture_size(unit.get()) != picture_size(runs.back().back().get())) {
            if (!is_key_frame(unit.get()))
                continue;
            runs.emplace_back();
        }
        runs.back().push_back(unit);
    }
    return runs;
}

std::chrono::nanoseconds Window::kept() const
{
    return units_.empty() ? std::chrono::nanoseconds{0}
                          : time_of(units_.back().get()) - time_of(units_.front().get());
}

} // namespace panto::recording
