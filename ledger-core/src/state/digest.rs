//! A digest of the whole state, to compare two of them, wherever they came from.

use alloc::vec::Vec;

use blake3::Hasher;

use super::recent::Table;
use super::{Account, Hold, Ledger, Standing, State};
use crate::{Amount, Sum};

/// Takes in a state piece by piece and tells its digest, so that a state in a file need not be in
/// memory for it.
///
/// Ledgers, accounts and reservations are hashed apart, each in an order of their own, and may
/// come interleaved.
pub struct StateDigest {
    standing: Standing,
    ledgers: Section,
    accounts: Section,
    holds: Section,
}

/// Records of one kind.
struct Section {
    hasher: Hasher,
    count: u64,
    /// Records that are not hashed yet: BLAKE3 is several times as fast on many KiB at once.
    records: Vec<u8>,
}

/// So many bytes of records are hashed at once.
const HASHED_BYTES: usize = 32 << 10;

impl Section {
    fn new() -> Self {
        Self {
            hasher: Hasher::new(),
            count: 0,
            records: Vec::new(),
        }
    }

    fn add(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        put(&mut self.records);
        self.count += 1;
        if self.records.len() >= HASHED_BYTES {
            self.hasher.update(&self.records);
            self.records.clear();
        }
    }

    fn hash(mut self) -> blake3::Hash {
        self.hasher.update(&self.records);
        self.hasher.finalize()
    }

    fn finish(self, whole: &mut Hasher) {
        whole.update(&self.count.to_le_bytes());
        whole.update(self.hash().as_bytes());
    }
}

impl Default for StateDigest {
    fn default() -> Self {
        Self::new()
    }
}

impl StateDigest {
    /// The digest of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            standing: Standing::default(),
            ledgers: Section::new(),
            accounts: Section::new(),
            holds: Section::new(),
        }
    }

    /// How far the state has come. Journal time does not count: it may have been observed only.
    pub fn standing(&mut self, standing: &Standing) {
        self.standing = *standing;
    }

    /// The next ledger, in the order of their ids.
    pub fn ledger(&mut self, ledger: &Ledger) {
        self.ledgers.add(|record| put_ledger(record, ledger));
    }

    /// The next account, in the order of their ids; `position` is its rank in the order of
    /// creation, from zero.
    ///
    /// # Panics
    /// If the position does not fit 64 bits.
    pub fn account(&mut self, account: &Account, position: usize) {
        self.accounts
            .add(|record| put_account(record, account, position));
    }

    /// The next reservation, in the order of the events that made them.
    pub fn hold(&mut self, hold: &Hold) {
        self.holds.add(|record| put_hold(record, hold));
    }

    /// The BLAKE3 hash of all that was taken in.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        let mut whole = Hasher::new();
        for number in [
            self.standing.sequence.get(),
            self.standing.newest_account.get(),
            self.standing.newest_transfer.get(),
            self.standing.transfers,
        ] {
            whole.update(&number.to_le_bytes());
        }
        self.ledgers.finish(&mut whole);
        self.accounts.finish(&mut whole);
        self.holds.finish(&mut whole);
        *whole.finalize().as_bytes()
    }
}

impl State {
    /// The digest of the state: see [`StateDigest`]. Two states that were reached by the same events
    /// have the same one, whatever their hash seeds; neither journal time that was only observed
    /// nor what is remembered of ids counts.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = StateDigest::new();
        digest.standing(&self.clock);
        self.ledgers().for_each(|ledger| digest.ledger(ledger));
        let mut accounts: Vec<(usize, &Account)> = self.accounts_from(0).enumerate().collect();
        accounts.sort_unstable_by_key(|(_, account)| account.id);
        for (position, account) in accounts {
            digest.account(account, position);
        }
        let mut holds: Vec<&Hold> = self.holds().collect();
        holds.sort_unstable_by_key(|hold| hold.sequence);
        holds.into_iter().for_each(|hold| digest.hold(hold));
        digest.finish()
    }

    /// The BLAKE3 hash of all that is in memory of recent ids. Two states that note ids from the
    /// same event on have the same one, whatever generations the ids are in.
    #[must_use]
    pub fn recent_digest(&self) -> [u8; 32] {
        let mut section = Section::new();
        for table in [Table::Ids, Table::Acts, Table::Groups, Table::Updates] {
            let entries = self.recent.merged(table);
            section.add(|record| count(record, entries.len()));
            for (id, word) in entries {
                section.add(|record| {
                    wide(record, id);
                    number(record, word);
                });
            }
        }
        *section.hash().as_bytes()
    }
}

fn number(record: &mut Vec<u8>, value: u64) {
    record.extend_from_slice(&value.to_le_bytes());
}

fn wide(record: &mut Vec<u8>, value: u128) {
    record.extend_from_slice(&value.to_le_bytes());
}

fn count(record: &mut Vec<u8>, value: usize) {
    number(record, u64::try_from(value).expect("a count fits 64 bits"));
}

fn text(record: &mut Vec<u8>, value: &str) {
    count(record, value.len());
    record.extend_from_slice(value.as_bytes());
}

fn amounts(record: &mut Vec<u8>, values: &[Amount]) {
    values.iter().for_each(|value| wide(record, value.get()));
}

fn put_account(record: &mut Vec<u8>, account: &Account, position: usize) {
    wide(record, account.id.get());
    count(record, position);
    let totals = &account.totals;
    amounts(
        record,
        &[
            totals.debits_pending,
            totals.debits_posted,
            totals.credits_pending,
            totals.credits_posted,
            account.overdraft_limit,
            account.balance_max,
        ],
    );
    wide(record, account.user_data_128);
    number(record, account.user_data_64);
    number(record, u64::from(account.user_data_32));
    number(record, u64::from(account.ledger.get()));
    number(record, u64::from(account.flags.bits()));
    number(record, u64::from(account.code));
    number(record, account.timestamp.get());
    number(record, account.created.get());
    number(record, account.changed.get());
    number(record, account.named.get());
    record.extend_from_slice(&account.fingerprint);
}

fn put_ledger(record: &mut Vec<u8>, ledger: &Ledger) {
    number(record, u64::from(ledger.id.get()));
    text(record, &ledger.code);
    number(record, u64::from(ledger.scale));
    let sums: [Sum; 4] = [
        ledger.debits_pending,
        ledger.debits_posted,
        ledger.credits_pending,
        ledger.credits_posted,
    ];
    for sum in sums {
        number(record, sum.high());
        wide(record, sum.low());
    }
    number(record, ledger.accounts);
    number(record, ledger.transfers);
}

fn put_hold(record: &mut Vec<u8>, hold: &Hold) {
    wide(record, hold.id.get());
    wide(record, hold.debit_account_id.get());
    wide(record, hold.credit_account_id.get());
    amounts(record, &[hold.amount, hold.posted, hold.rest]);
    wide(record, hold.group_id.get());
    wide(record, hold.user_data_128);
    number(record, hold.user_data_64);
    number(record, u64::from(hold.user_data_32));
    text(record, &hold.reference);
    number(record, u64::from(hold.ledger.get()));
    number(record, u64::from(hold.code));
    number(record, u64::from(hold.flags.bits()));
    number(record, hold.timestamp.get());
    number(record, hold.expires_at.map_or(0, crate::Timestamp::get));
    number(record, hold.sequence.get());
}
