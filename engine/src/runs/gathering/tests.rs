use super::super::fixture::Random;
use super::*;

/// Gathers postings and shows them in order.
fn in_order(postings: &[(u128, u64)]) -> Vec<(u128, u64)> {
    let mut gathered = Gathered::new();
    for &(key, word) in postings {
        gathered.push(key, word);
    }
    let mut found = Vec::new();
    let put = |group: Group<'_>| {
        found.extend(group.words().map(|word| (group.key, word)));
        Ok::<(), ()>(())
    };
    gathered.in_order(put).unwrap();
    found
}

fn postings(count: u64, mut key: impl FnMut(u64) -> u128) -> Vec<(u128, u64)> {
    (0..count).map(|n| (key(n), 4 * n + 1)).collect()
}

#[test]
fn whatever_the_keys_are_they_come_out_in_order() {
    let enough = 3 * KEYS_MAX as u64;
    for count in [0, 1, 2, 3, 63, 64, 65, 200, 5_000, 50_000, enough] {
        let mut random = Random(count);
        let mut more = random.clone();
        let mut few = random.clone();
        let kinds = [
            postings(count, |_| random.id()),
            postings(count, u128::from),
            postings(count, |n| u128::from(count - n)),
            postings(count, |_| u128::from(few.below(5))),
            postings(count, |_| 9),
            postings(count, |n| u128::from(n / 2)),
            postings(count, |n| match n % 3 {
                0 => u128::MAX - u128::from(more.below(3)),
                1 => u128::from(more.below(100)),
                _ => 1 << 64 | u128::from(more.below(9)),
            }),
        ];
        let of_few = postings(count, |n| u128::from(n % 3 + 1));
        let backwards = of_few.iter().rev().copied().collect();
        for postings in kinds.into_iter().chain([of_few, backwards]) {
            let mut expected = postings.clone();
            expected.sort();
            assert!(in_order(&postings) == expected, "{count}");
        }
    }
}

#[test]
fn postings_of_one_event_may_come_in_any_order() {
    let found = in_order(&[(1, 8), (1, 10), (1, 9), (2, 11), (1, 11)]);
    assert_eq!(found, [(1, 8), (1, 9), (1, 10), (1, 11), (2, 11)]);
    let found = in_order(&[(1, 8), (1, 8), (1, 9)]);
    assert_eq!(found, [(1, 8), (1, 9)], "one that is there already");
}

#[test]
fn words_may_be_far_from_each_other() {
    let all = [(7, 9), (7, 9 + (1 << 40)), (8, 1 << 41), (9, u64::MAX)];
    assert_eq!(in_order(&all), all);
    assert_eq!(in_order(&[(7, 9), (7, 8)]), [(7, 8), (7, 9)]);
}

#[test]
fn only_many_keys_are_kept_apart() {
    let is_by_key = |count, key: fn(u64) -> u128| {
        let mut gathered = Gathered::new();
        for (key, word) in postings(count, key) {
            gathered.push(key, word);
        }
        matches!(gathered, Gathered::ByKey(_))
    };
    let (first, most) = (KEYS_AT_FIRST as u64, KEYS_MAX as u64);
    assert!(is_by_key(first, u128::from));
    assert!(!is_by_key(first + 1, u128::from));
    assert!(is_by_key(4 * first, |n| u128::from(n / 2)));
    assert!(is_by_key(5 * first, |n| u128::from(n % 10_000)));
    assert!(is_by_key(2 * most, |n| u128::from(n / 2)));
    assert!(!is_by_key(2 * most + 1, |n| u128::from(n / 2)));
}
