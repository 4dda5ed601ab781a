use super::super::arena::Slot;
use super::super::index::IdHasher;
use super::*;

#[test]
fn what_is_in_passes_and_of_the_rest_few_do() {
    let hasher = IdHasher::new(3);
    let mut index = SlotIndex::new();
    let mut position = 0;
    for count in [0_usize, 10, 1_000, 10_000, 100_000, 250_000] {
        while position < count {
            index.insert(hasher.hash(position as u128), Slot::new(position));
            position += 1;
        }
        let mut filter = IdFilter::new();
        assert!(filter.maybe(1), "what is not built yet says nothing");
        while !filter.is_whole() {
            assert!((0..count.min(1_000)).all(|id| filter.maybe(hasher.hash(id as u128))));
            filter.build_next(&index);
        }
        assert!((0..count).all(|id| filter.maybe(hasher.hash(id as u128))));
        let others = 1_000_000..1_100_000_u128;
        let passing = others.filter(|&id| filter.maybe(hasher.hash(id))).count();
        assert!(
            passing < 2_000,
            "{passing} of 100 000 pass with {count} in it"
        );
    }
}
