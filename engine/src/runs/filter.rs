//! Filters: what says of almost every key that is not in a run that it is not there.
//!
//! They are binary fuse filters with four places a key (Graf and Lemire, "Binary Fuse Filters: Fast
//! and Smaller Than Xor Filters", 2022): a fingerprint of `width` bits in each of some places,
//! about 1.075 of them a key, made so that the four of a key in the filter add up, by exclusive
//! or, to the fingerprint of the key. Those of any other key do by chance: once in 2^width.
//!
//! The newest runs, which are few and soon merged, have filters of another kind, which take more
//! memory and a tenth of the time to make: see [`blocked`].
//!
//! The hash of a key is seeded at random for each run, since ids come from clients: nobody can
//! choose ids that meet the same places.

mod blocked;
mod construction;

pub(super) use blocked::BLOCKED;

/// More keys would take a few places less each, but what is needed while a filter is made would no
/// longer fit the cache.
pub(super) const FILTER_KEYS_MAX: usize = 1 << 18;
/// The places of a key are told from this many bits of its hash each.
const SEGMENT_BITS_MAX: u8 = 18;
/// How many places a key has.
const PLACES: usize = 4;
/// Fingerprints of other widths are not written.
pub(super) const WIDTHS: std::ops::RangeInclusive<u8> = 4..=16;
/// So that a fingerprint can be loaded as four bytes wherever it begins.
const SLACK_BYTES: usize = 4;

/// Makes a filter of the given width over all `hashes`, and its bytes.
pub(super) fn build(hashes: &mut Vec<u64>, width: u8, seed: u64) -> (Shape, Vec<u8>) {
    match width {
        BLOCKED => blocked::build(hashes, seed),
        width => construction::build(hashes, width, seed),
    }
}

/// So many keys are best held by one filter of this width.
pub(super) const fn keys_max(width: u8) -> usize {
    match width {
        BLOCKED => blocked::KEYS_MAX,
        _ => FILTER_KEYS_MAX,
    }
}

/// How often a filter of this width is wrong, in millionths; never without one.
pub(super) fn wrong_per_million(width: u8) -> f64 {
    match width {
        0 => 0.0,
        BLOCKED => blocked::WRONG_PER_MILLION,
        width => 1e6 / f64::from(1_u32 << width),
    }
}

/// The seeds from which the hashes of a run's keys follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct KeyHasher(pub(super) [u64; 2]);

impl KeyHasher {
    #[inline]
    pub(super) const fn hash(self, key: u128) -> u64 {
        let low = (key & u64::MAX as u128) as u64;
        let high = (key >> 64) as u64;
        let low = mixed(low.wrapping_add(self.0[0]));
        mixed((high ^ low).wrapping_add(self.0[1]))
    }
}

/// The finisher of MurmurHash3, as David Stafford improved it (his variant 13).
#[inline]
const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Where the fingerprints of a filter are, and how wide they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub(super) seed: u64,
    /// A key may begin in each of so many segments; there are three more. The number of blocks, if
    /// it is blocked.
    pub(super) segments: u32,
    /// A segment has two to the power of this many places. Zero if it is blocked.
    pub(super) segment_bits: u8,
    /// Bits of a fingerprint, or [`BLOCKED`].
    pub(super) width: u8,
}

impl Shape {
    /// Whether a filter can look like this.
    pub(super) fn is_sound(&self) -> bool {
        let is_known = match self.width {
            BLOCKED => self.segment_bits == 0,
            width => self.segment_bits <= SEGMENT_BITS_MAX && WIDTHS.contains(&width),
        };
        is_known && self.segments > 0 && self.segments <= 1 << 24
    }

    const fn places(&self) -> usize {
        (self.segments as usize + PLACES - 1) << self.segment_bits
    }

    /// How many bytes it takes.
    pub(super) const fn bytes(&self) -> usize {
        match self.width {
            BLOCKED => self.segments as usize * blocked::BLOCK_BYTES,
            width => (self.places() * width as usize).div_ceil(8),
        }
    }

    /// The hash of a key as this filter sees it.
    #[inline]
    const fn own(&self, hash: u64) -> u64 {
        mixed(hash.wrapping_add(self.seed))
    }

    /// The places of a key, by its own hash.
    #[inline]
    const fn places_of(&self, own: u64) -> [usize; PLACES] {
        let range = (self.segments as u64) << self.segment_bits;
        let first = ((own as u128 * range as u128) >> 64) as usize;
        let segment = 1_usize << self.segment_bits;
        let mask = segment - 1;
        [
            first,
            (first + segment) ^ ((own >> 36) as usize & mask),
            (first + 2 * segment) ^ ((own >> 18) as usize & mask),
            (first + 3 * segment) ^ (own as usize & mask),
        ]
    }

    #[inline]
    const fn fingerprint(&self, own: u64) -> u16 {
        (own.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.width as u32)) as u16
    }
}

/// A filter in memory.
#[derive(Debug)]
pub(super) struct Filter {
    shape: Shape,
    bytes: Box<[u8]>,
}

impl Filter {
    /// A place for the bytes of a filter of this shape, to be filled by the caller.
    pub(super) fn memory(shape: &Shape) -> Vec<u8> {
        vec![0; shape.bytes() + SLACK_BYTES]
    }

    /// Takes what [`Filter::memory`] made and the caller filled.
    pub(super) fn new(shape: Shape, memory: Vec<u8>) -> Self {
        assert_eq!(memory.len(), shape.bytes() + SLACK_BYTES);
        Self {
            shape,
            bytes: memory.into_boxed_slice(),
        }
    }

    /// Whether a key with this hash may be in it. "No" is certain.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.may_hold_each([hash]) == [true]
    }

    /// Whether keys with these hashes may be in it. It goes over them in short loops, in none of
    /// which a step waits for what another one reads, so that many places are waited for at once.
    #[inline]
    pub(super) fn may_hold_each<const N: usize>(&self, hashes: [u64; N]) -> [bool; N] {
        let own = hashes.map(|hash| self.shape.own(hash));
        if self.shape.width == BLOCKED {
            return own.map(|own| blocked::may_hold(&self.bytes, self.shape.segments, own));
        }
        let places = own.map(|own| self.shape.places_of(own));
        let sums = places.map(|places| places.iter().fold(0, |sum, &at| sum ^ self.load(at)));
        let mask = (1 << self.shape.width) - 1;
        std::array::from_fn(|at| sums[at] & mask == u32::from(self.shape.fingerprint(own[at])))
    }

    /// The fingerprint at a place, with others above it.
    #[inline]
    fn load(&self, place: usize) -> u32 {
        let bit = place * usize::from(self.shape.width);
        let bytes = &self.bytes[bit / 8..bit / 8 + 4];
        u32::from_le_bytes(bytes.try_into().expect("four bytes")) >> (bit % 8)
    }

    /// The memory it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Bits of a fingerprint, or [`BLOCKED`].
    pub(super) const fn width(&self) -> u8 {
        self.shape.width
    }
}

#[cfg(test)]
mod tests;
