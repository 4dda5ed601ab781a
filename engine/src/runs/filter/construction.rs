//! How a filter is made: by peeling.
//!
//! A place that only one key has can be given, at the very end, whatever fingerprint makes that
//! key's sum right. So such a key is put aside, which may leave another key alone at one of its
//! places, and so on until none is left; then the fingerprints are given in the opposite order.
//! Now and then some keys stay, each at places with others; another seed gives other places.

use super::{FILTER_KEYS_MAX, PLACES, SEGMENT_BITS_MAX, Shape, WIDTHS};

/// After so many failures with other seeds there shall be more places.
const SEEDS_BEFORE_GROWTH: u32 = 8;

/// Makes a filter of the given width over all `hashes`, and the bytes of its fingerprints. It
/// always succeeds: a hash that occurs twice, which any seed would fail on, is left out once.
pub(super) fn build(hashes: &mut Vec<u64>, width: u8, seed: u64) -> (Shape, Vec<u8>) {
    assert!(WIDTHS.contains(&width), "no filter is that wide");
    assert!(
        hashes.len() <= FILTER_KEYS_MAX,
        "too many keys for a filter"
    );
    let mut shape = Shape {
        seed,
        width,
        ..shape_for(hashes.len())
    };
    let mut workshop = Workshop::default();
    let mut failures = 0;
    while !workshop.peel(hashes, &shape) {
        failures += 1;
        if failures == 1 {
            hashes.sort_unstable();
            hashes.dedup();
        }
        if failures % SEEDS_BEFORE_GROWTH == 0 {
            shape.segments += 1 + shape.segments / 16;
        }
        shape.seed = super::mixed(shape.seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
    }
    let fingerprints = workshop.fingerprints(&shape);
    (shape, packed(&fingerprints, width))
}

/// Sizes that are almost sure to work, as the authors found them.
fn shape_for(keys: usize) -> Shape {
    let n = keys.max(2) as f64;
    let segment_bits = (n.ln() / 2.91_f64.ln() - 0.5).floor().max(0.0);
    let segment_bits = (segment_bits as u8).min(SEGMENT_BITS_MAX);
    let places_a_key = (0.77 + 0.305 * 600_000_f64.ln() / n.ln()).max(1.075);
    let places = (n * places_a_key).round() as usize;
    let segments = places
        .div_ceil(1 << segment_bits)
        .saturating_sub(PLACES - 1)
        .max(1);
    Shape {
        seed: 0,
        segments: u32::try_from(segments).expect("a filter holds few keys"),
        segment_bits,
        width: 0,
    }
}

/// What is known of a place while keys are put aside: how many keys it has, and the exclusive or
/// of which of their places it is (two bits), and of their hashes.
#[derive(Default)]
struct Workshop {
    /// The hashes in the order of their first places, so that neighbours are in the cache
    /// together; later those that were put aside, in that order.
    order: Vec<u64>,
    counts: Vec<u8>,
    sums: Vec<u64>,
    /// Which of its places the key had alone, for each that was put aside.
    alone_at: Vec<u8>,
}

const COUNT_OF_ONE: u8 = 1 << 2;

impl Workshop {
    /// Puts all keys aside; whether that could be done.
    fn peel(&mut self, hashes: &[u64], shape: &Shape) -> bool {
        self.sort(hashes, shape);
        let places = shape.places();
        self.counts.clear();
        self.counts.resize(places, 0);
        self.sums.clear();
        self.sums.resize(places, 0);
        for &own in &self.order {
            for (which, place) in (0_u8..).zip(shape.places_of(own)) {
                let Some(count) = self.counts[place].checked_add(COUNT_OF_ONE) else {
                    return false;
                };
                self.counts[place] = count ^ which;
                self.sums[place] ^= own;
            }
        }
        let is_alone = |count: u8| count >> 2 == 1;
        let mut alone: Vec<u32> = Vec::with_capacity(places);
        alone.extend(
            (0_u32..)
                .zip(&self.counts)
                .filter_map(|(place, &count)| is_alone(count).then_some(place)),
        );
        self.alone_at.clear();
        let mut put_aside = 0;
        while let Some(place) = alone.pop() {
            let place = place as usize;
            if !is_alone(self.counts[place]) {
                continue;
            }
            let own = self.sums[place];
            let found = self.counts[place] & 3;
            self.order[put_aside] = own;
            self.alone_at.push(found);
            put_aside += 1;
            for (which, place) in (0_u8..).zip(shape.places_of(own)) {
                self.counts[place] = (self.counts[place] - COUNT_OF_ONE) ^ which;
                self.sums[place] ^= own;
                if which != found && is_alone(self.counts[place]) {
                    alone.push(place as u32);
                }
            }
        }
        put_aside == hashes.len()
    }

    /// Sorts the filter's own hashes by where they begin, roughly.
    fn sort(&mut self, hashes: &[u64], shape: &Shape) {
        let bits = u32::BITS - shape.segments.leading_zeros();
        let part_of = |own: u64| (own >> (64 - bits)) as usize;
        let mut starts = vec![0_usize; 1 << bits];
        for &hash in hashes {
            starts[part_of(shape.own(hash))] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        self.order.clear();
        self.order.resize(hashes.len(), 0);
        for &hash in hashes {
            let own = shape.own(hash);
            let start = &mut starts[part_of(own)];
            self.order[*start] = own;
            *start += 1;
        }
    }

    /// Gives each key the fingerprint at the place that it had alone, the last one first.
    fn fingerprints(&self, shape: &Shape) -> Vec<u16> {
        let mut fingerprints = vec![0_u16; shape.places()];
        for (&own, &found) in self.order.iter().zip(&self.alone_at).rev() {
            let places = shape.places_of(own);
            let found = places[usize::from(found)];
            // What is at its own place is still zero.
            fingerprints[found] = places.iter().fold(shape.fingerprint(own), |sum, &place| {
                sum ^ fingerprints[place]
            });
        }
        fingerprints
    }
}

/// The fingerprints one right after the other, the lowest bit first.
fn packed(fingerprints: &[u16], width: u8) -> Vec<u8> {
    let bits = fingerprints.len() * usize::from(width);
    let mut bytes = Vec::with_capacity(bits.div_ceil(8));
    let (mut gathered, mut length) = (0_u32, 0_u8);
    for &fingerprint in fingerprints {
        gathered |= u32::from(fingerprint) << length;
        length += width;
        while length >= 8 {
            bytes.push(gathered.to_le_bytes()[0]);
            gathered >>= 8;
            length -= 8;
        }
    }
    if length > 0 {
        bytes.push(gathered.to_le_bytes()[0]);
    }
    bytes
}
