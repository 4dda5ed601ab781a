//! Registering ledgers.

use ledger_core::{Fact, LedgerStatus, NewLedger, Timestamp};

use super::World;

impl World {
    pub fn register_ledgers(&mut self, now: Timestamp, ledgers: &[NewLedger]) -> Vec<LedgerStatus> {
        ledgers
            .iter()
            .map(|ledger| self.register_ledger(now, ledger))
            .collect()
    }

    fn register_ledger(&mut self, now: Timestamp, new: &NewLedger) -> LedgerStatus {
        if new.id.is_zero() {
            return LedgerStatus::IdMustNotBeZero;
        }
        if new.code.is_empty() || new.code.len() > 32 || new.code.chars().any(char::is_control) {
            return LedgerStatus::CodeInvalid;
        }
        if new.scale > 38 {
            return LedgerStatus::ScaleTooLarge;
        }
        if let Some(existing) = self.ledgers.get(&new.id) {
            if existing.code != new.code {
                return LedgerStatus::ExistsWithDifferentCode;
            }
            if existing.scale != new.scale {
                return LedgerStatus::ExistsWithDifferentScale;
            }
            return LedgerStatus::Exists;
        }
        if self.ledgers.values().any(|ledger| ledger.code == new.code) {
            return LedgerStatus::CodeTaken;
        }
        let time = self.moment(now);
        self.record(time, Fact::LedgerRegistered(new.clone()));
        self.ledgers.insert(new.id, new.clone());
        LedgerStatus::Registered
    }
}
