//! Open addressing with linear probing, for entries of a few words.

use alloc::vec::Vec;

/// An entry that one of its values says is none.
pub(super) trait Entry: Copy {
    const VACANT: Self;

    fn is_vacant(&self) -> bool;
}

/// A hash table whose entries lie side by side and nowhere else: looking for an entry that is not
/// there, and then putting it there, waits for one cache line. Tables that keep their control
/// bytes apart wait for two.
///
/// An entry's place comes from the high bits of its hash, so that growing copies the entries in
/// the order in which they lie. The caller keeps hashes well spread and splits large tables, since
/// growing copies one as a whole.
pub(super) struct Probe<E> {
    entries: Vec<E>,
    len: usize,
    /// `64 - log2(entries.len())`.
    shift: u32,
}

/// The table grows when it is more than 5/8 full; with linear probing, searches are short below.
const fn is_full(len: usize, capacity: usize) -> bool {
    len > capacity / 8 * 5
}

const FIRST_CAPACITY: usize = 8;

impl<E: Entry> Probe<E> {
    pub(super) const fn new() -> Self {
        Self {
            entries: Vec::new(),
            len: 0,
            shift: 64,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &E> {
        self.entries.iter().filter(|entry| !entry.is_vacant())
    }

    /// Where a search for this hash begins. Reading it brings the search's first cache line near.
    pub(super) fn first(&self, hash: u64) -> Option<&E> {
        (!self.entries.is_empty()).then(|| &self.entries[self.home(hash)])
    }

    pub(super) fn find(&self, hash: u64, is_it: impl FnMut(&E) -> bool) -> Option<&E> {
        let position = self.position_of(hash, is_it)?;
        Some(&self.entries[position])
    }

    /// The entry for which `is_it` holds; puts `entry` in if there is none. One search does both.
    pub(super) fn find_or_insert(
        &mut self,
        hash: u64,
        entry: E,
        mut is_it: impl FnMut(&E) -> bool,
        hash_of: impl Fn(&E) -> u64,
    ) -> Option<E> {
        if is_full(self.len + 1, self.entries.len()) {
            self.grow(hash_of);
        }
        let mut position = self.home(hash);
        loop {
            let known = &mut self.entries[position];
            if known.is_vacant() {
                *known = entry;
                self.len += 1;
                return None;
            }
            if is_it(known) {
                return Some(*known);
            }
            position = self.after(position);
        }
    }

    /// Puts an entry in that is not there yet. `hash_of` gives the hash of any entry.
    pub(super) fn insert(&mut self, hash: u64, entry: E, hash_of: impl Fn(&E) -> u64) {
        self.len += 1;
        if is_full(self.len, self.entries.len()) {
            self.grow(hash_of);
        }
        let vacant = self.vacant_from(self.home(hash));
        self.entries[vacant] = entry;
    }

    /// Takes an entry out and closes the gap, so that no search is cut short by it.
    ///
    /// # Panics
    /// If it is not there.
    pub(super) fn remove(
        &mut self,
        hash: u64,
        is_it: impl FnMut(&E) -> bool,
        hash_of: impl Fn(&E) -> u64,
    ) {
        let found = self.position_of(hash, is_it);
        let mut gap = found.expect("only what was put into a table is taken out");
        self.len -= 1;
        let mut next = self.after(gap);
        while !self.entries[next].is_vacant() {
            let home = self.home(hash_of(&self.entries[next]));
            if self.distance(home, next) >= self.distance(gap, next) {
                self.entries[gap] = self.entries[next];
                gap = next;
            }
            next = self.after(next);
        }
        self.entries[gap] = E::VACANT;
    }

    fn position_of(&self, hash: u64, mut is_it: impl FnMut(&E) -> bool) -> Option<usize> {
        if self.entries.is_empty() {
            return None;
        }
        let mut position = self.home(hash);
        loop {
            let entry = &self.entries[position];
            if entry.is_vacant() {
                return None;
            }
            if is_it(entry) {
                return Some(position);
            }
            position = self.after(position);
        }
    }

    /// Growing is cold: it happens once for as many insertions as there are entries.
    #[cold]
    fn grow(&mut self, hash_of: impl Fn(&E) -> u64) {
        let capacity = (self.entries.len() * 2).max(FIRST_CAPACITY);
        let entries = core::mem::replace(&mut self.entries, alloc::vec![E::VACANT; capacity]);
        self.shift = 64 - capacity.trailing_zeros();
        for entry in entries.into_iter().filter(|entry| !entry.is_vacant()) {
            let vacant = self.vacant_from(self.home(hash_of(&entry)));
            self.entries[vacant] = entry;
        }
    }

    fn vacant_from(&self, mut position: usize) -> usize {
        while !self.entries[position].is_vacant() {
            position = self.after(position);
        }
        position
    }

    fn home(&self, hash: u64) -> usize {
        usize::try_from(hash >> self.shift).expect("a table is smaller than the address space")
    }

    fn after(&self, position: usize) -> usize {
        (position + 1) & (self.entries.len() - 1)
    }

    /// How many steps a search takes from one place to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.entries.len() - 1)
    }
}

#[cfg(test)]
mod tests;
