//! From memory alone: what of a request may be old.

use std::sync::Arc;

use ledger_core::{AccountUpdate, GroupId, Transfer, TransferFlags, TransferId, UpdateId};

use crate::Command;
use crate::runs::{Run, RunSet, Section};

/// What has to be read. Each list may name the same thing more than once.
#[derive(Default, Debug)]
pub(super) struct Suspects {
    /// Ids that are to be created or looked up: what they stand for.
    pub(super) ids: Vec<TransferId>,
    /// Ids that are to be resolved or reversed: what became of them as well.
    pub(super) targets: Vec<TransferId>,
    pub(super) updates: Vec<UpdateId>,
    pub(super) groups: Vec<GroupId>,
}

impl Suspects {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
            && self.targets.is_empty()
            && self.updates.is_empty()
            && self.groups.is_empty()
    }
}

/// Whether deciding this asks for anything that may be old.
pub(super) fn needs_runs(command: &Command) -> bool {
    match command {
        Command::CreateTransfers { .. }
        | Command::UpdateAccounts(_)
        | Command::FindTransfers(_) => true,
        Command::RegisterLedgers(_)
        | Command::CreateAccounts(_)
        | Command::LookupAccounts(_)
        | Command::GetBalances(_)
        | Command::ListLedgers => false,
    }
}

/// What of a request may be in the runs. Allocates only for what it finds.
pub(super) fn probe(command: &Command, runs: &RunSet) -> Suspects {
    let mut suspects = Suspects::default();
    match command {
        Command::CreateTransfers { transfers, .. } => {
            probe_transfers(transfers, runs, &mut suspects)
        }
        Command::UpdateAccounts(updates) => {
            let id = |update: &AccountUpdate| update.update_id.get();
            each(runs, Section::Update, updates, id, |key| {
                suspects.updates.push(UpdateId::new(key));
            });
        }
        Command::FindTransfers(ids) => {
            let id = |id: &TransferId| id.get();
            each(runs, Section::Transfer, ids, id, |key| {
                suspects.ids.push(TransferId::new(key));
            });
        }
        _ => {}
    }
    suspects
}

fn probe_transfers(transfers: &[Transfer], runs: &RunSet, suspects: &mut Suspects) {
    let id = |transfer: &Transfer| transfer.id.get();
    each(runs, Section::Transfer, transfers, id, |key| {
        suspects.ids.push(TransferId::new(key));
    });
    // Most requests have none of these.
    let mut named = (false, false, false);
    for transfer in transfers {
        named.0 |= !transfer.pending_id.is_zero();
        named.1 |= !transfer.reverses_id.is_zero();
        named.2 |= !transfer.group_id.is_zero();
    }
    if named.0 {
        let id = |transfer: &Transfer| transfer.pending_id.get();
        each(runs, Section::Transfer, transfers, id, |key| {
            suspects.targets.push(TransferId::new(key));
        });
    }
    if named.1 {
        let id = |transfer: &Transfer| transfer.reverses_id.get();
        each(runs, Section::Transfer, transfers, id, |key| {
            suspects.targets.push(TransferId::new(key));
        });
    }
    if named.2 {
        each(runs, Section::Group, transfers, group_to_count, |key| {
            suspects.groups.push(GroupId::new(key));
        });
    }
}

/// Only a new hold asks how many its group has.
fn group_to_count(transfer: &Transfer) -> u128 {
    match transfer.flags.contains(TransferFlags::PENDING) {
        true => transfer.group_id.get(),
        false => 0,
    }
}

/// Shows the keys of items that may be in a run. Zero is no key.
///
/// They are sorted, so that those that ask one filter ask it together, and its memory is at hand;
/// but only once a run can hold any of them at all, which is one comparison for all: where keys
/// grow with time there is hardly ever one.
fn each<T>(
    runs: &RunSet,
    section: Section,
    items: &[T],
    key: impl Fn(&T) -> u128,
    mut suspect: impl FnMut(u128),
) {
    let keys = || items.iter().map(&key).filter(|&key| key != 0);
    let (mut low, mut high) = (u128::MAX, 0);
    for key in keys() {
        low = low.min(key);
        high = high.max(key);
    }
    let mut sorted: Vec<u128> = Vec::new();
    let meets = |run: &&Arc<Run>| high > 0 && run.meets(section, low, high);
    for run in runs.runs().iter().filter(meets) {
        if sorted.is_empty() {
            sorted.extend(keys());
            sorted.sort_unstable();
        }
        run.candidates(section, &sorted, &mut suspect);
    }
}
