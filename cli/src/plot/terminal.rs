//! A plot in the terminal, of braille characters: two dots across and four down in each cell.
//! Without colours, so that it is the same in a file or an e-mail.

use super::columns::{Column, Columns};
use super::time_axis::{time_caption, time_ticks};
use super::value_axis::ValueAxis;

/// How large a plot is, in cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TerminalSize {
    /// From the labels at the left to the end of the line.
    pub(crate) width: usize,
    /// From the highest balance to the lowest; the axis of time comes below.
    pub(crate) height: usize,
}

/// The smallest drawing that shows anything.
const WIDTH_MIN: usize = 16;
const HEIGHT_MIN: usize = 3;
const DOTS_ACROSS: usize = 2;
const DOTS_DOWN: usize = 4;

/// The dots of a braille character, by their place across and down (Unicode, U+2800).
const DOTS: [[u32; DOTS_DOWN]; DOTS_ACROSS] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
const BLANK: u32 = 0x2800;

impl TerminalSize {
    /// The columns that a drawing of this size can tell apart. The labels take a part of them
    /// away, so that some are drawn together.
    pub(crate) fn columns(self) -> usize {
        self.width.max(WIDTH_MIN) * DOTS_ACROSS
    }
}

/// Draws a balance of a ledger with `scale` decimals; each line is ended.
pub(crate) fn terminal_plot(balance: &Columns, scale: u32, size: TerminalSize) -> String {
    let height = size.height.max(HEIGHT_MIN);
    let columns = balance.filled();
    let axis = ValueAxis::new(&columns, scale, height.div_ceil(2));
    let top = height * DOTS_DOWN - 1;
    let mut labels = vec![String::new(); height];
    for (tick, label) in axis.labels() {
        let row = (top - axis.position(tick, top)) / DOTS_DOWN;
        labels[row] = label;
    }
    let margin = labels.iter().map(String::len).max().unwrap_or(0);
    let width = size.width.saturating_sub(margin + 2).max(WIDTH_MIN);

    let mut cells = vec![vec![BLANK; width]; height];
    for (across, column) in squeezed(&columns, width * DOTS_ACROSS).iter().enumerate() {
        let lowest = top - axis.position(&column.low, top);
        let highest = top - axis.position(&column.high, top);
        for down in highest..=lowest {
            cells[down / DOTS_DOWN][across / DOTS_ACROSS] |=
                DOTS[across % DOTS_ACROSS][down % DOTS_DOWN];
        }
    }

    let mut drawing = String::new();
    for (label, row) in labels.iter().zip(&cells) {
        let mark = if label.is_empty() { '│' } else { '┤' };
        let line: String = row
            .iter()
            .map(|cell| char::from_u32(*cell).expect("a braille character"))
            .map(|cell| if u32::from(cell) == BLANK { ' ' } else { cell })
            .collect();
        drawing.push_str(&format!("{label:>margin$} {mark}{}", line));
        drawing.truncate(drawing.trim_end().len());
        drawing.push('\n');
    }
    push_time_axis(&mut drawing, balance, margin, width);
    drawing
}

/// The line below the drawing, and what is written below its marks.
fn push_time_axis(drawing: &mut String, balance: &Columns, margin: usize, width: usize) {
    let cell_of = |time| balance.column_of(time) * width / balance.count();
    // A label is at most eleven characters wide, and a few are to be between two.
    let ticks = time_ticks(balance.from(), balance.to(), (width / 14).max(1));
    let mut line = vec!['─'; width];
    let mut labels = String::new();
    let begin = margin + 2;
    for tick in &ticks {
        let cell = cell_of(tick.time);
        line[cell] = '┬';
        let centred = (begin + cell).saturating_sub(tick.label.len() / 2);
        let last = (begin + width).saturating_sub(tick.label.len());
        let at = centred.min(last);
        if labels.is_empty() || at > labels.len() {
            let gap = at - labels.len();
            labels.push_str(&" ".repeat(gap));
            labels.push_str(&tick.label);
        }
    }
    let line: String = line.into_iter().collect();
    drawing.push_str(&format!("{:margin$} └{line}\n", ""));
    drawing.push_str(labels.trim_end());
    if !labels.is_empty() {
        drawing.push('\n');
    }
    let caption = time_caption(balance.from(), balance.to());
    let at = begin.min((begin + width).saturating_sub(caption.len()));
    drawing.push_str(&format!("{:at$}{caption}\n", ""));
}

/// The same in at most `count` columns.
fn squeezed(columns: &[Column], count: usize) -> Vec<Column> {
    let count = count.min(columns.len()).max(1);
    let slices = (0..count).map(|at| {
        let from = at * columns.len() / count;
        let to = (at + 1) * columns.len() / count;
        &columns[from..to]
    });
    let joined = slices.filter_map(|slice| {
        let (first, rest) = slice.split_first()?;
        let mut joined = first.clone();
        for column in rest {
            joined.low = joined.low.min(column.low.clone());
            joined.high = joined.high.max(column.high.clone());
            joined.last.clone_from(&column.last);
        }
        Some(joined)
    });
    joined.collect()
}

#[cfg(test)]
mod tests;
