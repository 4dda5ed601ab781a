use super::super::index::IdHasher;
use super::*;

#[test]
fn many_ids_are_found_again_and_taken_back() {
    let hasher = IdHasher::new(7);
    let id = |n: u64| u128::from(n) << 70 | 1;
    let mut table = IdTable::new();
    for n in 0..50_000 {
        assert_eq!(table.set(hasher.hash(id(n)), id(n), |_| n + 1), None);
    }
    let first = hasher.hash(id(0));
    assert_eq!(
        table.set(first, id(0), |before| before.unwrap_or(0) + 98),
        Some(1)
    );
    assert_eq!(table.get(first, id(0)), Some(99));
    table.restore(first, id(0), Some(1));
    for n in (25_000..50_000).rev() {
        table.restore(hasher.hash(id(n)), id(n), None);
    }
    for n in 0..50_000 {
        let found = table.get(hasher.hash(id(n)), id(n));
        assert_eq!(found, (n < 25_000).then_some(n + 1));
    }
    assert_eq!(table.iter().count(), 25_000);
}

#[test]
fn ids_with_the_same_hash_are_told_apart() {
    let mut table = IdTable::new();
    for id in 1..100 {
        table.set(5, id, |_| 7);
    }
    table.set(5, 50, |before| before.expect("it was set") + 1);
    assert_eq!(table.get(5, 49), Some(7));
    assert_eq!(table.get(5, 50), Some(8));
    assert_eq!(table.get(5, 100), None);
}

#[test]
fn a_table_spans_the_ids_that_it_has() {
    let mut table = IdTable::new();
    assert!(!table.spans(0) && !table.spans(u128::MAX));
    for id in [500, 300, 400] {
        table.set(5, id, |_| 7);
    }
    let spanned = (0..1000).filter(|&id| table.spans(id));
    assert!(spanned.eq(300..=500));
    table.restore(5, 400, None);
    assert_eq!(table.get(5, 300), Some(7));
}
