// SPDX-License-Identifier: LGPL-2.1-or-later
/// Screen: where everything is, and which places two scenes differ in.
#include "lib/virtual/screen.h"

#include <algorithm>

namespace panto
{

void Screen::measure()
{
    // 45 lines or so fill the height, but text stays readable on the smallest mode.
    font_px_ = std::clamp(height_ / 45, 12, 48);
    shapes_ = Shapes{font_px_ / 16.0};
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans Mono");
    pango_font_description_set_absolute_size(font, double(font_px_) * PANGO_SCALE);
    pango_layout_set_font_description(layout_, font);
    PangoFontMetrics *metrics = pango_context_get_metrics(context_, font, nullptr);
    cell_ = PANGO_PIXELS(pango_font_metrics_get_approximate_char_width(metrics));
    line_ = PANGO_PIXELS_CEIL(pango_font_metrics_get_ascent(metrics)) +
            PANGO_PIXELS_CEIL(pango_font_metrics_get_descent(metrics));
    pango_font_metrics_unref(metrics);
    pango_font_description_free(font);

    bar_ = line_ * 3 / 2;
    margin_ = cell_;
    columns_ = (width_ - 2 * margin_) / cell_;
    rows_ = (height_ - 2 * bar_ - line_) / line_;
}

Rect Screen::cells(int row, int first, int last) const
{
    const int top = bar_ + line_ / 2 + row * line_;
    return {margin_ + first * cell_, top, margin_ + last * cell_, top + line_};
}

Rect Screen::lamp(int n) const
{
    static constexpr int kCellsEach[] = {6, 7, 6, 7, 9}; // PWR DISK NUM CAPS SCROLL, dot, gap
    int right = width_;
    for (int i = 4; i > n; --i)
        right -= kCellsEach[i] * cell_;
    return {right - kCellsEach[n] * cell_, 0, right, bar_};
}

Rect Screen::pointer_area() const
{
    return {width_ - 23 * cell_, height_ - bar_, width_, height_};
}

Rect Screen::drive_area() const
{
    return {0, height_ - bar_, (width_ - 23 * cell_) / 2, height_};
}

Rect Screen::held_area() const
{
    return {drive_area().right, height_ - bar_, pointer_area().left, height_};
}

Rect Screen::around(int x, int y) const
{
    const int reach = shapes_.reach();
    return {x - reach, y - reach, x + reach + 1, y + reach + 1};
}

std::vector<Rect> Screen::damage(const Scene &old, const Scene &now) const
{
    std::vector<Rect> out;
    // A glyph may reach a pixel into the cells beside its own.
    const auto text = [&](int row, size_t first, size_t last) {
        out.push_back(cells(row, int(first) - 1, int(last) + 1));
    };
    static const std::string kNoRow;
    const size_t rows = std::max(old.rows.size(), now.rows.size());
    for (size_t row = 0; row < rows; ++row) {
        const std::string &a = row < old.rows.size() ? old.rows[row] : kNoRow;
        const std::string &b = row < now.rows.size() ? now.rows[row] : kNoRow;
        if (a == b)
            continue;
        const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
        text(int(row), size_t(differ.first - a.begin()), std::max(a.size(), b.size()));
    }
    if (old.caret_row != now.caret_row || old.caret_column != now.caret_column)
        for (const Scene *s : {&old, &now})
            if (s->caret_row >= 0)
                text(s->caret_row, size_t(s->caret_column), size_t(s->caret_column) + 1);

    const bool lamps[] = {old.power != now.power, old.disk != now.disk,
                          bool((old.leds ^ now.leds) & 1), bool((old.leds ^ now.leds) & 2),
                          bool((old.leds ^ now.leds) & 4)};
    for (int n = 0; n < 5; ++n)
        if (lamps[n])
            out.push_back(lamp(n));
    if (old.medium != now.medium)
        out.push_back(drive_area());
    if (old.held != now.held)
        out.push_back(held_area());

    if (old.marks != now.marks)
        for (const Scene *s : {&old, &now})
            for (const Scene::Mark &mark : s->marks)
                if (const Scene *other = s == &old ? &now : &old;
                    std::find(other->marks.begin(), other->marks.end(), mark) == other->marks.end())
                    out.push_back(around(mark.x, mark.y));
    if (old.pointer != now.pointer || old.wheel != now.wheel) {
        out.push_back(pointer_area());
        for (const Scene *s : {&old, &now})
            if (s->pointer.visible)
                out.push_back(around(s->pointer.x, s->pointer.y));
    }
    return out;
}

} // namespace panto
