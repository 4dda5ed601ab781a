//! A set of books as a reader hands it over, whatever it was written in.

use std::fmt;

use crate::books::problem::Place;
use crate::books::quantity::Quantity;

/// A day of the calendar, as the number YYYYMMDD.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Date(u32);

impl Date {
    /// The day, if the calendar has it.
    pub(crate) fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let divides = |years: u16| year.is_multiple_of(years);
        let leap = divides(4) && (!divides(100) || divides(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        let exists = (1..=days).contains(&day) && (1..=9999).contains(&year);
        exists.then(|| Self(u32::from(year) * 10_000 + u32::from(month) * 100 + u32::from(day)))
    }

    /// Reads `2026-11-22`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let digits = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The day that the number YYYYMMDD stands for, if the calendar has it.
    pub(crate) fn from_yyyymmdd(number: u32) -> Option<Self> {
        let year = u16::try_from(number / 10_000).ok()?;
        let month = u8::try_from(number / 100 % 100).ok()?;
        Self::new(year, month, u8::try_from(number % 100).ok()?)
    }

    /// The number YYYYMMDD.
    pub(crate) fn yyyymmdd(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Date {
    /// As `2026-11-22`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.0 / 10_000, self.0 / 100 % 100, self.0 % 100);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// One transaction of the books.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Transaction {
    /// Where it begins.
    pub(crate) place: Place,
    /// The day it happened.
    pub(crate) date: Date,
    /// What it was for.
    pub(crate) description: String,
    /// What it changed, in the order of the books.
    pub(crate) postings: Vec<Posting>,
}

/// A change of one account in one commodity; positive is a debit.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Posting {
    /// Where it is written.
    pub(crate) place: Place,
    /// The account's full name.
    pub(crate) account: String,
    /// By how much.
    pub(crate) quantity: Quantity,
    /// Of what.
    pub(crate) commodity: String,
}

#[cfg(test)]
mod tests;
