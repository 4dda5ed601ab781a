//! A part of the tail index: the keys of some thousand neighbouring events.
//!
//! While it grows it is a hash table. When it is full it becomes what a run is on disk: of each
//! section the sorted keys, of each key its events in order. That takes 20 bytes a key and 4 bytes
//! a posting.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use ledger_core::{Event, Sequence};

use crate::Direction;
use crate::runs::{Role, Section, postings};

/// See the module.
#[derive(Debug)]
pub(in crate::query) struct Block {
    first: Sequence,
    /// How many events it has when it is full.
    events: u32,
    content: RwLock<Content>,
}

#[derive(Debug)]
enum Content {
    Growing(Growing),
    Full(Box<[Keys]>),
}

#[derive(Default, Debug)]
struct Growing {
    events: u32,
    postings: HashMap<(Section, u128), Vec<Word>>,
}

/// The keys of one section.
#[derive(Default, Debug)]
struct Keys {
    /// In order.
    keys: Vec<u128>,
    /// Of each key, where its postings begin; and where the last one's end.
    starts: Vec<u32>,
    postings: Vec<Word>,
}

/// A posting: the event's place in the block, and the role. Ordered as they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Word(u32);

impl Word {
    fn new(place: u32, role: Role) -> Self {
        Self(place << Role::BITS | u32::from(role.bits()))
    }

    fn place(self) -> u32 {
        self.0 >> Role::BITS
    }

    fn role(self) -> Role {
        // The other bits are those of the place.
        Role::from_bits(self.0.to_le_bytes()[0])
    }
}

/// Whether somebody asks for keys of this section here. What transfer and update ids stand for is
/// in the state while it is recent.
const fn is_kept(section: Section) -> bool {
    !matches!(section, Section::Transfer | Section::Update)
}

fn place_of(section: Section) -> usize {
    usize::from(section.number()) - 1
}

impl Block {
    pub(super) fn new(first: Sequence, events: u32) -> Self {
        Self {
            first,
            events,
            content: RwLock::new(Content::Growing(Growing::default())),
        }
    }

    /// Its first event.
    pub(in crate::query) fn first(&self) -> Sequence {
        self.first
    }

    pub(super) fn is_full(&self) -> bool {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        matches!(*content, Content::Full(_))
    }

    /// Adds the next event.
    pub(super) fn add(&self, event: &Event) {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        let Content::Growing(growing) = &mut *content else {
            unreachable!("nothing is added to a full block");
        };
        let place = growing.events;
        assert!(
            event.sequence.get() == self.first.get() + u64::from(place),
            "events are added in order"
        );
        postings(event, &mut |section, key, role| {
            if is_kept(section) {
                let words = growing.postings.entry((section, key)).or_default();
                words.push(Word::new(place, role));
            }
        });
        growing.events += 1;
        if growing.events == self.events {
            *content = Content::Full(std::mem::take(growing).sorted());
        }
    }

    /// The newest posting of a key at or before `through`.
    pub(in crate::query) fn newest(
        &self,
        section: Section,
        key: u128,
        through: Sequence,
    ) -> Option<(Sequence, Role)> {
        let places = self.places(Sequence::ZERO, through)?;
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        let words = content.postings(section, key);
        let after = words.partition_point(|word| word.place() <= places.1);
        words[..after].last().map(|&word| self.posting(word))
    }

    /// Appends the postings of a key from `from` through `through`, at most `limit` of them, in
    /// order.
    #[expect(
        clippy::too_many_arguments,
        reason = "a range, an order and a bound of one key"
    )]
    pub(in crate::query) fn read(
        &self,
        section: Section,
        key: u128,
        from: Sequence,
        through: Sequence,
        direction: Direction,
        limit: usize,
        out: &mut Vec<(Sequence, Role)>,
    ) {
        let Some((first, last)) = self.places(from, through) else {
            return;
        };
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        let words = content.postings(section, key);
        let begin = words.partition_point(|word| word.place() < first);
        let end = words.partition_point(|word| word.place() <= last);
        let words = words[begin.min(end)..end].iter();
        match direction {
            Direction::Ascending => {
                out.extend(words.take(limit).map(|&word| self.posting(word)));
            }
            Direction::Descending => {
                out.extend(words.rev().take(limit).map(|&word| self.posting(word)));
            }
        }
    }

    fn posting(&self, word: Word) -> (Sequence, Role) {
        let sequence = self.first.get() + u64::from(word.place());
        (Sequence::new(sequence), word.role())
    }

    /// The places in the block of these events, those it may have in future included.
    fn places(&self, from: Sequence, through: Sequence) -> Option<(u32, u32)> {
        let first = self.first.get();
        let through = through.get().checked_sub(first)?;
        let from = u32::try_from(from.get().saturating_sub(first)).ok()?;
        Some((from, u32::try_from(through).unwrap_or(u32::MAX)))
    }
}

impl Content {
    fn postings(&self, section: Section, key: u128) -> &[Word] {
        match self {
            Self::Growing(growing) => growing
                .postings
                .get(&(section, key))
                .map_or(&[], Vec::as_slice),
            Self::Full(sections) => sections[place_of(section)].postings(key),
        }
    }
}

impl Growing {
    fn sorted(self) -> Box<[Keys]> {
        let mut entries: Vec<_> = self.postings.into_iter().collect();
        entries.sort_unstable_by_key(|&(key, _)| key);
        let mut sections: Vec<Keys> = Section::ALL.iter().map(|_| Keys::default()).collect();
        for ((section, key), words) in entries {
            let keys = &mut sections[place_of(section)];
            keys.keys.push(key);
            keys.starts.push(keys.end());
            keys.postings.extend(words);
        }
        for keys in &mut sections {
            keys.starts.push(keys.end());
            keys.keys.shrink_to_fit();
            keys.starts.shrink_to_fit();
            keys.postings.shrink_to_fit();
        }
        sections.into()
    }
}

impl Keys {
    fn end(&self) -> u32 {
        u32::try_from(self.postings.len()).expect("an event has a few postings")
    }

    fn postings(&self, key: u128) -> &[Word] {
        match self.keys.binary_search(&key) {
            Ok(index) => {
                let at = |index: usize| self.starts[index] as usize;
                &self.postings[at(index)..at(index + 1)]
            }
            Err(_) => &[],
        }
    }
}
