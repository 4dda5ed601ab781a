use super::*;

/// The worst that is seen while segments of one size come and what the policy says is merged.
struct Course {
    wrong_per_million: f64,
    runs: usize,
    /// How often each segment was written again.
    rewritten: f64,
    /// Bits of the filters a key, from so many segments on.
    bits_from: [(usize, f64); 3],
}

/// What a filter takes for a bit of its keys' fingerprints.
const PLACES_PER_KEY: f64 = 1.10;

fn size(tier: u8, segments: u64, last_segment: u64) -> RunSize {
    RunSize {
        tier,
        bytes: segments,
        fingerprint_bits: fingerprint_bits(tier, last_segment),
    }
}

fn course(segments: u64) -> Course {
    let mut runs: Vec<RunSize> = Vec::new();
    let mut course = Course {
        wrong_per_million: 0.0,
        runs: 0,
        rewritten: 0.0,
        bits_from: [(8, 0.0), (64, 0.0), (512, 0.0)],
    };
    let mut written = 0;
    for n in 1..=segments {
        runs.push(size(0, 1, n));
        while let Some(merge) = next_merge(&runs) {
            let bytes = runs[merge.runs.clone()].iter().map(|run| run.bytes).sum();
            written += bytes;
            runs.splice(merge.runs, [size(merge.tier, bytes, n)]);
        }
        course.wrong_per_million = course.wrong_per_million.max(wrong_per_million(&runs));
        course.runs = course.runs.max(runs.len());
        let bits = |run: &RunSize| {
            let bits_a_key = match run.fingerprint_bits {
                BLOCKED => f64::from(BLOCKED),
                width => f64::from(width) * PLACES_PER_KEY,
            };
            run.bytes as f64 * bits_a_key
        };
        let bits = runs.iter().map(bits).sum::<f64>() / n as f64;
        for (from, worst) in &mut course.bits_from {
            if n >= *from as u64 {
                *worst = worst.max(bits);
            }
        }
        assert_eq!(runs.iter().map(|run| run.bytes).sum::<u64>(), n);
    }
    course.rewritten = written as f64 / segments as f64;
    course
}

/// Each row: segments, wrong answers in a million, runs, how often a segment is written again.
#[test]
fn however_long_the_journal_is_filters_are_seldom_wrong_and_merges_are_few() {
    let rows: [(u64, f64, usize, f64); 6] = [
        (8, 500.0, 7, 1.0),
        (64, 3_700.0, 14, 2.0),
        (256, 4_060.0, 17, 3.0),
        (1_000, 4_060.0, 19, 3.0),
        (2_500, 4_150.0, 21, 4.0),
        (10_000, 4_230.0, 24, 5.0),
    ];
    for (segments, wrong, runs, rewritten) in rows {
        let course = course(segments);
        assert!(
            course.wrong_per_million <= wrong,
            "{segments}: {}",
            course.wrong_per_million
        );
        assert!(course.runs <= runs, "{segments}: {}", course.runs);
        assert!(
            course.rewritten <= rewritten,
            "{segments}: {}",
            course.rewritten
        );
    }
    let bits = course(10_000).bits_from.map(|(_, bits)| bits);
    assert!(
        bits[0] <= 19.6 && bits[1] <= 13.4 && bits[2] <= 12.5,
        "{bits:?}"
    );
}

#[test]
fn runs_of_a_tier_are_merged_when_they_are_enough() {
    let runs =
        |tiers: &[u8]| -> Vec<RunSize> { tiers.iter().map(|&tier| size(tier, 1, 1_000)).collect() };
    let merge = |runs, tier| Some(Merge { runs, tier });
    assert_eq!(next_merge(&runs(&[])), None);
    assert_eq!(next_merge(&runs(&[3, 3, 3, 1, 0, 0])), None);
    assert_eq!(next_merge(&runs(&[0; 7])), None);
    assert_eq!(next_merge(&runs(&[0; 8])), merge(0..8, 1));
    assert_eq!(next_merge(&runs(&[0; 30])), merge(0..8, 1));
    assert_eq!(next_merge(&runs(&[3, 2, 2, 2, 2, 1])), merge(1..5, 3));
    let long = [&[3, 3, 3, 3][..], &[1; 8], &[0; 9]].concat();
    assert_eq!(next_merge(&runs(&long)), merge(12..20, 1));
    assert_eq!(next_merge_beside(&runs(&long), 3), merge(12..20, 1));
    assert_eq!(next_merge_beside(&runs(&long[..12]), 3), merge(4..12, 2));
    assert_eq!(next_merge_beside(&runs(&long[..12]), 1), None);
    assert_eq!(next_merge_beside(&runs(&long[..4]), 3), None);
}

#[test]
fn the_cheapest_neighbours_are_merged_when_filters_are_wrong_too_often() {
    let run = |tier, bytes| RunSize {
        tier,
        bytes,
        fingerprint_bits: 10,
    };
    let mut runs = vec![run(3, 900), run(2, 100), run(2, 90), run(1, 20), run(1, 30)];
    assert_eq!(next_merge(&runs[..4]), None);
    let cheapest = Merge {
        runs: 3..5,
        tier: 1,
    };
    assert_eq!(next_merge(&runs), Some(cheapest));
    runs[4].fingerprint_bits = 0;
    assert_eq!(next_merge(&runs), None, "a run without ids is never wrong");
}

#[test]
fn fingerprints_are_wider_the_fewer_keys_a_tier_has() {
    let bits = |segments| [0, 1, 2, 3, 4].map(|tier| fingerprint_bits(tier, segments));
    assert_eq!(bits(1), [BLOCKED, 11, 10, 10, 10]);
    assert_eq!(bits(8), [BLOCKED, 11, 10, 10, 10]);
    assert_eq!(bits(64), [BLOCKED, 13, 10, 10, 10]);
    assert_eq!(bits(256), [BLOCKED, 15, 12, 10, 10]);
    assert_eq!(bits(u64::MAX), [BLOCKED, 16, 16, 16, 16]);
}
