// SPDX-License-Identifier: LGPL-2.1-or-later
/// Shapes: the pointer, the marks and the lamps, drawn once as masks.
///
/// Cairo's edges differ by a level or two with the clip they are drawn through, so a shape drawn
/// in pieces would not be the shape drawn whole. A mask laid down pixel by pixel is.
#pragma once

#include <array>
#include <cairo.h>
#include <memory>

namespace panto
{

struct CairoFree {
    void operator()(cairo_t *c) const { cairo_destroy(c); }
    void operator()(cairo_surface_t *s) const { cairo_surface_destroy(s); }
};
using CairoSurface = std::unique_ptr<cairo_surface_t, CairoFree>;
using Cairo = std::unique_ptr<cairo_t, CairoFree>;

class Shapes
{
public:
    enum Shape { Disc, Square, Diamond, Ring, Halo, Arrow, ArrowEdge, Lamp, Drive, Hub, kCount };

    Shapes() = default;
    /// Draws all of them; scale 1 goes with text of 16 pixels.
    explicit Shapes(double scale);

    /// Lays a shape down in the current colour, its middle (the arrow's tip) on the pixel x, y.
    void draw(cairo_t *cairo, Shape shape, int x, int y) const;
    /// How far the largest of them reaches from its middle.
    int reach() const { return reach_; }

private:
    int reach_ = 0;
    std::array<CairoSurface, kCount> masks_;
};

} // namespace panto
