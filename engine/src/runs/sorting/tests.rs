use super::super::fixture::Random;
use super::*;

fn entries(count: u64, mut key: impl FnMut(u64) -> u128) -> Vec<Entry> {
    (0..count).map(|n| Entry::new(key(n), n)).collect()
}

#[test]
fn whatever_the_keys_are_they_come_out_in_order() {
    for count in [1, 2, 3, 63, 64, 65, 200, 5_000] {
        let mut random = Random(count);
        let mut more = random.clone();
        let kinds = [
            entries(count, |_| random.id()),
            entries(count, u128::from),
            entries(count, |n| u128::from(count - n)),
            entries(count, |_| 9),
            entries(count, |n| match n % 3 {
                0 => u128::MAX - u128::from(more.below(3)),
                1 => u128::from(more.below(100)),
                _ => 1 << 64 | u128::from(more.below(9)),
            }),
        ];
        for mut entries in kinds {
            let mut expected = entries.clone();
            expected.sort();
            sort(&mut entries);
            assert!(entries == expected, "{count}");
        }
    }
}

#[test]
fn an_entry_keeps_its_key() {
    for key in [1, u128::MAX, 1 << 64, (1 << 64) - 1] {
        assert_eq!(Entry::new(key, 1).key(), key);
    }
}
