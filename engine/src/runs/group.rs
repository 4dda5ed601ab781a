//! Groups: all postings of a key that lie together, the way a block keeps them.

use super::block::Malformed;
use super::number;

/// At least one posting of a key. Any that ends in a block can begin another, so groups are moved
/// between runs, and gathered, without taking them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Group<'a> {
    pub(super) key: u128,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) count: u32,
    /// The distance of each word but the first from the one before.
    pub(super) distances: &'a [u8],
}

impl Group<'static> {
    pub(super) const fn one(key: u128, word: u64) -> Self {
        Self {
            key,
            first: word,
            last: word,
            count: 1,
            distances: &[],
        }
    }
}

impl<'a> Group<'a> {
    /// Splits it in two, so that the distances of the front take `bytes_max` at most; there is no
    /// back if those of all do.
    pub(super) fn split(self, bytes_max: usize) -> (Self, Option<Self>) {
        if self.distances.len() <= bytes_max {
            return (self, None);
        }
        let (mut end, mut last, mut count) = (0, self.first, 1);
        loop {
            let mut next = end;
            let further = number::read(self.distances, &mut next);
            let word = last + further.expect("the distances of a group were read or made before");
            if next > bytes_max {
                let front = Self {
                    last,
                    count,
                    distances: &self.distances[..end],
                    ..self
                };
                let back = Self {
                    first: word,
                    count: self.count - count,
                    distances: &self.distances[next..],
                    ..self
                };
                return (front, Some(back));
            }
            (end, last, count) = (next, word, count + 1);
        }
    }

    /// The words, in order.
    pub(super) fn words(self) -> impl Iterator<Item = u64> + 'a {
        let mut at = 0;
        let later = std::iter::from_fn(move || {
            let more = at < self.distances.len();
            more.then(|| number::read(self.distances, &mut at))
        });
        let mut word = self.first;
        std::iter::once(Ok(0)).chain(later).map(move |further| {
            word += further.expect("the distances of a group were read or made before");
            word
        })
    }
}

/// Reads `count` words, at least one, of which the first is `first`: the last of them, and where
/// their distances end.
#[inline]
pub(super) fn read_words(
    bytes: &[u8],
    mut at: usize,
    first: u64,
    count: u64,
) -> Result<(u64, usize), Malformed> {
    let mut word = first;
    for _ in 1..count {
        let further = number::read(bytes, &mut at)?;
        let next = word.checked_add(further).filter(|_| further > 0);
        word = next.ok_or(Malformed)?;
    }
    Ok((word, at))
}

#[cfg(test)]
mod tests;
