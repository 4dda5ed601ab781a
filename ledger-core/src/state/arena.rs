//! Storage that grows without moving what it holds.

use alloc::vec::Vec;

/// The place of an entry in an [`Arena`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) struct Slot(u32);

impl Slot {
    pub(crate) fn new(position: usize) -> Self {
        Self(u32::try_from(position).expect("an arena holds fewer than 2^32 entries"))
    }

    /// One more than the position: never zero.
    pub(crate) fn number(self) -> u32 {
        self.0
            .checked_add(1)
            .expect("an arena holds fewer than 2^32 entries")
    }

    /// The slot with this number.
    pub(crate) fn from_number(number: u32) -> Self {
        Self(
            number
                .checked_sub(1)
                .expect("the number of a slot is never zero"),
        )
    }

    pub(crate) const fn position(self) -> usize {
        self.0 as usize
    }
}

const CHUNK_BITS: u32 = 12;
const CHUNK: usize = 1 << CHUNK_BITS;

/// Entries in chunks of 4096: growing takes one small allocation and copies nothing, so that the
/// longest pause is the same at any size. Freed places are used again.
pub(crate) struct Arena<T> {
    chunks: Vec<Vec<T>>,
    free: Vec<Slot>,
}

impl<T> Arena<T> {
    pub(crate) const fn new() -> Self {
        Self {
            chunks: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The number of places that were ever used and not given back by [`Arena::pop`].
    pub(crate) fn len(&self) -> usize {
        match self.chunks.last() {
            Some(last) => (self.chunks.len() - 1) * CHUNK + last.len(),
            None => 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Puts an entry into a freed place, or behind the last one.
    pub(crate) fn insert(&mut self, entry: T) -> Slot {
        if let Some(slot) = self.free.pop() {
            self[slot] = entry;
            return slot;
        }
        self.push(entry)
    }

    /// Puts an entry behind the last one.
    pub(crate) fn push(&mut self, entry: T) -> Slot {
        let slot = Slot::new(self.len());
        if slot.position() & (CHUNK - 1) == 0 {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let last = self.chunks.last_mut().expect("there is a chunk with room");
        last.push(entry);
        slot
    }

    /// Puts so many copies of an entry into an empty arena.
    pub(crate) fn fill(&mut self, count: usize, entry: &T)
    where
        T: Clone,
    {
        assert!(self.is_empty(), "only an empty arena is filled");
        let last = count.checked_sub(1).map(Slot::new);
        let Some(last) = last else { return };
        let whole = last.position() >> CHUNK_BITS;
        self.chunks
            .extend((0..whole).map(|_| alloc::vec![entry.clone(); CHUNK]));
        let mut rest = Vec::with_capacity(CHUNK);
        rest.resize(count - whole * CHUNK, entry.clone());
        self.chunks.push(rest);
    }

    /// Takes the last entry away again.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let last = self.chunks.last_mut()?;
        let entry = last.pop();
        if last.is_empty() {
            self.chunks.pop();
        }
        entry
    }

    /// Takes an entry out and leaves `T::default()` in its place, which may be used again.
    pub(crate) fn take(&mut self, slot: Slot) -> T
    where
        T: Default,
    {
        self.free.push(slot);
        core::mem::take(&mut self[slot])
    }

    /// The entries from a position on, in order.
    pub(crate) fn iter_from(&self, position: usize) -> impl Iterator<Item = &T> {
        let first = (position >> CHUNK_BITS).min(self.chunks.len());
        self.chunks[first..]
            .iter()
            .flatten()
            .skip(position - first * CHUNK)
    }
}

impl<T> core::ops::Index<Slot> for Arena<T> {
    type Output = T;

    fn index(&self, slot: Slot) -> &T {
        &self.chunks[slot.position() >> CHUNK_BITS][slot.position() & (CHUNK - 1)]
    }
}

impl<T> core::ops::IndexMut<Slot> for Arena<T> {
    fn index_mut(&mut self, slot: Slot) -> &mut T {
        &mut self.chunks[slot.position() >> CHUNK_BITS][slot.position() & (CHUNK - 1)]
    }
}

#[cfg(test)]
mod tests;
