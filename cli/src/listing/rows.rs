//! Lists of any length, written as they come.

use std::io::{self, Write};

use super::{Field, Format, Listing, Object, Spare};

/// How many rows of a table are lined up with each other.
const BLOCK_ROWS: usize = 1000;

/// Rows that are written as they come. A table goes block by block, each with a header of its own;
/// of CSV and JSON nobody sees how much was there at once.
pub(crate) struct Rows {
    columns: Vec<&'static str>,
    format: Format,
    block: Listing,
    written: u64,
}

impl Rows {
    /// A list without rows.
    pub(crate) fn new(columns: &[&'static str], format: Format) -> Self {
        Self {
            columns: columns.to_vec(),
            format,
            block: Listing::new(columns),
            written: 0,
        }
    }

    /// Names the columns that a narrow terminal can do without.
    #[must_use]
    pub(crate) fn with_spare(mut self, spare: Spare) -> Self {
        self.block = self.block.with_spare(spare);
        self
    }

    /// Writes a row, or keeps it until its block is full.
    pub(crate) fn push(&mut self, row: Vec<Field>, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Table => {
                self.block.push(row);
                if self.block.rows.len() == BLOCK_ROWS {
                    self.write_block(out)?;
                }
                return Ok(());
            }
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(&mut *out);
                if self.written == 0 {
                    writer.write_record(&self.columns)?;
                }
                writer.write_record(row.iter().map(Field::plain))?;
                writer.flush()?;
            }
            Format::Json => {
                out.write_all(if self.written == 0 {
                    b"[\n  "
                } else {
                    b",\n  "
                })?;
                let object = Object {
                    columns: &self.columns,
                    row: &row,
                };
                serde_json::to_writer(&mut *out, &object)?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Table if self.written == 0 || !self.block.rows.is_empty() => {
                self.write_block(out)
            }
            Format::Table => Ok(()),
            Format::Csv if self.written == 0 => self.block.write(Format::Csv, out),
            Format::Csv => Ok(()),
            Format::Json if self.written == 0 => writeln!(out, "[]"),
            Format::Json => writeln!(out, "\n]"),
        }
    }

    fn write_block(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.written > 0 {
            writeln!(out)?;
        }
        let next = Listing::new(&self.columns).with_spare(self.block.spare);
        let block = std::mem::replace(&mut self.block, next);
        self.written += block.rows.len() as u64;
        block.without_empty_columns().write(Format::Table, out)
    }
}
