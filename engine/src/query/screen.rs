//! Whether a transfer matches a filter, as far as its own event tells.

use ledger_core::{Event, Fact, Transfer};

use super::TransferFilter;
use super::chunk::is_asked;
use crate::journal::zone::ZoneMap;

/// The transfer that an event records: one that took effect, or a fence.
pub(super) fn recorded(event: &Event) -> Option<(&Transfer, bool)> {
    match &event.fact {
        Fact::TransferCreated(created) => Some((&created.transfer, false)),
        Fact::TransferFenced(fence) => Some((fence, true)),
        _ => None,
    }
}

impl TransferFilter {
    /// Whether an event records a transfer that matches everything but times, ages and states.
    pub(super) fn passes(&self, event: &Event) -> bool {
        recorded(event).is_some_and(|(transfer, fenced)| {
            self.passes_accounts(transfer, fenced) && self.passes_fields(transfer)
        })
    }

    fn passes_accounts(&self, transfer: &Transfer, fenced: bool) -> bool {
        let (debit, credit) = (transfer.debit_account_id, transfer.credit_account_id);
        let either = &self.accounts;
        if self.accounts.is_empty()
            && self.debit_accounts.is_empty()
            && self.credit_accounts.is_empty()
        {
            return true;
        }
        !fenced
            && (either.is_empty() || either.contains(&debit) || either.contains(&credit))
            && is_asked(&self.debit_accounts, &debit)
            && is_asked(&self.credit_accounts, &credit)
    }

    fn passes_fields(&self, transfer: &Transfer) -> bool {
        is_asked(&self.ledgers, &transfer.ledger)
            && is_asked(&self.codes, &transfer.code)
            && is_asked(&self.user_data_128, &transfer.user_data_128)
            && is_asked(&self.user_data_64, &transfer.user_data_64)
            && is_asked(&self.user_data_32, &transfer.user_data_32)
            && is_asked(&self.references, &transfer.reference)
            && is_asked(&self.groups, &transfer.group_id)
            && is_asked(&self.pending_ids, &transfer.pending_id)
            && is_asked(&self.reverses_ids, &transfer.reverses_id)
            && self.amounts.contains(&transfer.amount)
    }

    /// Whether a segment with this zone map can hold a transfer that matches.
    pub(super) fn may_be_in(&self, zone: &ZoneMap) -> bool {
        may_hold(&self.ledgers, |&ledger| zone.may_hold_ledger(ledger))
            && may_hold(&self.codes, |&code| zone.may_hold_code(code))
            && may_hold(&self.user_data_64, |&value| {
                zone.may_hold_user_data_64(value)
            })
            && may_hold(&self.user_data_32, |&value| {
                zone.may_hold_user_data_32(value)
            })
    }
}

fn may_hold<T>(asked: &[T], may_hold: impl Fn(&T) -> bool) -> bool {
    asked.is_empty() || asked.iter().any(may_hold)
}
