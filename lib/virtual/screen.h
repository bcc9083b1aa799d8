// SPDX-License-Identifier: LGPL-2.1-or-later
/// Screen: draws scenes with Cairo and Pango, and only where they differ from the one before.
///
/// Threads  one at a time; the computer's lock guards it. Pictures may be let go on any thread
#pragma once

#include "lib/virtual/computer.h"
#include "lib/virtual/i420.h"
#include "lib/virtual/scene.h"
#include "lib/virtual/shapes.h"

#include <memory>
#include <pango/pangocairo.h>

namespace panto
{

class Screen
{
public:
    Screen(int width, int height);
    ~Screen();
    Screen(const Screen &) = delete;
    Screen &operator=(const Screen &) = delete;

    /// Takes a new size; the next picture is drawn whole.
    void resize(int width, int height);
    int width() const { return width_; }
    int height() const { return height_; }
    int columns() const { return columns_; } ///< cells of text across
    int rows() const { return rows_; }       ///< and down

    /// The picture of scene: the one before, if it looks the same.
    std::shared_ptr<const VirtualComputer::Picture> show(Scene scene);

private:
    using Picture = VirtualComputer::Picture;
    struct Pool; // pictures that nobody looks at any more, for their memory

    struct Colour {
        double red, green, blue;
    };
    static const Colour kBackground, kBar, kText, kFaint, kGreen, kAmber, kTeal, kViolet;

    // Where things are (screen_layout.cpp)
    void measure();
    Rect cells(int row, int first, int last) const;
    Rect lamp(int n) const;
    Rect drive_area() const;
    Rect held_area() const;
    Rect pointer_area() const;
    Rect around(int x, int y) const;
    std::vector<Rect> damage(const Scene &old, const Scene &now) const;

    // How they look
    void paint(const Scene &scene, const Rect &clip);
    void paint_bars(const Scene &scene, const Rect &clip);
    void paint_text(const Scene &scene, const Rect &clip);
    void paint_mark(const Scene::Mark &mark);
    void paint_pointer(const Scene::Pointer &pointer);
    void fill(const Rect &area, const Colour &colour);
    void write(double x, double y, std::string_view text, const Colour &colour);
    void shape(Shapes::Shape shape, int x, int y, const Colour &colour);
    void colour(const Colour &colour);
    int bar_text_top(const Rect &bar) const;

    int width_, height_;
    int font_px_ = 0, cell_ = 0, line_ = 0, bar_ = 0, margin_ = 0, columns_ = 0, rows_ = 0;
    PangoFontMap *fonts_;
    PangoContext *context_;
    PangoLayout *layout_;
    Shapes shapes_;
    CairoSurface surface_;
    Cairo cairo_;
    Scene shown_;
    bool whole_ = true; // nothing on the surface is worth keeping
    uint64_t revision_ = 0;
    std::shared_ptr<Pool> pool_;
    std::shared_ptr<const Picture> picture_;
};

} // namespace panto
