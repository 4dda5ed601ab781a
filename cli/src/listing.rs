//! What commands list, as a table for people, or as CSV or JSON for programs.
//!
//! Amounts stay text all the way, with the decimals of their ledger: neither a spreadsheet's nor
//! a JSON parser's floating point gets hold of them.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::screen;

/// How something is printed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    /// Columns that line up.
    #[default]
    Table,
    /// A header and one row each.
    Csv,
    /// One array of objects; amounts and ids are strings.
    Json,
}

/// One thing that is told of each row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    /// Words, ids, moments.
    Text(String),
    /// Something counted.
    Count(u64),
    /// An amount with the decimals of its ledger.
    Amount(String),
    /// True or false.
    Flag(bool),
    /// Nothing to tell.
    Absent,
}

impl Field {
    /// Words.
    pub(crate) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Amount(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Absent => String::new(),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) | Self::Amount(text) => serializer.serialize_str(text),
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Absent => serializer.serialize_none(),
        }
    }
}

/// Columns that are left out of a table together, in the order in which they are: first what is
/// missed least.
pub(crate) type Spare = &'static [&'static [&'static str]];

/// Rows under named columns. Names are those of the API, such as `debits_posted`.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Field>>,
    spare: Spare,
}

/// As wide as a digit, and not trimmed away before a column is aligned, as a blank would be.
const FILLER: char = '\u{2007}';

const PLAIN: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

impl Listing {
    /// A list without rows.
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
            spare: &[],
        }
    }

    /// Names the columns that a terminal which is too narrow for all of them can do without.
    #[must_use]
    pub(crate) fn with_spare(mut self, spare: Spare) -> Self {
        self.spare = spare;
        self
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If it does not have a field for each column.
    pub(crate) fn push(&mut self, row: Vec<Field>) {
        assert_eq!(row.len(), self.columns.len(), "a row has a field a column");
        self.rows.push(row);
    }

    /// Leaves out the columns of which no row tells anything.
    #[must_use]
    pub(crate) fn without_empty_columns(self) -> Self {
        let told: Vec<bool> = (0..self.columns.len())
            .map(|at| self.rows.iter().any(|row| row[at] != Field::Absent))
            .collect();
        self.only(&told)
    }

    /// The columns that are `wanted`.
    fn only(self, wanted: &[bool]) -> Self {
        fn keep<T>(wanted: &[bool], items: Vec<T>) -> Vec<T> {
            let kept = items.into_iter().zip(wanted).filter(|(_, wanted)| **wanted);
            kept.map(|(item, _)| item).collect()
        }
        Self {
            rows: self.rows.into_iter().map(|row| keep(wanted, row)).collect(),
            columns: keep(wanted, self.columns),
            spare: self.spare,
        }
    }

    /// Writes all rows; a table so that it fits the terminal that it goes to. Of a table without a
    /// row it is said that there is none, beside the output.
    pub(crate) fn write(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match format {
            Format::Table if self.rows.is_empty() => {
                eprintln!("there is nothing to list");
                Ok(())
            }
            Format::Table => match screen::output_width() {
                None => writeln!(out, "{}", self.table()),
                Some(width) => self.write_within(width, out),
            },
            Format::Csv => self.write_csv(out),
            Format::Json => self.write_json(out),
        }
    }

    /// Writes a table that is at most `width` characters wide: without what can be spared, and if
    /// that is not enough, its rows one below the other with all that they tell.
    fn write_within(&self, width: usize, out: &mut impl Write) -> io::Result<()> {
        let mut narrower = self.clone();
        let mut left_out = Vec::new();
        let mut spare = self.spare.iter();
        loop {
            let table = narrower.table();
            if table_width(&table) <= width {
                writeln!(out, "{table}")?;
                break;
            }
            let Some(together) = spare.next() else {
                return self.write_records(Format::Table, out);
            };
            let columns = narrower.columns.iter();
            let wanted: Vec<bool> = columns.map(|column| !together.contains(column)).collect();
            let goes = narrower.columns.iter().zip(&wanted);
            left_out.extend(
                goes.filter(|(_, wanted)| !**wanted)
                    .map(|(name, _)| words(name)),
            );
            narrower = narrower.only(&wanted);
        }
        if !left_out.is_empty() {
            // Beside the table, so that nothing in it has to be told from its rows.
            out.flush()?;
            let left_out = left_out.join(", ");
            eprintln!("left out to fit: {left_out}; a wider terminal or --format csv has them");
        }
        Ok(())
    }

    /// Writes the rows one below the other, each as its fields by name, where that is a table.
    pub(crate) fn write_records(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        if format != Format::Table {
            return self.write(format, out);
        }
        let width = self
            .columns
            .iter()
            .map(|name| name.len())
            .max()
            .unwrap_or(0);
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            for (name, field) in self.columns.iter().zip(row) {
                if *field != Field::Absent {
                    writeln!(out, "{:width$}  {}", words(name), field.plain())?;
                }
            }
        }
        Ok(())
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table
            .load_style(PLAIN)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(self.columns.iter().map(|name| words(name)));
        let decimals: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                self.rows
                    .iter()
                    .map(|row| decimals(&row[at]))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in &self.rows {
            let fields = row.iter().zip(&decimals);
            table.add_row(fields.map(|(field, decimals)| aligned(field, *decimals)));
        }
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if at + 1 < self.columns.len() { 1 } else { 0 }));
            let is_number =
                |row: &Vec<Field>| matches!(row[at], Field::Amount(_) | Field::Count(_));
            if self.rows.iter().any(is_number) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines = table.lines().map(|line| line.replace(FILLER, " "));
        let trimmed = lines.map(|line| line.trim_end().to_owned());
        trimmed.collect::<Vec<_>>().join("\n")
    }

    fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Field::plain))?;
        }
        writer.flush()
    }

    fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

impl Serialize for Listing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|row| Object {
            columns: &self.columns,
            row,
        }))
    }
}

/// A row as an object.
pub(crate) struct Object<'a> {
    /// The names of its fields.
    pub(crate) columns: &'a [&'static str],
    /// Its fields.
    pub(crate) row: &'a [Field],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (name, field) in self.columns.iter().zip(self.row) {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}

/// How wide a table is drawn: as the line below its header.
fn table_width(table: &str) -> usize {
    let line = table.lines().nth(1);
    line.map_or(0, |line| line.chars().count())
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Characters from the point on.
fn decimals(field: &Field) -> usize {
    match field {
        Field::Amount(text) => text.find('.').map_or(0, |point| text.len() - point),
        _ => 0,
    }
}

/// A field so filled up that points are below each other in a column that is flush right.
fn aligned(field: &Field, decimals_max: usize) -> String {
    let missing = match field {
        Field::Amount(_) => decimals_max - decimals(field),
        _ => 0,
    };
    format!("{}{}", field.plain(), FILLER.to_string().repeat(missing))
}

mod rows;

pub(crate) use rows::Rows;

#[cfg(test)]
mod tests;
