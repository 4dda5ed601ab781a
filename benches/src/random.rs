//! Numbers that look random and are a function of a seed: cheap, and good enough for ids and
//! draws of accounts.

/// Mixes the bits of a number (the finalizer of SplitMix64, Steele et al. 2014).
#[inline]
pub(crate) const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A series of numbers; any two series of different seeds have nothing in common to the eye.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series(u64);

impl Series {
    /// The series of a seed and one of many things that it is for.
    pub(crate) const fn new(seed: u64, purpose: u64) -> Self {
        Self(mix(
            mix(seed) ^ mix(purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        ))
    }

    /// The number at `index`.
    #[inline]
    pub(crate) const fn at(self, index: u64) -> u64 {
        mix(self
            .0
            .wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
}

/// A draw from `0..bound` out of 32 random bits. The bias is below `bound` / 2³².
#[inline]
pub(crate) const fn below(bound: u64, bits: u32) -> u64 {
    ((bits as u128 * bound as u128) >> 32) as u64
}
