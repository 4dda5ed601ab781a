use super::super::arena::Arena;
use super::*;

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
