//! From memory alone: what of a request may be old.

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
            each(runs, Section::Update, updates, id, |update| {
                suspects.updates.push(update.update_id);
            });
        }
        Command::FindTransfers(ids) => {
            each(
                runs,
                Section::Transfer,
                ids,
                |id| id.get(),
                |&id| {
                    suspects.ids.push(id);
                },
            );
        }
        _ => {}
    }
    suspects
}

fn probe_transfers(transfers: &[Transfer], runs: &RunSet, suspects: &mut Suspects) {
    let id = |transfer: &Transfer| transfer.id.get();
    each(runs, Section::Transfer, transfers, id, |transfer| {
        suspects.ids.push(transfer.id);
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
        each(runs, Section::Transfer, transfers, id, |transfer| {
            suspects.targets.push(transfer.pending_id);
        });
    }
    if named.1 {
        let id = |transfer: &Transfer| transfer.reverses_id.get();
        each(runs, Section::Transfer, transfers, id, |transfer| {
            suspects.targets.push(transfer.reverses_id);
        });
    }
    if named.2 {
        each(
            runs,
            Section::Group,
            transfers,
            group_to_count,
            |transfer| {
                suspects.groups.push(transfer.group_id);
            },
        );
    }
}

/// Only a new hold asks how many its group has.
fn group_to_count(transfer: &Transfer) -> u128 {
    match transfer.flags.contains(TransferFlags::PENDING) {
        true => transfer.group_id.get(),
        false => 0,
    }
}

/// Shows those items whose key is not zero and may be in a run, run by run: so the memory of one
/// filter is waited for while others are on their way, and a run that can hold none of the keys
/// costs one comparison.
fn each<T>(
    runs: &RunSet,
    section: Section,
    items: &[T],
    key: impl Fn(&T) -> u128,
    mut suspect: impl FnMut(&T),
) {
    let (mut low, mut high) = (u128::MAX, 0);
    for key in items.iter().map(&key).filter(|&key| key != 0) {
        low = low.min(key);
        high = high.max(key);
    }
    if high == 0 {
        return;
    }
    let meets = |run: &&std::sync::Arc<Run>| run.meets(section, low, high);
    for run in runs.runs().iter().filter(meets) {
        for item in items {
            let key = key(item);
            if key != 0 && run.maybe(section, key) {
                suspect(item);
            }
        }
    }
}
