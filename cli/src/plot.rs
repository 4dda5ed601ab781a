//! A balance over time, drawn in the terminal or as an SVG file.
//!
//! A balance is what it is until the next event, so the line goes in steps. However many events
//! there are, each column of the drawing keeps the lowest and the highest balance of its time:
//! nothing that a column shows is an average, and memory is bounded by the width.
//!
//! Positions are found with whole numbers of any length, and labels are exact: no amount passes
//! through floating point here either.

mod columns;
mod svg;
mod terminal;
mod time_axis;
mod value_axis;

pub(crate) use columns::{Columns, balance_of};
pub(crate) use svg::{SVG_COLUMNS, write_svg};
pub(crate) use terminal::{TerminalSize, terminal_plot};

#[cfg(test)]
mod example;
