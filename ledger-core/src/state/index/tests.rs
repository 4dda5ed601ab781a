use super::super::arena::Arena;
use super::*;

#[test]
fn many_ids_are_found_again_and_removed() {
    let mut map = IdMap::new(IdHasher::new(7));
    for n in 0..50_000u64 {
        assert_eq!(map.set(u128::from(n) << 70 | 1, n + 1), None);
    }
    assert_eq!(map.len(), 50_000);
    assert_eq!(map.set(1, 99), Some(1));
    map.restore(1, Some(1));
    map.restore(1, None);
    assert_eq!(map.get(1), None);
    assert!((1..50_000u64).all(|n| map.get(u128::from(n) << 70 | 1) == Some(n + 1)));
    assert_eq!(map.iter().count(), map.len());
}

#[test]
fn ids_with_the_same_hash_are_told_apart() {
    let mut arena = Arena::new();
    let mut index = SlotIndex::new();
    let (first, second) = (arena.push(10u128), arena.push(20u128));
    index.insert(5, first);
    index.insert(5, second);
    assert_eq!(index.find(5, |slot| arena[slot] == 20), Some(second));
    index.remove(5, first);
    assert_eq!(index.find(5, |slot| arena[slot] == 10), None);
    assert_eq!(index.find(5, |slot| arena[slot] == 20), Some(second));
}

#[test]
fn seeds_give_different_hashes() {
    assert_ne!(IdHasher::new(1).hash(42), IdHasher::new(2).hash(42));
}
