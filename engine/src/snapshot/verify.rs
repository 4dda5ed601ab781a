//! Reading a snapshot whole, to say whether it is what was written and whether it adds up.

use std::collections::BTreeMap;
use std::path::Path;

use ledger_core::{Account, Ledger, LedgerId, StateDigest};

use super::entry::Entry;
use super::error::{SnapshotDamage, SnapshotError};
use super::reader::{Snapshot, SnapshotInfo};
use crate::vfs::Vfs;

/// Reads the snapshot at `path` from its first byte to its last: every checksum, the order of its
/// entries, the digest, and that accounts, ledgers and holds add up.
///
/// # Errors
/// [`SnapshotError`].
pub fn verify(vfs: &dyn Vfs, path: &Path) -> Result<SnapshotInfo, SnapshotError> {
    let snapshot = Snapshot::open(vfs, path)?;
    let damaged = |source| SnapshotError::Damaged {
        file: path.to_owned(),
        offset: 0,
        source,
    };
    let mut digest = StateDigest::new();
    digest.standing(snapshot.standing());
    let mut sums: BTreeMap<LedgerId, (Ledger, Ledger)> = BTreeMap::new();
    for ledger in snapshot.ledgers() {
        let ledger = ledger?;
        ledger.digest(&mut digest);
        sums.insert(ledger.id, (Ledger::new(ledger.id), ledger));
    }
    let info = snapshot.info();
    let mut positions = Positions::new(info.accounts.min(info.bytes));
    for positioned in snapshot.accounts() {
        let positioned = positioned?;
        positioned.digest(&mut digest);
        let account = &positioned.account;
        let known = sums.get_mut(&account.ledger);
        let (sum, _) = known.ok_or_else(|| damaged(SnapshotDamage::Unbalanced))?;
        add(sum, account);
        if !positions.take(positioned.position) {
            return Err(damaged(SnapshotDamage::Order));
        }
    }
    for hold in snapshot.holds() {
        hold?.digest(&mut digest);
    }
    let balanced = sums.values().all(|(sum, ledger)| {
        let same = sum.debits_pending == ledger.debits_pending
            && sum.debits_posted == ledger.debits_posted
            && sum.credits_pending == ledger.credits_pending
            && sum.credits_posted == ledger.credits_posted
            && sum.accounts == ledger.accounts;
        same && ledger.is_balanced()
    });
    if !balanced {
        return Err(damaged(SnapshotDamage::Unbalanced));
    }
    if digest.finish() != info.digest {
        return Err(damaged(SnapshotDamage::Digest));
    }
    Ok(info)
}

/// Adds what an account has to the sums of its ledger.
pub(super) fn add(sum: &mut Ledger, account: &Account) {
    let totals = &account.totals;
    sum.debits_pending.add(totals.debits_pending);
    sum.debits_posted.add(totals.debits_posted);
    sum.credits_pending.add(totals.credits_pending);
    sum.credits_posted.add(totals.credits_posted);
    sum.accounts += 1;
}

/// Which ranks in the order of creation were seen.
struct Positions {
    seen: Vec<bool>,
}

impl Positions {
    fn new(accounts: u64) -> Self {
        Self {
            seen: vec![false; usize::try_from(accounts).unwrap_or(0)],
        }
    }

    /// Whether it is a rank that was not seen before.
    fn take(&mut self, position: u32) -> bool {
        match self.seen.get_mut(position as usize) {
            Some(seen) => !std::mem::replace(seen, true),
            None => false,
        }
    }
}
