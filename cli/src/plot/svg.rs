//! A plot as an SVG file.
//!
//! Written by hand on purpose: a stepped line, two axes and a title are a hundred lines of text,
//! and a crate for charts computes positions and labels with floating point, which amounts are
//! kept from everywhere here.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::columns::Columns;
use super::time_axis::{time_caption, time_ticks};
use super::value_axis::ValueAxis;

/// The columns that a drawing can tell apart: its pixels across.
pub(crate) const SVG_COLUMNS: usize = 800;
const HEIGHT: usize = 320;
const TOP: usize = 56;
const BELOW: usize = 64;
const RIGHT: usize = 40;
/// The width of a character of a label, and of the space beside it.
const CHARACTER: usize = 8;
const GAP: usize = 12;
const TIME_TICKS_MAX: usize = 8;
const VALUE_TICKS_MAX: usize = 9;

/// Writes a balance of a ledger with `scale` decimals under a title.
pub(crate) fn write_svg(
    balance: &Columns,
    scale: u32,
    title: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let columns = balance.filled();
    let axis = ValueAxis::new(&columns, scale, VALUE_TICKS_MAX);
    let longest = axis.labels().map(|(_, label)| label.len()).max();
    let left = longest.unwrap_or(0) * CHARACTER + 2 * GAP;
    let (bottom, right) = (TOP + HEIGHT, left + SVG_COLUMNS);
    let (width, height) = (right + RIGHT, bottom + BELOW);
    let title = escaped(title);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"ui-monospace, monospace\" font-size=\"13\">"
    )?;
    writeln!(out, "<title>{title}</title>")?;
    writeln!(
        out,
        "<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
    )?;
    writeln!(
        out,
        "<text x=\"{left}\" y=\"30\" font-size=\"16\" fill=\"#222\">{title}</text>"
    )?;
    let y = |balance| bottom - axis.position(balance, HEIGHT);

    writeln!(out, "<g stroke=\"#ddd\" fill=\"#444\" text-anchor=\"end\">")?;
    for (tick, label) in axis.labels() {
        let y = y(tick);
        writeln!(out, "<path d=\"M{left} {y}H{right}\"/>")?;
        let (x, y) = (left - GAP, y + 4);
        writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" stroke=\"none\">{label}</text>"
        )?;
    }
    writeln!(out, "</g>")?;

    writeln!(
        out,
        "<g stroke=\"#888\" fill=\"#444\" text-anchor=\"middle\">"
    )?;
    writeln!(out, "<path d=\"M{left} {bottom}H{right}\"/>")?;
    for tick in time_ticks(balance.from(), balance.to(), TIME_TICKS_MAX) {
        let x = left + balance.column_of(tick.time);
        writeln!(out, "<path d=\"M{x} {bottom}v6\"/>")?;
        let (y, label) = (bottom + 24, tick.label);
        writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" stroke=\"none\">{label}</text>"
        )?;
    }
    let (middle, below) = (left + SVG_COLUMNS / 2, bottom + 46);
    let caption = time_caption(balance.from(), balance.to());
    writeln!(
        out,
        "<text x=\"{middle}\" y=\"{below}\" stroke=\"none\">{caption}</text>"
    )?;
    writeln!(out, "</g>")?;

    let mut path = String::new();
    let mut at = None;
    for (x, column) in (left..).zip(&columns) {
        let (low, high, last) = (y(&column.low), y(&column.high), y(&column.last));
        if at == Some(low) && low == high && x + 1 < right {
            continue;
        }
        let begin = if at.is_none() { 'M' } else { 'L' };
        let first = at.unwrap_or(last);
        // Across to the column, over all that was in it, and to the balance that it ended with.
        write!(path, "{begin}{x} {first}").expect("memory takes it");
        let ends = [first, last];
        if !ends.contains(&low) || !ends.contains(&high) {
            write!(path, "V{low}V{high}").expect("memory takes it");
        }
        if first != last || low != high {
            write!(path, "V{last}").expect("memory takes it");
        }
        at = Some(last);
    }
    writeln!(
        out,
        "<path d=\"{path}H{right}\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"1.5\" \
         stroke-linejoin=\"round\"/>"
    )?;
    writeln!(out, "</svg>")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            control if control.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
