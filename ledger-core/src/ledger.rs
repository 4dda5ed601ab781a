//! Ledgers: one asset each.

use alloc::boxed::Box;

use crate::LedgerId;

/// A ledger's registration, as a client asks for it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct NewLedger {
    /// Not zero.
    pub id: LedgerId,
    /// Such as `USD`: unique, 1 to [`NewLedger::CODE_BYTES_MAX`] bytes of UTF-8 without control
    /// characters.
    pub code: Box<str>,
    /// Decimal places, 0 to [`NewLedger::SCALE_MAX`]; never changed.
    pub scale: u32,
}

impl NewLedger {
    /// The longest code, in bytes.
    pub const CODE_BYTES_MAX: usize = 32;
    /// The most decimal places: those that 128 bits can hold.
    pub const SCALE_MAX: u32 = 38;
}
