//! A balance for the tests of the drawings.

use bigdecimal::num_bigint::BigInt;
use ledger_core::Timestamp;

use super::columns::Columns;

/// 2026-11-01 00:00:00 UTC, in nanoseconds.
pub(super) const NOVEMBER: u64 = 1_793_491_200_000_000_000;
const DAY: u64 = 86_400_000_000_000;

/// A moment of November 2026, in days since it began.
pub(super) fn day(days: u64) -> Timestamp {
    Timestamp::new(NOVEMBER + days * DAY)
}

/// Twenty days in cents: up by a salary, down in steps, below nothing, and up again.
pub(super) fn twenty_days(count: usize) -> Columns {
    let mut columns = Columns::new(day(0), day(20), BigInt::from(0), count);
    for (at, balance) in [
        (1, 250_000),
        (4, 170_000),
        (8, 120_050),
        (11, 40_000),
        (14, -35_000),
        (17, 15_000),
    ] {
        columns.add(day(at), BigInt::from(balance));
    }
    columns
}
