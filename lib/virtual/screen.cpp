// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/screen.h"

#include <mutex>
#include <utility>

namespace panto
{

/// Memory comes back here from whichever thread lets a picture go, so that a changing screen does
/// not fault in fresh pages for each frame.
struct Screen::Pool {
    std::mutex mutex;
    std::vector<std::unique_ptr<Picture>> idle;

    static constexpr size_t kMost = 4; // a capture, an encoder and two on the way between them
};

Screen::Screen(int width, int height)
    : width_{width}, height_{height}, fonts_{pango_cairo_font_map_new()},
      context_{pango_font_map_create_context(fonts_)}, layout_{pango_layout_new(context_)},
      pool_{std::make_shared<Pool>()}
{
    // Said outright, so that a desktop's font settings do not change the pixels.
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON);
    pango_cairo_context_set_font_options(context_, options);
    cairo_font_options_destroy(options);
    pango_layout_set_single_paragraph_mode(layout_, TRUE);
    resize(width, height);
}

Screen::~Screen()
{
    g_object_unref(layout_);
    g_object_unref(context_);
    g_object_unref(fonts_);
}

void Screen::resize(int width, int height)
{
    width_ = width;
    height_ = height;
    surface_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
    cairo_.reset(cairo_create(surface_.get()));
    {
        std::lock_guard lock{pool_->mutex};
        pool_->idle.clear();
    }
    measure();
    whole_ = true;
}

std::shared_ptr<const VirtualComputer::Picture> Screen::show(Scene scene)
{
    std::vector<Rect> areas;
    if (whole_)
        areas = {{0, 0, width_, height_}};
    else
        areas = damage(shown_, scene);
    shown_ = std::move(scene);
    if (areas.empty() && picture_)
        return picture_;

    std::unique_ptr<Picture> next;
    {
        std::lock_guard lock{pool_->mutex};
        if (!pool_->idle.empty()) {
            next = std::move(pool_->idle.back());
            pool_->idle.pop_back();
        }
    }
    if (!next)
        next = std::make_unique<Picture>();
    if (whole_)
        next->i420.resize(size_t(width_) * height_ * 3 / 2);
    else
        next->i420 = picture_->i420;
    next->width = unsigned(width_);
    next->height = unsigned(height_);
    next->revision = ++revision_;
    whole_ = false;

    for (Rect &area : areas) {
        area = {std::max(area.left, 0) & ~1, std::max(area.top, 0) & ~1,
                std::min((area.right + 1) & ~1, width_), std::min((area.bottom + 1) & ~1, height_)};
        if (area.empty())
            continue;
        paint(shown_, area);
        cairo_surface_flush(surface_.get());
        to_i420(cairo_image_surface_get_data(surface_.get()),
                size_t(cairo_image_surface_get_stride(surface_.get())), next->i420.data(), width_,
                height_, area);
    }
    picture_ = {next.release(), [pool = pool_](const Picture *p) {
                    std::unique_ptr<Picture> done{const_cast<Picture *>(p)};
                    std::lock_guard lock{pool->mutex};
                    if (pool->idle.size() < Pool::kMost)
                        pool->idle.push_back(std::move(done));
                }};
    return picture_;
}

} // namespace panto
