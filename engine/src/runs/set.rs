//! All runs together: what is known of every event up to some sequence.

use std::sync::Arc;

use ledger_core::{GroupId, OldId, Sequence, TransferId, UpdateId};

use super::policy::{Merge, RunSize, next_merge, next_merge_beside};
use super::{Postings, Role, Run, RunError, Section};
use crate::Direction;

/// Runs that follow one another from the first event on. It never changes; another one takes its
/// place when a run is added or some are merged.
#[derive(Clone, Default, Debug)]
pub(crate) struct RunSet {
    /// The oldest first.
    runs: Vec<Arc<Run>>,
}

/// What became of some runs.
#[derive(Clone, Default, Debug)]
pub(crate) struct Chosen {
    /// Those that follow one another from the first event on.
    pub(crate) set: RunSet,
    /// Those that lie behind a gap.
    pub(crate) apart: Vec<Arc<Run>>,
    /// Those whose events are all in another one: they can be removed.
    pub(crate) superseded: Vec<Arc<Run>>,
}

impl RunSet {
    /// Chooses among all runs that there are: one that covers others takes their place.
    pub(crate) fn choose(mut runs: Vec<Arc<Run>>) -> Chosen {
        // The longest of those that begin together comes first, and covers what begins inside it.
        runs.sort_by_key(|run| {
            let covered = run.covered();
            (covered.first, std::cmp::Reverse(covered.last))
        });
        let mut chosen = Chosen::default();
        let mut through = Sequence::ZERO;
        for run in runs {
            let (first, last) = (run.covered().first, run.covered().last);
            if last <= through {
                chosen.superseded.push(run);
            } else if chosen.apart.is_empty() && first == chosen.set.through().next() {
                through = last;
                chosen.set.runs.push(run);
            } else {
                through = through.max(last);
                chosen.apart.push(run);
            }
        }
        chosen
    }

    /// All events up to here are in these runs.
    pub(crate) fn through(&self) -> Sequence {
        let newest = self.runs.last();
        newest.map_or(Sequence::ZERO, |run| run.covered().last)
    }

    /// The runs, the oldest first.
    pub(crate) fn runs(&self) -> &[Arc<Run>] {
        &self.runs
    }

    /// What is to be merged next, if anything.
    pub(crate) fn next_merge(&self) -> Option<Merge> {
        next_merge(&self.sizes())
    }

    /// What is to be merged meanwhile, if anything, while runs of tier `busy` are: to be asked for
    /// and made from the pace of that merge.
    pub(crate) fn next_merge_beside(&self, busy: u8) -> Option<Merge> {
        next_merge_beside(&self.sizes(), busy)
    }

    fn sizes(&self) -> Vec<RunSize> {
        self.runs.iter().map(|run| RunSize::of(run)).collect()
    }

    /// What a transfer id stands for.
    ///
    /// # Errors
    /// If that cannot be told.
    pub(crate) fn find_id(&self, id: TransferId) -> Result<Option<OldId>, RunError> {
        let mut found: Option<OldId> = None;
        for run in &self.runs {
            let Some(newer) = run.find_id(id.get())? else {
                continue;
            };
            found = Some(found.map_or(newer, |older| OldId {
                sequence: older.sequence.max(newer.sequence),
                fenced: older.fenced || newer.fenced,
                act: older.act.max(newer.act),
            }));
        }
        Ok(found)
    }

    /// The event of an update.
    ///
    /// # Errors
    /// If that cannot be told.
    pub(crate) fn find_update(&self, id: UpdateId) -> Result<Option<Sequence>, RunError> {
        let newest = self.newest(Section::Update, id.get(), self.through())?;
        Ok(newest.map(|(sequence, _)| sequence))
    }

    /// The holds ever made in a group, the oldest first.
    ///
    /// # Errors
    /// If that cannot be told.
    pub(crate) fn group_holds(&self, group: GroupId) -> Result<Vec<Sequence>, RunError> {
        let mut found = Vec::new();
        self.read(
            Section::Group,
            group.get(),
            Sequence::ZERO,
            self.through(),
            Direction::Ascending,
            usize::MAX,
            &mut found,
        )?;
        let holds = found.into_iter().filter(|&(_, role)| role == Role::HOLD);
        Ok(holds.map(|(sequence, _)| sequence).collect())
    }
}

impl Postings for RunSet {
    fn newest(
        &self,
        section: Section,
        key: u128,
        through: Sequence,
    ) -> Result<Option<(Sequence, Role)>, RunError> {
        for run in self.runs.iter().rev() {
            if run.covered().first <= through
                && let Some(newest) = run.newest(section, key, through)?
            {
                return Ok(Some(newest));
            }
        }
        Ok(None)
    }

    fn read(
        &self,
        section: Section,
        key: u128,
        from: Sequence,
        through: Sequence,
        direction: Direction,
        limit: usize,
        out: &mut Vec<(Sequence, Role)>,
    ) -> Result<(), RunError> {
        let full = out.len().saturating_add(limit);
        let mut read = |run: &Run| {
            let covered = run.covered();
            if covered.last >= from && covered.first <= through && out.len() < full {
                let left = full - out.len();
                return run.read(section, key, from, through, direction, left, out);
            }
            Ok(())
        };
        match direction {
            Direction::Ascending => self.runs.iter().try_for_each(|run| read(run)),
            Direction::Descending => self.runs.iter().rev().try_for_each(|run| read(run)),
        }
    }
}

#[cfg(test)]
mod tests;
