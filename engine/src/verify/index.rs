//! Whether index runs hold what the events say.
//!
//! What must be in a run is told here once more, from the events alone. It is not kept: postings
//! are hashed with a seed that nobody knows and the hashes added up, in whatever order they come,
//! once from the events and once from the run. The sums are equal exactly if the postings are, but
//! for one case in 2^128.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::path::PathBuf;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use ledger_core::{Event, Fact, Sequence, Transfer, TransferCreated, TransferFlags as F};

use super::{Finding, Problem};
use crate::journal::chain::Chain;
use crate::runs::{Covered, Role, Run, RunError, Section, reference_key};

#[cfg(test)]
mod tests;

/// The sum over the postings of each section.
pub(super) type Sums = [u128; Section::ALL.len()];

/// Hashes postings.
#[derive(Clone, Debug)]
pub(super) struct PostingHasher([SeedableRandomState; 2]);

impl PostingHasher {
    /// With seeds of the machine's, or else with fixed ones: those find accidents as well.
    pub(super) fn new() -> Self {
        let seeds = [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f];
        Self(seeds.map(|fixed| {
            let seed = getrandom::u64().unwrap_or(fixed);
            SeedableRandomState::with_seed(seed, SharedSeed::global_fixed())
        }))
    }

    fn hash(&self, key: u128, sequence: Sequence, role: Role) -> u128 {
        let posting = (key, sequence.get(), role.bits());
        let [upper, lower] = self.0.each_ref().map(|state| state.hash_one(posting));
        u128::from(upper) << 64 | u128::from(lower)
    }

    /// The sums of a run, read to its end.
    pub(super) fn sums(&self, run: &Run) -> Result<Sums, RunError> {
        let mut sums = Sums::default();
        for (sum, section) in sums.iter_mut().zip(Section::ALL) {
            for posting in run.scan(section) {
                let posting = posting?;
                let hash = self.hash(posting.key, posting.sequence, posting.role);
                *sum = sum.wrapping_add(hash);
            }
        }
        Ok(sums)
    }
}

/// The runs, and what must be in them by the events so far.
pub(super) struct IndexAudit {
    hasher: PostingHasher,
    runs: Vec<RunAudit>,
    /// Those of the runs that cover the events before `until`.
    current: Vec<usize>,
    until: Sequence,
    /// The newest reversal of each transfer that was reversed.
    reversals: HashMap<u128, Sequence>,
}

struct RunAudit {
    file: PathBuf,
    covered: Covered,
    expected: Sums,
    /// `None` if it could not be read to its end.
    found: Option<Sums>,
    begins_there: bool,
    ends_there: bool,
}

impl IndexAudit {
    pub(super) fn new<'a>(hasher: PostingHasher, runs: impl IntoIterator<Item = &'a Run>) -> Self {
        let audit = |run: &Run| RunAudit {
            file: run.path().to_owned(),
            covered: run.covered().clone(),
            expected: Sums::default(),
            found: None,
            begins_there: false,
            ends_there: false,
        };
        Self {
            hasher,
            runs: runs.into_iter().map(audit).collect(),
            current: Vec::new(),
            until: Sequence::ZERO,
            reversals: HashMap::new(),
        }
    }

    /// The sums of a run, which was read to its end.
    pub(super) fn found(&mut self, run: usize, sums: Sums) {
        self.runs[run].found = Some(sums);
    }

    /// Adds what must be in the runs because of an event.
    pub(super) fn enter(&mut self, event: &Event) {
        if self.runs.is_empty() {
            return;
        }
        let sequence = event.sequence;
        if sequence >= self.until {
            self.look_for(sequence);
        }
        let Self {
            hasher,
            runs,
            current,
            reversals,
            ..
        } = self;
        expected(event, &mut |section, key, role| {
            let place = usize::from(section.number()) - 1;
            let hash = hasher.hash(key, sequence, role);
            // Of a transfer's reversals the newest stands for all of them.
            let is_reversal = section == Section::Transfer
                && role == Role::ACT
                && matches!(&event.fact, Fact::TransferCreated(created)
                    if created.transfer.reverses_id.get() == key);
            let before = is_reversal
                .then(|| reversals.insert(key, sequence))
                .flatten();
            for &run in &*current {
                let run = &mut runs[run];
                let sum = &mut run.expected[place];
                *sum = sum.wrapping_add(hash);
                if let Some(before) = before.filter(|&before| before >= run.covered.first) {
                    *sum = sum.wrapping_sub(hasher.hash(key, before, role));
                }
            }
        });
    }

    /// Finds the runs that cover an event, and how far that stays so.
    fn look_for(&mut self, sequence: Sequence) {
        self.current.clear();
        self.until = Sequence::new(u64::MAX);
        for (index, run) in self.runs.iter().enumerate() {
            let covered = &run.covered;
            if covered.first > sequence {
                self.until = self.until.min(covered.first);
            } else if covered.last >= sequence {
                self.until = self.until.min(covered.last.next());
                self.current.push(index);
            }
        }
    }

    /// A segment that began with the event `first` was read to its end.
    pub(super) fn end_segment(&mut self, number: u64, first: Sequence, chain: &Chain) {
        for run in &mut self.runs {
            let covered = &run.covered;
            if *covered.segments.start() == number {
                run.begins_there = covered.first == first;
            }
            if *covered.segments.end() == number {
                run.ends_there = covered.last == chain.last()
                    && covered.last_hash == chain.hash
                    && covered.database == chain.database
                    && covered.epoch == chain.lineage.epoch();
            }
        }
    }

    /// What is not as it must be, after the `last` event of the journal.
    pub(super) fn differences(&self, last: Sequence) -> Vec<Finding> {
        let mut findings = Vec::new();
        for run in &self.runs {
            let mut find = |problem| {
                findings.push(Finding {
                    file: run.file.clone(),
                    offset: 0,
                    sequence: run.covered.first,
                    ledger: None,
                    problem,
                });
            };
            let covered = run.covered.last;
            if covered > last {
                find(Problem::RunBeyondEnd { covered, last });
                continue;
            }
            if !run.begins_there || !run.ends_there {
                find(Problem::RunElsewhere);
                continue;
            }
            let Some(found) = &run.found else { continue };
            let sections = run.expected.iter().zip(found).zip(Section::ALL);
            for ((expected, found), section) in sections {
                if expected != found {
                    let section = section_name(section);
                    find(Problem::RunPostings { section });
                }
            }
        }
        findings
    }
}

const fn section_name(section: Section) -> &'static str {
    match section {
        Section::Transfer => "transfer ids",
        Section::Update => "update ids",
        Section::Account => "accounts",
        Section::AccountChange => "changes of accounts",
        Section::Group => "groups",
        Section::Pending => "acts on reservations",
        Section::Reverses => "reversals",
        Section::Reference => "references",
        Section::UserData128 => "user_data_128",
        Section::UserData64 => "user_data_64",
    }
}

/// Tells each posting that an event must have. Keys that are zero have none.
fn expected(event: &Event, each: &mut impl FnMut(Section, u128, Role)) {
    let mut post = |section, key: u128, role| {
        if key != 0 {
            each(section, key, role);
        }
    };
    match &event.fact {
        Fact::AccountCreated(account) => {
            post(Section::AccountChange, account.id.get(), Role::CREATED);
            let user_data_64 = account.user_data_64.into();
            post(
                Section::UserData128,
                account.user_data_128,
                Role::OF_ACCOUNT,
            );
            post(Section::UserData64, user_data_64, Role::OF_ACCOUNT);
        }
        Fact::AccountUpdated(update) => {
            post(Section::Update, update.update_id.get(), Role::UPDATE);
            post(Section::AccountChange, update.id.get(), Role::UPDATED);
        }
        Fact::TransferRejected(rejected) => {
            post(Section::Transfer, rejected.id.get(), Role::OWN);
        }
        Fact::TransferExpired(expired) => {
            let hold = expired.pending_id.get();
            post(Section::Transfer, hold, Role::ACT);
            post(Section::Pending, hold, Role::EXPIRY);
            post(
                Section::Account,
                expired.debit_account_id.get(),
                Role::DEBIT,
            );
            post(
                Section::Account,
                expired.credit_account_id.get(),
                Role::CREDIT,
            );
        }
        Fact::TransferFenced(transfer) => {
            let voids = transfer.flags.contains(F::VOID_PENDING_TRANSFER);
            let (hold, reversed) = (transfer.pending_id.get(), transfer.reverses_id.get());
            let target = if voids { hold } else { reversed };
            post(Section::Transfer, target, Role::FENCED);
            post(Section::Pending, hold, Role::FENCE);
            post(Section::Reverses, reversed, Role::FENCE);
            expected_of_fields(transfer, &mut post);
        }
        Fact::TransferCreated(created) => expected_of_created(created, &mut post),
        _ => {}
    }
}

fn expected_of_created(created: &TransferCreated, post: &mut impl FnMut(Section, u128, Role)) {
    let transfer = &created.transfer;
    let has = |flag| transfer.flags.contains(flag);
    let accounts = [
        (transfer.debit_account_id, Role::DEBIT, F::CLOSING_DEBIT),
        (transfer.credit_account_id, Role::CREDIT, F::CLOSING_CREDIT),
    ];
    for (account, side, closes) in accounts {
        post(Section::Account, account.get(), side);
        if has(closes) {
            post(Section::AccountChange, account.get(), Role::CLOSED);
        }
    }
    let hold = transfer.pending_id.get();
    match (has(F::POST_PENDING_TRANSFER), has(F::VOID_PENDING_TRANSFER)) {
        (true, _) => post(Section::Pending, hold, Role::POST),
        (_, true) => post(Section::Pending, hold, Role::VOID),
        _ => {}
    }
    if created.hold.rest.is_zero() {
        post(Section::Transfer, hold, Role::ACT);
    }
    let reversed = transfer.reverses_id.get();
    post(Section::Transfer, reversed, Role::ACT);
    post(Section::Reverses, reversed, Role::REVERSAL);
    expected_of_fields(transfer, post);
}

fn expected_of_fields(transfer: &Transfer, post: &mut impl FnMut(Section, u128, Role)) {
    post(Section::Transfer, transfer.id.get(), Role::OWN);
    let is_hold = transfer.flags.contains(F::PENDING);
    let role = if is_hold { Role::HOLD } else { Role::LEG };
    post(Section::Group, transfer.group_id.get(), role);
    let reference = reference_key(&transfer.reference);
    post(Section::Reference, reference, Role::OF_TRANSFER);
    post(
        Section::UserData128,
        transfer.user_data_128,
        Role::OF_TRANSFER,
    );
    let user_data_64 = transfer.user_data_64.into();
    post(Section::UserData64, user_data_64, Role::OF_TRANSFER);
}
