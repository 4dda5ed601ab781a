use std::collections::BTreeMap;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, PartialEq, Debug)]
struct Pair(u64, u64);

impl Entry for Pair {
    const VACANT: Self = Self(0, 0);

    fn is_vacant(&self) -> bool {
        self.1 == 0
    }
}

/// A poor hash on purpose: keys share homes and run over the end of the table.
fn hash(key: u64) -> u64 {
    (key % 5) << 62 | (key % 3) << 59
}

proptest! {
    #[test]
    fn it_is_a_map(steps in prop::collection::vec((0..40u64, 0..3u8), 1..400)) {
        let mut table = Probe::new();
        let mut model = BTreeMap::new();
        for (step, (key, action)) in (1..).zip(steps) {
            match (action, model.contains_key(&key)) {
                (0, false) => {
                    table.insert(hash(key), Pair(key, step), |pair| hash(pair.0));
                    model.insert(key, step);
                }
                (1, known) => {
                    let pair = Pair(key, step);
                    let is_it = |pair: &Pair| pair.0 == key;
                    let found = table.find_or_insert(hash(key), pair, is_it, |pair| hash(pair.0));
                    prop_assert_eq!(found.map(|pair| pair.1), model.get(&key).copied());
                    if !known {
                        model.insert(key, step);
                    }
                }
                (_, true) => {
                    table.remove(hash(key), |pair| pair.0 == key, |pair| hash(pair.0));
                    model.remove(&key);
                }
                (_, false) => {}
            }
            for key in 0..40 {
                let found = table.find(hash(key), |pair| pair.0 == key).map(|pair| pair.1);
                prop_assert_eq!(found, model.get(&key).copied());
            }
        }
        let mut entries: Vec<(u64, u64)> = table.iter().map(|pair| (pair.0, pair.1)).collect();
        entries.sort_unstable();
        prop_assert_eq!(entries.len(), table.len);
        prop_assert_eq!(entries, model.into_iter().collect::<Vec<_>>());
    }
}
