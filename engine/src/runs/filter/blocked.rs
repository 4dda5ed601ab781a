//! Blocked filters, after Bloom (1970) and Putze, Sanders and Singler ("Cache-, Hash- and
//! Space-Efficient Bloom Filters", 2007): a key sets a bit in each of the eight words of one block
//! of 64 bytes, which is one line of the cache. With 28 bits a key they are wrong once in
//! 27 000 times.

use super::Shape;

/// In the place of a width, which it is somewhat like: the bits that a key takes.
pub(in super::super) const BLOCKED: u8 = 28;
/// So many keys' blocks fit the nearest cache while they are made.
pub(super) const KEYS_MAX: usize = 1 << 16;
/// How often one is wrong.
pub(super) const WRONG_PER_MILLION: f64 = 37.0;
pub(super) const BLOCK_BYTES: usize = WORDS * 8;

const WORDS: usize = 8;

/// Makes a blocked filter over `hashes`, and its bytes.
pub(super) fn build(hashes: &[u64], seed: u64) -> (Shape, Vec<u8>) {
    let bits = hashes.len() * usize::from(BLOCKED);
    let blocks = bits.div_ceil(8 * BLOCK_BYTES).max(1);
    let shape = Shape {
        seed,
        segments: u32::try_from(blocks).expect("a filter holds few keys"),
        segment_bits: 0,
        width: BLOCKED,
    };
    let mut filter = vec![[0_u64; WORDS]; blocks];
    for &hash in hashes {
        let own = shape.own(hash);
        let block = &mut filter[block_of(shape.segments, own)];
        for (word, bit) in block.iter_mut().zip(bits_of(own)) {
            *word |= bit;
        }
    }
    let bytes = filter.as_flattened().iter().flat_map(|w| w.to_le_bytes());
    (shape, bytes.collect())
}

/// Whether a key may be in a filter of so many blocks, by its own hash.
#[inline]
pub(super) fn may_hold(bytes: &[u8], blocks: u32, own: u64) -> bool {
    let at = block_of(blocks, own) * BLOCK_BYTES;
    let (words, _) = bytes[at..at + BLOCK_BYTES].as_chunks();
    let missing = words
        .iter()
        .zip(bits_of(own))
        .fold(0, |missing, (&word, bit)| {
            missing | (!u64::from_le_bytes(word) & bit)
        });
    missing == 0
}

#[inline]
const fn block_of(blocks: u32, own: u64) -> usize {
    ((own as u128 * blocks as u128) >> 64) as usize
}

/// A bit for each word: from the high bits of a product, which depend on many bits of the hash.
#[inline]
fn bits_of(own: u64) -> [u64; WORDS] {
    let product = own.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::array::from_fn(|word| 1 << (product >> (16 + 6 * word) & 63))
}
