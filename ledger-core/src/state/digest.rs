//! A digest of the whole state, to compare two of them.

use alloc::vec::Vec;

use blake3::Hasher;

use super::recent::Table;
use super::{Account, Hold, Ledger, State};
use crate::{Amount, Sum};

impl State {
    /// The BLAKE3 hash of the state in a canonical order. Two states that were reached by the same
    /// events have the same digest, whatever their hash seeds; neither journal time that was only
    /// observed nor what is remembered of ids counts.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Hasher::new();
        let clock = &self.clock;
        number(&mut hasher, clock.sequence.get());
        number(&mut hasher, clock.newest_account.get());
        number(&mut hasher, clock.newest_transfer.get());
        number(&mut hasher, clock.transfers);
        count(&mut hasher, self.accounts.len());
        self.accounts
            .iter_from(0)
            .for_each(|account| hash_account(&mut hasher, account));
        count(&mut hasher, self.ledgers.len());
        self.ledgers()
            .for_each(|ledger| hash_ledger(&mut hasher, ledger));
        let mut holds: Vec<&Hold> = self
            .holds
            .iter_from(0)
            .filter(|hold| !hold.id.is_zero())
            .collect();
        holds.sort_unstable_by_key(|hold| hold.sequence);
        count(&mut hasher, holds.len());
        holds
            .into_iter()
            .for_each(|hold| hash_hold(&mut hasher, hold));
        *hasher.finalize().as_bytes()
    }
}

impl State {
    /// The BLAKE3 hash of all that is in memory of recent ids. Two states that note ids from the
    /// same event on have the same one, whatever generations the ids are in.
    #[must_use]
    pub fn recent_digest(&self) -> [u8; 32] {
        let mut hasher = Hasher::new();
        for table in [Table::Ids, Table::Acts, Table::Groups, Table::Updates] {
            let entries = self.recent.merged(table);
            count(&mut hasher, entries.len());
            for (id, word) in entries {
                wide(&mut hasher, id);
                number(&mut hasher, word);
            }
        }
        *hasher.finalize().as_bytes()
    }
}

fn number(hasher: &mut Hasher, value: u64) {
    hasher.update(&value.to_le_bytes());
}

fn wide(hasher: &mut Hasher, value: u128) {
    hasher.update(&value.to_le_bytes());
}

fn count(hasher: &mut Hasher, value: usize) {
    number(hasher, u64::try_from(value).expect("a count fits 64 bits"));
}

fn text(hasher: &mut Hasher, value: &str) {
    count(hasher, value.len());
    hasher.update(value.as_bytes());
}

fn amounts(hasher: &mut Hasher, values: &[Amount]) {
    values.iter().for_each(|value| wide(hasher, value.get()));
}

fn hash_account(hasher: &mut Hasher, account: &Account) {
    wide(hasher, account.id.get());
    let totals = &account.totals;
    amounts(
        hasher,
        &[
            totals.debits_pending,
            totals.debits_posted,
            totals.credits_pending,
            totals.credits_posted,
            account.overdraft_limit,
            account.balance_max,
        ],
    );
    wide(hasher, account.user_data_128);
    number(hasher, account.user_data_64);
    number(hasher, u64::from(account.user_data_32));
    number(hasher, u64::from(account.ledger.get()));
    number(hasher, u64::from(account.flags.bits()));
    number(hasher, u64::from(account.code));
    number(hasher, account.timestamp.get());
    number(hasher, account.created.get());
    number(hasher, account.changed.get());
    number(hasher, account.named.get());
    hasher.update(&account.fingerprint);
}

fn hash_ledger(hasher: &mut Hasher, ledger: &Ledger) {
    number(hasher, u64::from(ledger.id.get()));
    text(hasher, &ledger.code);
    number(hasher, u64::from(ledger.scale));
    let sums: [Sum; 4] = [
        ledger.debits_pending,
        ledger.debits_posted,
        ledger.credits_pending,
        ledger.credits_posted,
    ];
    for sum in sums {
        number(hasher, sum.high());
        wide(hasher, sum.low());
    }
    number(hasher, ledger.accounts);
    number(hasher, ledger.transfers);
}

fn hash_hold(hasher: &mut Hasher, hold: &Hold) {
    wide(hasher, hold.id.get());
    wide(hasher, hold.debit_account_id.get());
    wide(hasher, hold.credit_account_id.get());
    amounts(hasher, &[hold.amount, hold.posted, hold.rest]);
    wide(hasher, hold.group_id.get());
    wide(hasher, hold.user_data_128);
    number(hasher, hold.user_data_64);
    number(hasher, u64::from(hold.user_data_32));
    text(hasher, &hold.reference);
    number(hasher, u64::from(hold.ledger.get()));
    number(hasher, u64::from(hold.code));
    number(hasher, u64::from(hold.flags.bits()));
    number(hasher, hold.timestamp.get());
    number(hasher, hold.expires_at.map_or(0, crate::Timestamp::get));
    number(hasher, hold.sequence.get());
}
