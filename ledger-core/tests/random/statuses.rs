//! Which statuses the random commands have met.

use std::collections::BTreeMap;

use ledger_core::{AccountStatus, LedgerStatus, TransferStatus, UpdateStatus};

/// The statuses that were answered.
#[derive(Default)]
pub struct Seen {
    pub transfers: Vec<TransferStatus>,
    pub accounts: Vec<AccountStatus>,
    pub updates: Vec<UpdateStatus>,
    pub ledgers: Vec<LedgerStatus>,
}

impl Seen {
    /// How often each status was answered, those that never were included.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        fn count<S: Copy + PartialEq>(
            all: &[S],
            seen: &[S],
            name: impl Fn(S) -> String,
        ) -> Vec<(String, usize)> {
            let times = |status| seen.iter().filter(|&&seen| seen == status).count();
            all.iter()
                .map(|&status| (name(status), times(status)))
                .collect()
        }
        let mut counts = BTreeMap::new();
        counts.extend(count(TransferStatus::ALL, &self.transfers, |s| {
            s.name().to_owned()
        }));
        counts.extend(count(AccountStatus::ALL, &self.accounts, |s| {
            format!("account {s}")
        }));
        counts.extend(count(UpdateStatus::ALL, &self.updates, |s| {
            format!("update {s}")
        }));
        counts.extend(count(LedgerStatus::ALL, &self.ledgers, |s| {
            format!("ledger {s}")
        }));
        counts
    }
}
