// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/shapes.h"

#include <cmath>

namespace panto
{
namespace
{

void circle(cairo_t *c, double radius)
{
    cairo_arc(c, 0, 0, radius, 0, 2 * M_PI);
}

void square(cairo_t *c, double half)
{
    cairo_rectangle(c, -half, -half, 2 * half, 2 * half);
}

void arrow(cairo_t *c)
{
    static constexpr double kPoints[][2] = {{0, 0},    {0, 17},     {3.8, 13.4}, {6.4, 19},
                                            {9, 17.8}, {6.5, 12.4}, {12, 12.4}};
    for (const auto &point : kPoints)
        cairo_line_to(c, point[0], point[1]);
    cairo_close_path(c);
}

void trace(cairo_t *c, Shapes::Shape shape)
{
    cairo_set_line_width(c, 2);
    switch (shape) {
    case Shapes::Disc:
        circle(c, 6);
        return cairo_fill(c);
    case Shapes::Square:
        square(c, 6);
        return cairo_stroke(c);
    case Shapes::Diamond:
        cairo_rotate(c, M_PI / 4);
        square(c, 6);
        return cairo_fill(c);
    case Shapes::Ring:
        circle(c, 6);
        return cairo_stroke(c);
    case Shapes::Halo:
        circle(c, 14);
        return cairo_stroke(c);
    case Shapes::Arrow:
        arrow(c);
        return cairo_fill(c);
    case Shapes::ArrowEdge:
        arrow(c);
        cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
        return cairo_stroke(c);
    case Shapes::Lamp:
        circle(c, 4.5);
        return cairo_fill(c);
    case Shapes::Drive:
        circle(c, 7.2);
        return cairo_fill(c);
    case Shapes::Hub:
        circle(c, 1.9);
        return cairo_fill(c);
    case Shapes::kCount:
        return;
    }
}

} // namespace

Shapes::Shapes(double scale) : reach_{int(std::ceil(21 * scale))}
{
    for (int shape = 0; shape < kCount; ++shape) {
        auto &mask = masks_[size_t(shape)];
        mask.reset(cairo_image_surface_create(CAIRO_FORMAT_A8, 2 * reach_ + 1, 2 * reach_ + 1));
        const Cairo cairo{cairo_create(mask.get())};
        const double middle = shape == Arrow || shape == ArrowEdge ? 0 : 0.5;
        cairo_translate(cairo.get(), reach_ + middle, reach_ + middle);
        cairo_scale(cairo.get(), scale, scale);
        trace(cairo.get(), Shape(shape));
    }
}

void Shapes::draw(cairo_t *cairo, Shape shape, int x, int y) const
{
    cairo_mask_surface(cairo, masks_[shape].get(), x - reach_, y - reach_);
}

} // namespace panto
