// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/notice.h"

#include "lib/virtual/i420.h"

#include <algorithm>
#include <memory>
#include <pango/pangocairo.h>

namespace panto
{

namespace
{

struct Free {
    void operator()(cairo_surface_t *p) const { cairo_surface_destroy(p); }
    void operator()(cairo_t *p) const { cairo_destroy(p); }
    void operator()(PangoLayout *p) const { g_object_unref(p); }
    void operator()(PangoFontDescription *p) const { pango_font_description_free(p); }
};
template <class T>
using Own = std::unique_ptr<T, Free>;

struct Grey {
    double level;
};

/// Draws one centred, wrapped text with its top at y; gives back the y below it.
double text(cairo_t *cr, const std::string &words, double width, double y, double size, bool bold,
            Grey grey)
{
    const Own<PangoLayout> layout{pango_cairo_create_layout(cr)};
    const Own<PangoFontDescription> font{pango_font_description_from_string("DejaVu Sans")};
    pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
    pango_font_description_set_weight(font.get(), bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_width(layout.get(), int(width * 0.9 * PANGO_SCALE));
    pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
    pango_layout_set_text(layout.get(), words.c_str(), int(words.size()));
    cairo_set_source_rgb(cr, grey.level, grey.level, grey.level);
    cairo_move_to(cr, width * 0.05, y);
    pango_cairo_show_layout(cr, layout.get());
    int height = 0;
    pango_layout_get_pixel_size(layout.get(), nullptr, &height);
    return y + height;
}

} // namespace

std::vector<uint8_t> draw_notice(unsigned width, unsigned height, const std::string &heading,
                                 const std::string &advice)
{
    const Own<cairo_surface_t> surface{
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, int(width), int(height))};
    const Own<cairo_t> cr{cairo_create(surface.get())};
    cairo_set_source_rgb(cr.get(), 0.11, 0.11, 0.11);
    cairo_paint(cr.get());
    // Greys only: sub-pixel rendering would colour the edges of the letters.
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cr.get(), options);
    cairo_font_options_destroy(options);

    const double size = std::max(std::min(width / 24.0, height / 13.0), 10.0);
    const double below = text(cr.get(), heading, width, height * 0.38, size, true, {0.93});
    text(cr.get(), advice, width, below + size * 0.4, size * 0.5, false, {0.65});
    cairo_surface_flush(surface.get());

    std::vector<uint8_t> i420(size_t(width) * height * 3 / 2);
    to_i420(cairo_image_surface_get_data(surface.get()),
            size_t(cairo_image_surface_get_stride(surface.get())), i420.data(), int(width),
            int(height), {0, 0, int(width), int(height)});
    return i420;
}

} // namespace panto
