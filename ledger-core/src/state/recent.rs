//! What the state remembers of recent ids. Older ones are asked of the journal.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::State;
use super::id_filter::IdFilter;
use super::id_table::IdTable;
use super::index::IdHasher;
use crate::{GroupId, Sequence, TransferId, UpdateId};

/// The ids of the events from some sequence on, in generations: a table for each stretch of the
/// journal, so that the oldest can be dropped as a whole without touching the others.
pub(super) struct Recent {
    hasher: IdHasher,
    /// Oldest first; each one ends where the next begins.
    older: Vec<Generation>,
    /// The one that is written to.
    newest: Generation,
    /// The next event whose ids are to be noted although the state has seen it, if any is.
    owed: Option<Sequence>,
}

/// How often a part of the filter of an older generation is built. With a part at a time the whole
/// is built long before a generation is full, and no request waits for more than a few.
const EVENTS_PER_FILTER_PART: u64 = 64;

struct Generation {
    /// Its first event; earlier ones are not noted in it.
    first: Sequence,
    /// Transfer ids: see [`IdWord`].
    ids: IdTable,
    /// Asked before `ids` once those are no longer written to: almost every id that is asked for is
    /// new.
    filter: IdFilter,
    /// The newest event that resolved a reservation or reversed a transfer, by the id of that.
    acts: IdTable,
    /// Holds made, by group.
    groups: IdTable,
    /// The event that made a change of an account, by its update id.
    updates: IdTable,
}

/// What is kept of a transfer id: the sequence of the event that created it, used it up or fenced
/// with it (zero if it was only fenced), and whether a fence keeps it from ever being created.
#[derive(Clone, Copy)]
pub(super) struct IdWord(u64);

impl IdWord {
    fn new(sequence: Sequence, fenced: bool) -> Self {
        assert!(sequence.get() < 1 << 63, "a sequence fits 63 bits");
        Self(sequence.get() << 1 | u64::from(fenced))
    }

    pub(super) const fn sequence(self) -> Sequence {
        Sequence::new(self.0 >> 1)
    }

    pub(super) const fn fenced(self) -> bool {
        self.0 & 1 == 1
    }

    /// What two generations say of the same id.
    fn and(self, other: Self) -> Self {
        Self::new(
            self.sequence().max(other.sequence()),
            self.fenced() || other.fenced(),
        )
    }
}

/// Which of the tables a change was made in.
#[derive(Clone, Copy)]
pub(super) enum Table {
    Ids,
    Acts,
    Groups,
    Updates,
}

/// A change of one word of the newest generation, to be taken back.
pub(super) struct WordChange {
    table: Table,
    id: u128,
    before: Option<u64>,
}

/// Recent ids that the state has let go of. Dropping them takes a while that grows with their
/// number, so that is left to a thread that has the time.
#[must_use = "whoever lets go of it frees the memory"]
pub struct Forgotten {
    _generations: Vec<Generation>,
}

impl Generation {
    fn new(first: Sequence) -> Self {
        Self {
            first,
            ids: IdTable::new(),
            filter: IdFilter::new(),
            acts: IdTable::new(),
            groups: IdTable::new(),
            updates: IdTable::new(),
        }
    }

    fn table(&self, table: Table) -> &IdTable {
        match table {
            Table::Ids => &self.ids,
            Table::Acts => &self.acts,
            Table::Groups => &self.groups,
            Table::Updates => &self.updates,
        }
    }

    fn table_mut(&mut self, table: Table) -> &mut IdTable {
        match table {
            Table::Ids => &mut self.ids,
            Table::Acts => &mut self.acts,
            Table::Groups => &mut self.groups,
            Table::Updates => &mut self.updates,
        }
    }
}

impl Recent {
    pub(super) fn new(hasher: IdHasher, first: Sequence) -> Self {
        Self {
            hasher,
            older: Vec::new(),
            newest: Generation::new(first),
            owed: None,
        }
    }

    /// The next event of those up to the newest one whose ids are still to be noted.
    pub(super) fn owed(&self) -> Option<Sequence> {
        self.owed
    }

    /// The ids of the event that was owed are noted.
    pub(super) fn pay(&mut self, newest: Sequence) {
        self.owed = self.owed.map(Sequence::next).filter(|&next| next <= newest);
    }

    /// The first event of which all ids are here.
    pub(super) fn first(&self) -> Sequence {
        self.older.first().unwrap_or(&self.newest).first
    }

    /// Whether the ids of an event that comes next are noted.
    pub(super) fn notes(&self, sequence: Sequence) -> bool {
        sequence >= self.newest.first
    }

    /// The newest first.
    fn generations(&self) -> impl Iterator<Item = &Generation> {
        core::iter::once(&self.newest).chain(self.older.iter().rev())
    }

    /// What each generation says of an id, the newest first.
    fn words(&self, table: Table, id: u128) -> impl Iterator<Item = u64> {
        let hash = self.hasher.hash(id);
        self.generations()
            .filter_map(move |generation| generation.table(table).get(hash, id))
    }

    /// Reads where look-ups of a transfer id with this hash begin, in all generations that may have
    /// it, and returns something of it.
    pub(super) fn touch(&self, hash: u64, id: TransferId) -> u64 {
        let older = self.older.iter().filter(|older| older.ids.spans(id.get()));
        older.fold(self.newest.ids.touch(hash), |touched, generation| {
            let word = generation.filter.word(hash);
            touched ^ word.unwrap_or_else(|| generation.ids.touch(hash))
        })
    }

    /// Whether there is no transfer id here at all, as in the replay of what the journal answers for.
    pub(super) fn is_empty(&self) -> bool {
        self.newest.ids.is_empty() && self.older.is_empty()
    }

    pub(super) fn transfer(&self, id: TransferId) -> Option<IdWord> {
        if self.is_empty() {
            return None;
        }
        let (hash, id) = (self.hasher.hash(id.get()), id.get());
        let mut said = self.newest.ids.get(hash, id).map(IdWord);
        for older in &self.older {
            if older.ids.spans(id)
                && older.filter.maybe(hash)
                && let Some(word) = older.ids.get(hash, id).map(IdWord)
            {
                said = Some(said.map_or(word, |newer| newer.and(word)));
            }
        }
        said
    }

    pub(super) fn act(&self, id: TransferId) -> Option<Sequence> {
        self.words(Table::Acts, id.get()).next().map(Sequence::new)
    }

    pub(super) fn update(&self, id: UpdateId) -> Option<Sequence> {
        self.words(Table::Updates, id.get())
            .next()
            .map(Sequence::new)
    }

    /// Holds made in a group by the events from [`Recent::first`] on.
    pub(super) fn group_holds(&self, id: GroupId) -> u64 {
        self.words(Table::Groups, id.get()).sum()
    }

    /// An id stands for an event. It may have been fenced before.
    pub(super) fn note_id(&mut self, sequence: Sequence, id: TransferId) -> WordChange {
        self.change(sequence, Table::Ids, id.get(), |before| {
            let fenced = before.is_some_and(|word| IdWord(word).fenced());
            IdWord::new(sequence, fenced).0
        })
    }

    /// An id is fenced. It may have been used up before.
    pub(super) fn note_fence(&mut self, sequence: Sequence, id: TransferId) -> WordChange {
        self.change(sequence, Table::Ids, id.get(), |before| {
            let known = before.map_or(Sequence::ZERO, |word| IdWord(word).sequence());
            IdWord::new(known, true).0
        })
    }

    pub(super) fn note_act(&mut self, sequence: Sequence, id: TransferId) -> WordChange {
        self.change(sequence, Table::Acts, id.get(), |_| sequence.get())
    }

    pub(super) fn note_update(&mut self, sequence: Sequence, id: UpdateId) -> WordChange {
        self.change(sequence, Table::Updates, id.get(), |_| sequence.get())
    }

    pub(super) fn note_hold(&mut self, sequence: Sequence, group: GroupId) -> WordChange {
        self.change(sequence, Table::Groups, group.get(), |before| {
            before.unwrap_or(0) + 1
        })
    }

    /// Changes a word of the newest generation, unless the event is too old to be noted. That
    /// happens in a replay only, and nothing of a replay is taken back.
    fn change(
        &mut self,
        sequence: Sequence,
        table: Table,
        id: u128,
        word: impl FnOnce(Option<u64>) -> u64,
    ) -> WordChange {
        let before = if self.notes(sequence) {
            if sequence.get().is_multiple_of(EVENTS_PER_FILTER_PART) {
                self.build_filters();
            }
            let hash = self.hasher.hash(id);
            self.newest.table_mut(table).set(hash, id, word)
        } else {
            None
        };
        WordChange { table, id, before }
    }

    /// Builds a little of the filters that are not built yet.
    fn build_filters(&mut self) {
        for generation in &mut self.older {
            if !generation.filter.is_whole() {
                generation.filter.build_next(generation.ids.index());
            }
        }
    }

    pub(super) fn take_back(&mut self, change: &WordChange) {
        let hash = self.hasher.hash(change.id);
        self.newest
            .table_mut(change.table)
            .restore(hash, change.id, change.before);
    }

    /// What all generations together say of each id in a table, by id.
    pub(super) fn merged(&self, table: Table) -> BTreeMap<u128, u64> {
        let mut merged = BTreeMap::new();
        for generation in self.generations() {
            for (id, word) in generation.table(table).iter() {
                merged
                    .entry(id)
                    .and_modify(|newer| {
                        *newer = match table {
                            Table::Ids => IdWord(*newer).and(IdWord(word)).0,
                            Table::Groups => *newer + word,
                            Table::Acts | Table::Updates => *newer,
                        };
                    })
                    .or_insert(word);
            }
        }
        merged
    }
}

impl State {
    /// The first event of which, and of all after it, the ids are in memory. What earlier events
    /// say of an id is asked of the [`Journal`](crate::Journal).
    #[must_use]
    pub fn recent_from(&self) -> Sequence {
        self.recent.first()
    }

    /// Notes the ids of events after the newest one in a table of their own, so that those up to
    /// it can be forgotten later.
    ///
    /// # Panics
    /// While a request is decided.
    pub fn begin_recent(&mut self) {
        assert!(!self.undo.is_noting(), "requests do not span generations");
        let next = self.sequence().next();
        if self.recent.newest.first < next {
            let newest = core::mem::replace(&mut self.recent.newest, Generation::new(next));
            self.recent.older.push(newest);
        }
    }

    /// Lets go of those tables of recent ids that lie wholly at or before `through`; never of the
    /// one that is written to. From then on the journal must answer for them.
    ///
    /// # Panics
    /// While a request is decided.
    pub fn forget_recent(&mut self, through: Sequence) -> Option<Forgotten> {
        assert!(!self.undo.is_noting(), "requests do not span generations");
        let recent = &mut self.recent;
        let nexts = recent.older.iter().skip(1).chain([&recent.newest]);
        let forgotten = nexts
            .take(recent.older.len())
            .take_while(|next| next.first.get() <= through.get().saturating_add(1))
            .count();
        (forgotten > 0).then(|| Forgotten {
            _generations: recent.older.drain(..forgotten).collect(),
        })
    }

    /// Before a replay: the ids of events before `sequence` are not noted, because the journal
    /// answers for them. What was noted until now is dropped.
    ///
    /// If `sequence` is not after the newest event, then [`State::note_ids_of`] is to be called with
    /// all events from it up to the newest one, in order, before another is replayed or decided.
    ///
    /// # Panics
    /// If `sequence` is zero.
    pub fn note_ids_from(&mut self, sequence: Sequence) {
        assert!(sequence > Sequence::ZERO, "the first event is 1");
        self.recent = Recent::new(self.hasher.clone(), sequence);
        self.recent.owed = (sequence <= self.sequence()).then_some(sequence);
    }
}
