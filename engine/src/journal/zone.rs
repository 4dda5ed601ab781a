//! Zone maps: what a sealed segment can hold at all, so that a search can pass it over.
//!
//! | bytes | field | what it is |
//! | --- | --- | --- |
//! | 8 + 8 | journal time | the first and the last event's |
//! | 8 + 8 | user data 64 | smallest and greatest value that is not 0 |
//! | 4 + 4 | user data 32 | smallest and greatest value that is not 0 |
//! | 4 + 4 | ledger | smallest and greatest |
//! | 2 + 2 | code | of transfers; smallest and greatest |
//! | 2 | ledger count | 65535: too many to list |
//! | 2 | code count | 65535: too many to list |
//! | 4 each | ledgers | in order |
//! | 2 each | codes | in order |
//!
//! A range without a value has a smallest one above its greatest one.

use std::collections::BTreeSet;

use ledger_core::{Event, Fact, LedgerId, Timestamp, Transfer};

/// More different values than this are not listed.
const LISTED_MAX: usize = 1024;
const TOO_MANY: u16 = u16::MAX;

/// The zone map of a segment, as it grows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ZoneMap {
    times: Extent<u64>,
    user_data_64: Extent<u64>,
    user_data_32: Extent<u32>,
    ledgers: Listed<u32>,
    codes: Listed<u16>,
}

/// From the smallest to the greatest value that occurs; the other way round while there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Extent<T> {
    smallest: T,
    greatest: T,
}

impl<T: Ord + Copy> Extent<T> {
    const fn empty(greatest_possible: T, zero: T) -> Self {
        Self {
            smallest: greatest_possible,
            greatest: zero,
        }
    }

    fn add(&mut self, value: T) {
        self.smallest = self.smallest.min(value);
        self.greatest = self.greatest.max(value);
    }

    fn may_hold(&self, value: T) -> bool {
        (self.smallest..=self.greatest).contains(&value)
    }

    fn read<const N: usize>(left: &mut &[u8], number: fn([u8; N]) -> T) -> Option<Self> {
        Some(Self {
            smallest: take(left, number)?,
            greatest: take(left, number)?,
        })
    }
}

/// Takes a number off the front.
fn take<T, const N: usize>(left: &mut &[u8], number: fn([u8; N]) -> T) -> Option<T> {
    let (bytes, rest) = left.split_first_chunk()?;
    *left = rest;
    Some(number(*bytes))
}

/// The values that occur, listed while they are few.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Listed<T> {
    range: Extent<T>,
    values: Option<BTreeSet<T>>,
    newest: Option<T>,
}

impl<T: Ord + Copy> Listed<T> {
    fn new(empty: Extent<T>) -> Self {
        Self {
            range: empty,
            values: Some(BTreeSet::new()),
            newest: None,
        }
    }

    fn add(&mut self, value: T) {
        // Neighbours are mostly alike, and this is done for every event.
        if self.newest == Some(value) {
            return;
        }
        self.newest = Some(value);
        self.range.add(value);
        if let Some(values) = &mut self.values {
            values.insert(value);
            if values.len() > LISTED_MAX {
                self.values = None;
            }
        }
    }

    fn may_hold(&self, value: T) -> bool {
        match &self.values {
            Some(values) => values.contains(&value),
            None => self.range.may_hold(value),
        }
    }

    fn read<const N: usize>(
        range: Extent<T>,
        count: u16,
        left: &mut &[u8],
        number: fn([u8; N]) -> T,
    ) -> Option<Self> {
        let values = match count {
            TOO_MANY => None,
            count => Some(
                (0..count)
                    .map(|_| take(left, number))
                    .collect::<Option<_>>()?,
            ),
        };
        Some(Self {
            range,
            values,
            newest: None,
        })
    }

    fn count(&self) -> u16 {
        let count = self.values.as_ref().map(|values| values.len() as u16);
        count.unwrap_or(TOO_MANY)
    }
}

impl ZoneMap {
    pub(super) fn new() -> Self {
        Self {
            times: Extent::empty(u64::MAX, 0),
            user_data_64: Extent::empty(u64::MAX, 0),
            user_data_32: Extent::empty(u32::MAX, 0),
            ledgers: Listed::new(Extent::empty(u32::MAX, 0)),
            codes: Listed::new(Extent::empty(u16::MAX, 0)),
        }
    }

    /// Widens the map so that it covers an event.
    pub(super) fn add(&mut self, event: &Event) {
        self.add_time(event.time);
        match &event.fact {
            Fact::TransferCreated(created) => self.add_transfer(&created.transfer),
            Fact::TransferFenced(transfer) => self.add_transfer(transfer),
            Fact::TransferExpired(expired) => self.add_ledger(expired.ledger),
            Fact::AccountCreated(account) => {
                self.add_ledger(account.ledger);
                self.add_user_data(account.user_data_64, account.user_data_32);
            }
            Fact::LedgerRegistered(ledger) => self.add_ledger(ledger.id),
            _ => {}
        }
    }

    fn add_time(&mut self, time: Timestamp) {
        self.times.add(time.get());
    }

    fn add_transfer(&mut self, transfer: &Transfer) {
        self.add_ledger(transfer.ledger);
        self.codes.add(transfer.code);
        self.add_user_data(transfer.user_data_64, transfer.user_data_32);
    }

    fn add_ledger(&mut self, ledger: LedgerId) {
        self.ledgers.add(ledger.get());
    }

    fn add_user_data(&mut self, user_data_64: u64, user_data_32: u32) {
        if user_data_64 != 0 {
            self.user_data_64.add(user_data_64);
        }
        if user_data_32 != 0 {
            self.user_data_32.add(user_data_32);
        }
    }

    /// Whether an event of this ledger can be there.
    pub(crate) fn may_hold_ledger(&self, ledger: LedgerId) -> bool {
        self.ledgers.may_hold(ledger.get())
    }

    /// Whether a transfer with this code can be there.
    pub(crate) fn may_hold_code(&self, code: u16) -> bool {
        self.codes.may_hold(code)
    }

    /// Whether an event with this `user_data_64`, which is not zero, can be there.
    pub(crate) fn may_hold_user_data_64(&self, user_data_64: u64) -> bool {
        self.user_data_64.may_hold(user_data_64)
    }

    /// Whether an event with this `user_data_32`, which is not zero, can be there.
    pub(crate) fn may_hold_user_data_32(&self, user_data_32: u32) -> bool {
        self.user_data_32.may_hold(user_data_32)
    }

    /// Reads what [`ZoneMap::write`] wrote; `None` if that is something else.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut left = bytes;
        let times = Extent::read(&mut left, u64::from_le_bytes)?;
        let user_data_64 = Extent::read(&mut left, u64::from_le_bytes)?;
        let user_data_32 = Extent::read(&mut left, u32::from_le_bytes)?;
        let ledgers = Extent::read(&mut left, u32::from_le_bytes)?;
        let codes = Extent::read(&mut left, u16::from_le_bytes)?;
        let ledger_count = take(&mut left, u16::from_le_bytes)?;
        let code_count = take(&mut left, u16::from_le_bytes)?;
        let map = Self {
            times,
            user_data_64,
            user_data_32,
            ledgers: Listed::read(ledgers, ledger_count, &mut left, u32::from_le_bytes)?,
            codes: Listed::read(codes, code_count, &mut left, u16::from_le_bytes)?,
        };
        left.is_empty().then_some(map)
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        for range in [&self.times, &self.user_data_64] {
            bytes.extend(range.smallest.to_le_bytes());
            bytes.extend(range.greatest.to_le_bytes());
        }
        for range in [&self.user_data_32, &self.ledgers.range] {
            bytes.extend(range.smallest.to_le_bytes());
            bytes.extend(range.greatest.to_le_bytes());
        }
        bytes.extend(self.codes.range.smallest.to_le_bytes());
        bytes.extend(self.codes.range.greatest.to_le_bytes());
        bytes.extend(self.ledgers.count().to_le_bytes());
        bytes.extend(self.codes.count().to_le_bytes());
        for ledger in self.ledgers.values.iter().flatten() {
            bytes.extend(ledger.to_le_bytes());
        }
        for code in self.codes.values.iter().flatten() {
            bytes.extend(code.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
