// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/window.h"

namespace panto::recording
{

namespace
{

size_t size_of(GstSample *unit)
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
}

void Window::add(GstSample *unit, bool lost)
{
    if (length_.count() == 0)
        return;
    if (lost)
        clear(); // what comes behind a gap cannot be decoded with what came before
    if (units_.empty() && !is_key_frame(unit))
        return;
    units_.push_back(Ref<GstSample>::share(unit));
    bytes_ += size_of(unit);
    trim();
}

void Window::trim()
{
    while (bytes_ > most_bytes_ && !units_.empty())
        drop_oldest_group();
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
        bytes_ -= size_of(units_.front().get());
        units_.pop_front();
    }
}

std::vector<Ref<GstSample>> Window::units() const
{
    return {units_.begin(), units_.end()};
}

std::chrono::nanoseconds Window::kept() const
{
    return units_.empty() ? std::chrono::nanoseconds{0}
                          : time_of(units_.back().get()) - time_of(units_.front().get());
}

} // namespace panto::recording
