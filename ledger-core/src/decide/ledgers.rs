//! The rules of registering a ledger.

use alloc::vec::Vec;

use super::refuse_if;
use crate::{Fact, Journal, LedgerStatus, NewLedger, State, Timestamp, Unreadable};

impl State {
    /// Judges registrations in order and posts and records those that are allowed.
    ///
    /// # Errors
    /// [`Unreadable`] never comes from here: all that these rules look at is in memory.
    pub fn register_ledgers<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        ledgers: &[NewLedger],
    ) -> Result<Vec<LedgerStatus>, Unreadable> {
        Ok(ledgers
            .iter()
            .map(|ledger| self.register_ledger(journal, now, ledger))
            .collect())
    }

    fn register_ledger<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        ledger: &NewLedger,
    ) -> LedgerStatus {
        if let Err(status) = self.judge_ledger(ledger) {
            return status;
        }
        let at = self.moment(now);
        let event = self.next_event(at, false, Fact::LedgerRegistered(ledger.clone()));
        self.post_ledger(ledger);
        journal.record(&event);
        LedgerStatus::Registered
    }

    pub(crate) fn judge_ledger(&self, ledger: &NewLedger) -> Result<(), LedgerStatus> {
        use LedgerStatus as S;

        refuse_if(ledger.id.is_zero(), S::IdMustNotBeZero)?;
        refuse_if(!is_valid_code(&ledger.code), S::CodeInvalid)?;
        refuse_if(ledger.scale > NewLedger::SCALE_MAX, S::ScaleTooLarge)?;
        if let Some(known) = self
            .ledger(ledger.id)
            .filter(|known| !known.code.is_empty())
        {
            refuse_if(known.code != ledger.code, S::ExistsWithDifferentCode)?;
            refuse_if(known.scale != ledger.scale, S::ExistsWithDifferentScale)?;
            return Err(S::Exists);
        }
        refuse_if(self.ledger_by_code(&ledger.code).is_some(), S::CodeTaken)
    }
}

fn is_valid_code(code: &str) -> bool {
    (1..=NewLedger::CODE_BYTES_MAX).contains(&code.len()) && !code.chars().any(char::is_control)
}
