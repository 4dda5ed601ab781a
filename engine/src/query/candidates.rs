//! The events that the index knows for a filter: those in which each of its fields occurs with
//! one of its values.

use std::collections::BTreeSet;

use ledger_core::Sequence;

use super::TransferFilter;
use super::stream::{KeyStream, Walk};
use super::work::Work;
use crate::runs::{Postings, Role, RunError, Section, reference_key};

/// See the module. Every transfer that matches the filter is among them; not every one of them
/// matches.
pub(super) struct Candidates {
    fields: Vec<Field>,
}

/// A field that is indexed, with its values.
struct Field {
    keys: Vec<KeyStream>,
}

/// What the next candidate is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// This event.
    Candidate(Sequence),
    /// None was found before the work was done; the walk has come on.
    TooMuchWork,
    /// There is none.
    End,
}

impl Candidates {
    /// The candidates for a filter; `None` if no field of it is indexed.
    pub(super) fn new(filter: &TransferFilter) -> Option<Self> {
        let ids = |ids: &[ledger_core::TransferId]| -> Vec<u128> {
            ids.iter().map(|id| id.get()).collect()
        };
        let accounts = |ids: &[ledger_core::AccountId]| -> Vec<u128> {
            ids.iter().map(|id| id.get()).collect()
        };
        // What is rare in most books comes first: the others are asked only where it occurs.
        let fields = [
            (Section::Pending, None, ids(&filter.pending_ids)),
            (Section::Reverses, None, ids(&filter.reverses_ids)),
            (
                Section::Reference,
                None,
                filter
                    .references
                    .iter()
                    .map(|text| reference_key(text))
                    .collect(),
            ),
            (
                Section::Group,
                None,
                filter.groups.iter().map(|group| group.get()).collect(),
            ),
            (
                Section::UserData128,
                Some(Role::OF_TRANSFER),
                filter.user_data_128.clone(),
            ),
            (
                Section::UserData64,
                Some(Role::OF_TRANSFER),
                filter
                    .user_data_64
                    .iter()
                    .map(|&value| value.into())
                    .collect(),
            ),
            (
                Section::Account,
                Some(Role::DEBIT),
                accounts(&filter.debit_accounts),
            ),
            (
                Section::Account,
                Some(Role::CREDIT),
                accounts(&filter.credit_accounts),
            ),
            (Section::Account, None, accounts(&filter.accounts)),
        ];
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|(_, _, keys)| !keys.is_empty())
            .map(|(section, role, keys)| Field {
                keys: BTreeSet::from_iter(keys)
                    .into_iter()
                    .map(|key| KeyStream::new(section, key, role))
                    .collect(),
            })
            .collect();
        (!fields.is_empty()).then_some(Self { fields })
    }

    /// The first candidate that the walk has not passed. The walk comes on to it.
    ///
    /// Each field leaps to where the one before it is, until all are at the same event.
    pub(super) fn next(
        &mut self,
        walk: &mut Walk,
        source: &dyn Postings,
        work: &mut Work,
    ) -> Result<Next, RunError> {
        let mut agreed = 0;
        for index in (0..self.fields.len()).cycle() {
            let before = walk.at();
            let Some(head) = self.fields[index].head(walk, source, work)? else {
                return Ok(Next::End);
            };
            if agreed == 0 || head != before {
                walk.leap(head);
                agreed = 1;
            } else {
                agreed += 1;
            }
            if agreed == self.fields.len() {
                return Ok(Next::Candidate(head));
            }
            if work.is_done() && walk.has_moved() {
                return Ok(Next::TooMuchWork);
            }
        }
        unreachable!("there is at least one field")
    }
}

impl Field {
    fn head(
        &mut self,
        walk: &Walk,
        source: &dyn Postings,
        work: &mut Work,
    ) -> Result<Option<Sequence>, RunError> {
        let mut first: Option<Sequence> = None;
        for key in &mut self.keys {
            if let Some(head) = key.head(walk, source, work)?
                && first.is_none_or(|first| walk.is_before(head, first))
            {
                first = Some(head);
            }
        }
        Ok(first)
    }
}
