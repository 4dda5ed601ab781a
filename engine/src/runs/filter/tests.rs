use super::super::fixture::Random;
use super::*;

fn hashes(seed: u64, count: usize) -> Vec<u64> {
    let hasher = KeyHasher([seed, !seed]);
    (0..count as u128).map(|key| hasher.hash(key)).collect()
}

fn filter(hashes: &[u64], width: u8) -> Filter {
    let (shape, bytes) = build(&mut hashes.to_vec(), width, 99);
    assert!(shape.is_sound());
    assert_eq!(bytes.len(), shape.bytes());
    let mut memory = Filter::memory(&shape);
    memory[..bytes.len()].copy_from_slice(&bytes);
    Filter::new(shape, memory)
}

#[test]
fn a_key_that_is_there_is_never_denied() {
    for count in (1..60).chain([100, 1_000, 4_099, 30_000]) {
        for seed in 0..4 {
            let width = match seed {
                0 => BLOCKED,
                _ => 4 + (count + seed as usize) as u8 % 13,
            };
            let hashes = hashes(seed, count);
            let filter = filter(&hashes, width);
            assert!(hashes.iter().all(|&hash| filter.may_hold(hash)), "{count}");
        }
    }
}

#[test]
fn a_filter_is_wrong_as_seldom_as_its_width_says() {
    let held = hashes(1, 50_000);
    for width in [4, 8, 10, 11, 14, 16, BLOCKED] {
        let filter = filter(&held, width);
        let mut random = Random(u64::from(width));
        let asked = 2_000_000;
        let wrong = (0..asked)
            .filter(|_| filter.may_hold(random.next()))
            .count();
        let expected = asked as f64 * wrong_per_million(width) / 1e6;
        let spread = 5.0 * expected.sqrt();
        assert!((wrong as f64 - expected).abs() < spread, "{width}: {wrong}");
    }
}

#[test]
fn a_large_filter_takes_little_more_than_its_fingerprints() {
    let held = hashes(1, FILTER_KEYS_MAX);
    let (shape, bytes) = build(&mut held.clone(), 10, 0);
    let bits_a_key = bytes.len() as f64 * 8.0 / held.len() as f64;
    assert!(bits_a_key <= 10.0 * 1.11, "{bits_a_key} with {shape:?}");
}

#[test]
fn only_what_can_be_is_sound() {
    let sound = |segments, segment_bits, width| {
        let seed = 1;
        let shape = Shape {
            seed,
            segments,
            segment_bits,
            width,
        };
        shape.is_sound()
    };
    assert!(sound(1, 0, BLOCKED) && sound(1, 18, 16) && sound(1, 0, 4));
    assert!(!sound(0, 0, BLOCKED) && !sound(0, 0, 16));
    assert!(!sound(1, 1, BLOCKED) && !sound(1, 19, 16));
    assert!(!sound(1, 0, 3) && !sound(1, 0, 17) && !sound(1 << 25, 0, BLOCKED));
}

#[test]
fn equal_hashes_do_no_harm() {
    let mut repeated = hashes(2, 500);
    repeated.extend_from_within(..250);
    repeated.extend([0, 0, 0, u64::MAX, u64::MAX]);
    repeated.extend([17; 300]);
    let filter = filter(&repeated, 12);
    assert!(repeated.iter().all(|&hash| filter.may_hold(hash)));
}

/// Whatever the seed, and for sizes at which failures are frequent.
#[test]
fn construction_always_succeeds() {
    for seed in 0..400_u64 {
        let held = hashes(seed, 3 + (seed % 40) as usize);
        let (shape, bytes) = build(&mut held.clone(), 8, seed);
        let mut memory = Filter::memory(&shape);
        memory[..bytes.len()].copy_from_slice(&bytes);
        let filter = Filter::new(shape, memory);
        assert!(held.iter().all(|&hash| filter.may_hold(hash)), "{seed}");
    }
}

#[test]
fn neighbouring_keys_have_unlike_hashes() {
    let hasher = KeyHasher([1, 2]);
    let mut differing = 0;
    for bit in 0..128 {
        differing += (hasher.hash(77) ^ hasher.hash(77 ^ 1 << bit)).count_ones();
    }
    assert!((29 * 128..35 * 128).contains(&differing), "{differing}");
}
