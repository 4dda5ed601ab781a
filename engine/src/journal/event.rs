//! Events in a frame.
//!
//! The body of every event begins with its time; `int` is a number of variable length (see
//! `integer.rs`), ids are 16 bytes, a text is one byte of length and its bytes. A bit of the
//! presence field that is not set means that the field is zero (or absent) and takes no byte.
//!
//! Transfer created (5) and transfer fenced (8):
//!
//! | field | form | bit of presence |
//! | --- | --- | --- |
//! | time | int, nanoseconds after the frame's base time | |
//! | presence | 2 bytes | |
//! | totals presence (5 only) | 1 byte: bits 0 … 3 debit account, 4 … 7 credit account | |
//! | id, debit account id, credit account id | 16 bytes each | |
//! | code | 2 bytes | |
//! | ledger, amount | int each | |
//! | pending id | 16 bytes | 0 |
//! | reverses id | 16 bytes | 1 |
//! | group id | 16 bytes | 2 |
//! | user data 128, 64, 32 | int each | 3, 4, 5 |
//! | reference | text | 6 |
//! | timeout | int | 7 |
//! | flags | int | 8 |
//! | timestamp, if it is not the event's time | int | 9 |
//! | took all (5 only) | nothing | 10 |
//! | hold: posted, released, rest (5 only) | int each | 11 |
//! | reversed (5 only) | int | 12 |
//! | totals after (5 only) | int each: debits pending, posted, credits pending, posted | |
//!
//! Account created (3): time · presence (1 byte) · id · code (2 bytes) · ledger (int) · flags (0),
//! user data 128, 64, 32 (1, 2, 3), overdraft limit (4), balance max (5) (int each) · name (6,
//! text) · timestamp, if it is not the event's time (7, int).
//!
//! Account updated (4): time · presence (1 byte) · update id · account id · overdraft limit (0,
//! int) · balance max (1, int) · name (2, text).
//!
//! Ledger registered (2): time · id (int) · scale (int) · code (text).
//!
//! Transfer expired (6): time · totals presence (1 byte) · pending id, debit account id, credit
//! account id · ledger, posted, released (int each) · totals after.
//!
//! Transfer rejected (7): time · id · status (1 byte) · control id (int).
//!
//! Epoch began (17): time · epoch · parent (16 bytes each) · fork (int).

mod decode;
mod encode;

pub(super) use decode::{blank_event, read_event, read_event_into};
pub(super) use encode::put_event;

/// The most bytes that an event takes in a frame.
pub const EVENT_BYTES_MAX: usize = 480;

/// Room for an event, and for the loose end of the last number written.
pub(super) const EVENT_ROOM_BYTES: usize = EVENT_BYTES_MAX + super::integer::INTEGER_BYTES_MAX;

/// The bits of a transfer's presence field.
mod transfer_bits {
    pub(super) const PENDING_ID: u16 = 1 << 0;
    pub(super) const REVERSES_ID: u16 = 1 << 1;
    pub(super) const GROUP_ID: u16 = 1 << 2;
    pub(super) const USER_DATA_128: u16 = 1 << 3;
    pub(super) const USER_DATA_64: u16 = 1 << 4;
    pub(super) const USER_DATA_32: u16 = 1 << 5;
    pub(super) const REFERENCE: u16 = 1 << 6;
    pub(super) const TIMEOUT: u16 = 1 << 7;
    pub(super) const FLAGS: u16 = 1 << 8;
    pub(super) const TIMESTAMP: u16 = 1 << 9;
    pub(super) const TOOK_ALL: u16 = 1 << 10;
    pub(super) const HOLD: u16 = 1 << 11;
    pub(super) const REVERSED: u16 = 1 << 12;

    pub(super) const OF_FENCED: u16 = (1 << 10) - 1;
    pub(super) const OF_CREATED: u16 = (1 << 13) - 1;
}

/// The bits of an account's presence field.
mod account_bits {
    pub(super) const FLAGS: u8 = 1 << 0;
    pub(super) const USER_DATA_128: u8 = 1 << 1;
    pub(super) const USER_DATA_64: u8 = 1 << 2;
    pub(super) const USER_DATA_32: u8 = 1 << 3;
    pub(super) const OVERDRAFT_LIMIT: u8 = 1 << 4;
    pub(super) const BALANCE_MAX: u8 = 1 << 5;
    pub(super) const NAME: u8 = 1 << 6;
    pub(super) const TIMESTAMP: u8 = 1 << 7;
}

/// The bits of an update's presence field.
mod update_bits {
    pub(super) const OVERDRAFT_LIMIT: u8 = 1 << 0;
    pub(super) const BALANCE_MAX: u8 = 1 << 1;
    pub(super) const NAME: u8 = 1 << 2;

    pub(super) const ALL: u8 = (1 << 3) - 1;
}

#[cfg(test)]
pub(in crate::journal) mod tests;
