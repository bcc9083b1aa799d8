// SPDX-License-Identifier: LGPL-2.1-or-later
/// Screen: how everything looks.
#include "lib/usbhid/report.h"
#include "lib/virtual/screen.h"

#include <algorithm>
#include <cmath>

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
    cairo_set_source_rgb(cairo_, c.red, c.green, c.blue);
}

void Screen::fill(const Rect &area, const Colour &c)
{
    colour(c);
    cairo_rectangle(cairo_, area.left, area.top, area.right - area.left, area.bottom - area.top);
    cairo_fill(cairo_);
}

void Screen::write(double x, double y, std::string_view text, const Colour &c)
{
    colour(c);
    cairo_move_to(cairo_, x, y);
    pango_layout_set_text(layout_, text.data(), int(text.size()));
    pango_cairo_show_layout(cairo_, layout_);
}

int Screen::bar_text_top(const Rect &bar) const
{
    return bar.top + (bar_ - line_) / 2;
}

void Screen::paint(const Scene &scene, const Rect &clip)
{
    cairo_save(cairo_);
    cairo_rectangle(cairo_, clip.left, clip.top, clip.right - clip.left, clip.bottom - clip.top);
    cairo_clip(cairo_);
    fill(clip, kBackground);
    paint_bars(scene, clip);
    paint_text(scene, clip);
    for (const Scene::Mark &mark : scene.marks)
        if (around(mark).meets(clip))
            paint_mark(mark);
    if (scene.pointer.visible && around(scene.pointer).meets(clip))
        paint_pointer(scene.pointer);
    cairo_restore(cairo_);
}

void Screen::paint_bars(const Scene &scene, const Rect &clip)
{
    const auto within = [&](const Rect &area, auto draw) {
        if (!area.meets(clip))
            return;
        cairo_save(cairo_);
        cairo_rectangle(cairo_, area.left, area.top, area.right - area.left,
                        area.bottom - area.top);
        cairo_clip(cairo_);
        fill(area, kBar);
        draw();
        cairo_restore(cairo_);
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
            colour(lamps[n].lit ? lamps[n].colour : kBackground);
            cairo_arc(cairo_, area.left + cell_, bar_ / 2.0, cell_ * 0.45, 0, 2 * M_PI);
            cairo_fill(cairo_);
            write(area.left + 2 * cell_, bar_text_top(area), lamps[n].label,
                  lamps[n].lit ? kText : kFaint);
        });
    }

    const Rect drive = drive_area();
    within(drive, [&] {
        const bool loaded = !scene.medium.empty();
        const double middle = drive.top + bar_ / 2.0;
        for (const double radius : {line_ * 0.38, line_ * 0.10}) {
            colour(radius > line_ * 0.2 ? (loaded ? kTeal : kFaint) : kBar);
            cairo_arc(cairo_, margin_ + cell_ * 0.7, middle, radius, 0, 2 * M_PI);
            cairo_fill(cairo_);
        }
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
    const int left = std::max(0, (clip.left - margin_) / cell_);
    const int right = std::max(0, (clip.right - margin_ + cell_ - 1) / cell_);
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
    const double r = 6 * scale_;
    cairo_save(cairo_);
    cairo_translate(cairo_, mark.x + 0.5, mark.y + 0.5);
    cairo_set_line_width(cairo_, 2 * scale_);
    if (mark.button == hid::kRight) { // an amber square
        colour(kAmber);
        cairo_rectangle(cairo_, -r, -r, 2 * r, 2 * r);
        cairo_stroke(cairo_);
    } else if (mark.button == hid::kMiddle) { // a violet diamond
        colour(kViolet);
        cairo_rotate(cairo_, M_PI / 4);
        cairo_rectangle(cairo_, -r, -r, 2 * r, 2 * r);
        cairo_fill(cairo_);
    } else { // a teal disc, or for the side buttons a ring
        colour(kTeal);
        cairo_arc(cairo_, 0, 0, r, 0, 2 * M_PI);
        if (mark.button == hid::kLeft)
            cairo_fill(cairo_);
        else
            cairo_stroke(cairo_);
    }
    cairo_restore(cairo_);
}

void Screen::paint_pointer(const Scene::Pointer &pointer)
{
    static constexpr double kArrow[][2] = {{0, 0},      {0, 17},     {3.8, 13.4}, {6.4, 19},
                                           {9.0, 17.8}, {6.5, 12.4}, {12, 12.4}};
    cairo_save(cairo_);
    cairo_translate(cairo_, pointer.x, pointer.y);
    cairo_scale(cairo_, scale_, scale_);
    if (pointer.buttons) {
        colour(pointer.buttons & hid::kLeft    ? kTeal
               : pointer.buttons & hid::kRight ? kAmber
                                               : kViolet);
        cairo_set_line_width(cairo_, 2);
        cairo_arc(cairo_, 0, 0, 14, 0, 2 * M_PI);
        cairo_stroke(cairo_);
    }
    for (const auto &point : kArrow)
        cairo_line_to(cairo_, point[0], point[1]);
    cairo_close_path(cairo_);
    cairo_set_line_width(cairo_, 1.6);
    cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
    colour({0, 0, 0});
    cairo_stroke_preserve(cairo_);
    colour({1, 1, 1});
    cairo_fill(cairo_);
    cairo_restore(cairo_);
}

} // namespace panto
