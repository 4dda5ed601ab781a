//! From disk: what is in the runs, and the old events that deciding will want to see.

use std::ops::ControlFlow;

use ledger_core::{Event, OldId, Sequence};

use super::probe::Suspects;
use super::resolution::{Found, Resolution};
use crate::journal::{JournalReadError, JournalReader};
use crate::runs::{RunError, RunSet};
use crate::vfs;

/// Events so near each other are read one after the other, with those between them.
const NEAR: u64 = 64;
/// And only if there are so many of them: otherwise single ones cost less.
const MANY: usize = 8;

/// Why a request could not be resolved.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// A run cannot be read. It is made again, and nothing is decided without it.
    Run(RunError),
    /// The journal cannot be read.
    Journal(JournalReadError),
}

impl Unreadable {
    /// Whether it is worth trying again.
    pub(super) fn is_passing(&self) -> bool {
        vfs::is_passing(match self {
            Self::Run(error) => error,
            Self::Journal(error) => error,
        })
    }
}

impl From<RunError> for Unreadable {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

/// Reads all that the runs say of the suspects.
pub(super) fn resolve(
    mut suspects: Suspects,
    runs: &RunSet,
    reader: &JournalReader,
    events_wanted: bool,
) -> Result<Resolution, Unreadable> {
    let mut found = Found::default();
    let mut wanted = Vec::new();
    suspects.ids.sort_unstable();
    suspects.ids.dedup();
    suspects.targets.sort_unstable();
    suspects.targets.dedup();
    for id in &suspects.ids {
        if suspects.targets.binary_search(id).is_err()
            && let Some(old) = runs.find_id(*id)?
        {
            wanted.push(old.sequence);
            found.ids.push((*id, old));
        }
    }
    for &target in &suspects.targets {
        if let Some(old) = runs.find_id(target)? {
            let OldId { sequence, act, .. } = old;
            wanted.extend([sequence, act]);
            found.ids.push((target, old));
        }
    }
    found.ids.sort_unstable_by_key(|&(id, _)| id);
    suspects.updates.sort_unstable();
    suspects.updates.dedup();
    for id in suspects.updates {
        if let Some(sequence) = runs.find_update(id)? {
            wanted.push(sequence);
            found.updates.push((id, sequence));
        }
    }
    suspects.groups.sort_unstable();
    suspects.groups.dedup();
    for id in suspects.groups {
        found.groups.push((id, runs.group_holds(id)?));
    }
    if events_wanted {
        wanted.retain(|&sequence| sequence > Sequence::ZERO);
        found.events = read_wanted(wanted, reader)?;
    }
    Ok(Resolution::new(runs.through(), found))
}

/// Reads events; each once, and in order.
pub(super) fn read_wanted(
    mut wanted: Vec<Sequence>,
    reader: &JournalReader,
) -> Result<Vec<Event>, Unreadable> {
    wanted.sort_unstable();
    wanted.dedup();
    read_events(&wanted, reader).map_err(Unreadable::Journal)
}

/// Reads events in order, those that lie close together in one go.
fn read_events(
    wanted: &[Sequence],
    reader: &JournalReader,
) -> Result<Vec<Event>, JournalReadError> {
    let mut events = Vec::with_capacity(wanted.len());
    let near = |a: &Sequence, b: &Sequence| b.get() - a.get() <= NEAR;
    for cluster in wanted.chunk_by(near) {
        if cluster.len() < MANY {
            for &sequence in cluster {
                events.push(reader.event(sequence)?);
            }
            continue;
        }
        let mut next = cluster.iter().copied().peekable();
        let (first, last) = (cluster[0], cluster[cluster.len() - 1]);
        reader.visit(first, last, |recorded| {
            if next.next_if_eq(&recorded.event.sequence).is_some() {
                events.push(recorded.event);
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(events)
}
