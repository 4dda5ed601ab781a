use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn legs(changes: &[(char, i128)]) -> Vec<(char, char, u128)> {
    let told = |leg: Leg<char>| (leg.debit, leg.credit, leg.units);
    decompose(changes).into_iter().map(told).collect()
}

#[test]
fn two_changes_are_one_transfer() {
    assert_eq!(legs(&[('a', -5), ('b', 5)]), [('b', 'a', 5)]);
}

#[test]
fn many_changes_are_matched_in_their_order() {
    assert_eq!(
        legs(&[('a', 100), ('b', -70), ('c', 20), ('d', -50)]),
        [('a', 'b', 70), ('a', 'd', 30), ('c', 'd', 20)]
    );
}

#[test]
fn an_account_is_never_on_both_sides() {
    assert_eq!(legs(&[('a', 5), ('a', -5)]), []);
    assert_eq!(legs(&[('a', 5), ('b', -3), ('a', -2)]), [('a', 'b', 3)]);
    assert_eq!(legs(&[('a', 0), ('b', 0)]), []);
}

#[test]
#[should_panic(expected = "debits are as large as credits")]
fn what_does_not_add_up_is_a_mistake_of_the_caller() {
    decompose(&[('a', 5), ('b', -6)]);
}

proptest! {
    #[test]
    fn the_legs_come_to_the_changes(
        mut changes in prop::collection::vec((0u8..6, -1_000i128..1_000), 0..40)
    ) {
        let rest: i128 = changes.iter().map(|(_, units)| units).sum();
        changes.push((9, -rest));
        let mut expected: BTreeMap<u8, i128> = BTreeMap::new();
        for (account, units) in &changes {
            *expected.entry(*account).or_default() += units;
        }
        let legs = decompose(&changes);
        prop_assert!(legs.len() < changes.len());
        for leg in &legs {
            prop_assert!(leg.debit != leg.credit && leg.units > 0);
            let units = i128::try_from(leg.units).expect("small");
            *expected.entry(leg.debit).or_default() -= units;
            *expected.entry(leg.credit).or_default() += units;
        }
        prop_assert!(expected.values().all(|units| *units == 0));
    }
}
