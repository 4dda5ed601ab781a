//! Ledgers and their proofs on the wire.

use ledger_core::{Ledger, LedgerId, NewLedger, Sum};

use crate::{FieldPath, Malformed, transfer::text, v1};

impl From<&NewLedger> for v1::LedgerRegistration {
    fn from(ledger: &NewLedger) -> Self {
        Self {
            id: ledger.id.get(),
            code: ledger.code.to_string(),
            scale: ledger.scale,
        }
    }
}

impl v1::LedgerRegistration {
    /// The registration that this message is; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A code that is far too long.
    pub fn read(self, at: FieldPath) -> Result<NewLedger, Malformed> {
        text(&self.code, at.with("code"))?;
        Ok(NewLedger {
            id: LedgerId::new(self.id),
            code: self.code.into_boxed_str(),
            scale: self.scale,
        })
    }
}

/// A sum, where an absent one is nothing.
fn sum(field: Option<v1::Uint192>) -> Sum {
    field.map_or(Sum::ZERO, Sum::from)
}

/// What an absent field stands for is nothing, so a sum of nothing is absent.
fn present(sum: Sum) -> Option<v1::Uint192> {
    (sum != Sum::ZERO).then(|| sum.into())
}

impl From<&Ledger> for v1::Ledger {
    fn from(ledger: &Ledger) -> Self {
        Self {
            id: ledger.id.get(),
            code: ledger.code.to_string(),
            scale: ledger.scale,
            debits_pending: present(ledger.debits_pending),
            debits_posted: present(ledger.debits_posted),
            credits_pending: present(ledger.credits_pending),
            credits_posted: present(ledger.credits_posted),
            accounts: ledger.accounts,
            transfers: ledger.transfers,
        }
    }
}

impl From<v1::Ledger> for Ledger {
    fn from(wire: v1::Ledger) -> Self {
        Self {
            id: LedgerId::new(wire.id),
            code: wire.code.into_boxed_str(),
            scale: wire.scale,
            debits_pending: sum(wire.debits_pending),
            debits_posted: sum(wire.debits_posted),
            credits_pending: sum(wire.credits_pending),
            credits_posted: sum(wire.credits_posted),
            accounts: wire.accounts,
            transfers: wire.transfers,
        }
    }
}

/// The sums over all accounts of a ledger, which prove that debits equal credits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerProof {
    /// The ledger.
    pub ledger: LedgerId,
    /// Its code; empty if it is not registered.
    pub code: Box<str>,
    /// Its decimal places.
    pub scale: u32,
    /// Reserved on the debit side.
    pub debits_pending: Sum,
    /// Debited for good.
    pub debits_posted: Sum,
    /// Reserved on the credit side.
    pub credits_pending: Sum,
    /// Credited for good.
    pub credits_posted: Sum,
}

impl LedgerProof {
    /// Whether debits equal credits, pending and posted each.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.debits_pending == self.credits_pending && self.debits_posted == self.credits_posted
    }
}

impl From<&LedgerProof> for v1::LedgerProof {
    fn from(proof: &LedgerProof) -> Self {
        Self {
            ledger: proof.ledger.get(),
            code: proof.code.to_string(),
            scale: proof.scale,
            debits_pending: present(proof.debits_pending),
            debits_posted: present(proof.debits_posted),
            credits_pending: present(proof.credits_pending),
            credits_posted: present(proof.credits_posted),
            balanced: proof.is_balanced(),
        }
    }
}

impl From<v1::LedgerProof> for LedgerProof {
    /// The server's own word on whether it balances is dropped: whoever holds the sums can see.
    fn from(wire: v1::LedgerProof) -> Self {
        Self {
            ledger: LedgerId::new(wire.ledger),
            code: wire.code.into_boxed_str(),
            scale: wire.scale,
            debits_pending: sum(wire.debits_pending),
            debits_posted: sum(wire.debits_posted),
            credits_pending: sum(wire.credits_pending),
            credits_posted: sum(wire.credits_posted),
        }
    }
}
