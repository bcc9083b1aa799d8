// SPDX-License-Identifier: LGPL-2.1-or-later
/// Screen: how everything looks.
#include "lib/usbhid/report.h"
#include "lib/virtual/screen.h"

#include <algorithm>

namespace panto
{

const Screen::Colour Screen::kBackground{0.106, 0.125, 0.153};
const Screen::Colour Screen::kBar{0.071, 0.086, 0.110};
const Screen::Colour Screen::kText{0.859, 0.886, 0.914};
const Screen::Colour Screen::kFaint{0.420, 0.459, 0.510};
const Screen::Colour Screen::kGreen{0.341, 0.816, 0.478};
const Screen::Colour Screen::kAmber{0.953, 0.678, 0.271};
const Screen::Colour Screen::kTeal{0.275, 0.745, 0.780};
const Screen::Colour Screen::kViolet{0.706, 0.557, 0.929};

void Screen::colour(const Colour &c)
{
    cairo_set_source_rgb(cairo_.get(), c.red, c.green, c.blue);
}

void Screen::shape(Shapes::Shape shape, int x, int y, const Colour &c)
{
    colour(c);
    shapes_.draw(cairo_.get(), shape, x, y);
}

void Screen::fill(const Rect &area, const Colour &c)
{
    colour(c);
    cairo_rectangle(cairo_.get(), area.left, area.top, area.right - area.left,
                    area.bottom - area.top);
    cairo_fill(cairo_.get());
}

void Screen::write(double x, double y, std::string_view text, const Colour &c)
{
    colour(c);
    cairo_move_to(cairo_.get(), x, y);
    pango_layout_set_text(layout_, text.data(), int(text.size()));
    pango_cairo_show_layout(cairo_.get(), layout_);
}

int Screen::bar_text_top(const Rect &bar) const
{
    return bar.top + (bar_ - line_) / 2;
}

void Screen::paint(const Scene &scene, const Rect &clip)
{
    cairo_save(cairo_.get());
    cairo_rectangle(cairo_.get(), clip.left, clip.top, clip.right - clip.left,
                    clip.bottom - clip.top);
    cairo_clip(cairo_.get());
    fill(clip, kBackground);
    paint_bars(scene, clip);
    paint_text(scene, clip);
    for (const Scene::Mark &mark : scene.marks)
        if (around(mark.x, mark.y).meets(clip))
            paint_mark(mark);
    if (scene.pointer.visible && around(scene.pointer.x, scene.pointer.y).meets(clip))
        paint_pointer(scene.pointer);
    cairo_restore(cairo_.get());
}

void Screen::paint_bars(const Scene &scene, const Rect &clip)
{
    const auto within = [&](const Rect &area, auto draw) {
        if (!area.meets(clip))
            return;
        cairo_save(cairo_.get());
        cairo_rectangle(cairo_.get(), area.left, area.top, area.right - area.left,
                        area.bottom - area.top);
        cairo_clip(cairo_.get());
        fill(area, kBar);
        draw();
        cairo_restore(cairo_.get());
    };

    const Rect name{0, 0, lamp(0).left, bar_};
    within(name, [&] { write(margin_, bar_text_top(name), "Virtual computer", kText); });

    struct Lamp {
        std::string_view label;
        bool lit;
        const Colour &colour;
    };
    const Lamp lamps[] = {{"PWR", scene.power, kGreen},
                          {"DISK", scene.disk, kAmber},
                          {"NUM", bool(scene.leds & hid::kNumLock), kTeal},
                          {"CAPS", bool(scene.leds & hid::kCapsLock), kTeal},
                          {"SCROLL", bool(scene.leds & hid::kScrollLock), kTeal}};
    for (int n = 0; n < 5; ++n) {
        const Rect area = lamp(n);
        within(area, [&] {
            shape(Shapes::Lamp, area.left + cell_, bar_ / 2,
                  lamps[n].lit ? lamps[n].colour : kBackground);
            write(area.left + 2 * cell_, bar_text_top(area), lamps[n].label,
                  lamps[n].lit ? kText : kFaint);
        });
    }

    const Rect drive = drive_area();
    within(drive, [&] {
        const bool loaded = !scene.medium.empty();
        const int x = margin_ + cell_ / 2, y = drive.top + bar_ / 2;
        shape(Shapes::Drive, x, y, loaded ? kTeal : kFaint);
        shape(Shapes::Hub, x, y, kBar);
        write(margin_ + 2 * cell_, bar_text_top(drive), loaded ? scene.medium : "no medium",
              loaded ? kText : kFaint);
    });
    const Rect held = held_area();
    within(held, [&] { write(held.left, bar_text_top(held), scene.held, kAmber); });
    const Rect pointer = pointer_area();
    within(pointer, [&] {
        if (!scene.pointer.visible)
            return;
        char text[64];
        g_snprintf(text, sizeof text, "%4d,%-4d  wheel %+d", scene.pointer.x, scene.pointer.y,
                   scene.wheel);
        write(pointer.left, bar_text_top(pointer), text, kFaint);
    });
}

void Screen::paint_text(const Scene &scene, const Rect &clip)
{
    const int left = std::max(0, (clip.left - margin_) / cell_ - 1);
    const int right = std::max(0, (clip.right - margin_) / cell_ + 2);
    for (int row = 0; row < int(scene.rows.size()); ++row) {
        const Rect area = cells(row, 0, columns_);
        const std::string_view text = scene.rows[size_t(row)];
        if (!area.meets(clip) || left >= int(text.size()))
            continue;
        write(area.left + left * cell_, area.top,
              text.substr(size_t(left), size_t(std::max(0, right - left))), kText);
    }
    if (scene.caret_row < 0)
        return;
    const Rect caret = cells(scene.caret_row, scene.caret_column, scene.caret_column + 1);
    if (!caret.meets(clip))
        return;
    fill(caret, kTeal);
    const std::string_view text = scene.rows[size_t(scene.caret_row)];
    if (scene.caret_column < int(text.size()))
        write(caret.left, caret.top, text.substr(size_t(scene.caret_column), 1), kBackground);
}

void Screen::paint_mark(const Scene::Mark &mark)
{
    switch (mark.button) {
    case hid::kLeft:
        return shape(Shapes::Disc, mark.x, mark.y, kTeal);
    case hid::kRight:
        return shape(Shapes::Square, mark.x, mark.y, kAmber);
    case hid::kMiddle:
        return shape(Shapes::Diamond, mark.x, mark.y, kViolet);
    default: // the side buttons
        return shape(Shapes::Ring, mark.x, mark.y, kText);
    }
}

void Screen::paint_pointer(const Scene::Pointer &pointer)
{
    if (pointer.buttons)
        shape(Shapes::Halo, pointer.x, pointer.y,
              pointer.buttons & hid::kLeft    ? kTeal
              : pointer.buttons & hid::kRight ? kAmber
                                              : kViolet);
    shape(Shapes::ArrowEdge, pointer.x, pointer.y, {0, 0, 0});
    shape(Shapes::Arrow, pointer.x, pointer.y, {1, 1, 1});
}

} // namespace panto
