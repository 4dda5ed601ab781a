//! The model, asked as any other set of books.

use ledger_core::{
    AccountAnswer, AccountUpdate, Event, LedgerStatus, NewAccount, NewLedger, Timestamp, Transfer,
    TransferAnswer, UpdateAnswer,
};

use super::World;
use crate::books::{Books, LedgerSums, OpenHold, Standing};

impl Books for World {
    fn register_ledgers(&mut self, now: Timestamp, ledgers: &[NewLedger]) -> Vec<LedgerStatus> {
        Self::register_ledgers(self, now, ledgers)
    }

    fn create_accounts(&mut self, now: Timestamp, accounts: &[NewAccount]) -> Vec<AccountAnswer> {
        Self::create_accounts(self, now, accounts)
    }

    fn update_accounts(&mut self, now: Timestamp, updates: &[AccountUpdate]) -> Vec<UpdateAnswer> {
        Self::update_accounts(self, now, updates)
    }

    fn create_transfers(
        &mut self,
        now: Timestamp,
        transfers: &[Transfer],
        dry_run: bool,
    ) -> Vec<TransferAnswer> {
        Self::create_transfers(self, now, transfers, dry_run)
    }

    fn expire_due(&mut self, now: Timestamp, at_most: usize) -> usize {
        Self::expire_due(self, now, at_most)
    }

    fn history(&self) -> &[Event] {
        &self.history
    }

    fn accounts(&self) -> Vec<Standing> {
        self.standings()
    }

    fn ledgers(&self) -> Vec<LedgerSums> {
        self.ledger_sums()
    }

    fn open_holds(&self) -> Vec<OpenHold> {
        self.holds()
    }
}
