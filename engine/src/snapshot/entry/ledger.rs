//! Ledgers in a snapshot.

use ledger_core::{Ledger, LedgerId, StateDigest, Sum};

use super::{Entry, put_int, put_text, read_text};
use crate::journal::DecodeError;
use crate::journal::integer::Cursor;
use crate::snapshot::block::Kind;

impl Entry for Ledger {
    type Key = LedgerId;
    const KIND: Kind = Kind::Ledgers;

    fn key(&self) -> LedgerId {
        self.id
    }

    fn follows(&self, before: &LedgerId) -> bool {
        self.id > *before
    }

    fn digest(&self, digest: &mut StateDigest) {
        digest.ledger(self);
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        put_int(bytes, self.id.get().into());
        put_int(bytes, self.scale.into());
        put_int(bytes, self.accounts.into());
        put_int(bytes, self.transfers.into());
        let sums = [
            self.debits_pending,
            self.debits_posted,
            self.credits_pending,
            self.credits_posted,
        ];
        for sum in sums {
            put_int(bytes, sum.high().into());
            put_int(bytes, sum.low());
        }
        put_text(bytes, &self.code);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let mut ledger = Self::new(LedgerId::new(cursor.narrow()?));
        ledger.scale = cursor.narrow()?;
        ledger.accounts = cursor.narrow()?;
        ledger.transfers = cursor.narrow()?;
        let mut sum = || Ok(Sum::from_parts(cursor.narrow()?, cursor.integer()?));
        ledger.debits_pending = sum()?;
        ledger.debits_posted = sum()?;
        ledger.credits_pending = sum()?;
        ledger.credits_posted = sum()?;
        ledger.code = read_text(cursor)?;
        Ok(ledger)
    }
}
