use super::*;
use crate::journal::fixture::event;

fn written(map: &ZoneMap) -> Vec<u8> {
    let mut bytes = Vec::new();
    map.write(&mut bytes);
    bytes
}

#[test]
fn a_map_that_is_read_holds_what_was_added() {
    let mut map = ZoneMap::new();
    for sequence in 1..100 {
        map.add(&event(sequence));
    }
    let bytes = written(&map);
    let read = ZoneMap::read(&bytes).expect("what was written");
    assert_eq!(written(&read), bytes);
    assert!(read.may_hold_ledger(LedgerId::new(1)));
    assert!(!read.may_hold_ledger(LedgerId::new(2)));
    // Codes 1 to 5 occur, and user data 1 and 2.
    assert!((1..=5).all(|code| read.may_hold_code(code)));
    assert!(!read.may_hold_code(0) && !read.may_hold_code(6));
    assert!(read.may_hold_user_data_64(1) && read.may_hold_user_data_64(2));
    assert!(!read.may_hold_user_data_64(3));
    assert!(!read.may_hold_user_data_32(1), "none was added");
    for cut in 0..bytes.len() {
        assert_eq!(ZoneMap::read(&bytes[..cut]), None);
    }
    assert_eq!(ZoneMap::read(&[&bytes[..], &[0]].concat()), None);
}

#[test]
fn more_values_than_are_listed_are_a_range() {
    let mut map = ZoneMap::new();
    for ledger in (10..10_000).step_by(7) {
        map.add_ledger(LedgerId::new(ledger));
    }
    let read = ZoneMap::read(&written(&map)).expect("what was written");
    assert!(read.may_hold_ledger(LedgerId::new(11)), "nobody knows");
    assert!(!read.may_hold_ledger(LedgerId::new(9)));
    assert!(!read.may_hold_ledger(LedgerId::new(10_000)));
    let empty = ZoneMap::read(&written(&ZoneMap::new())).expect("what was written");
    assert!(!empty.may_hold_ledger(LedgerId::new(1)) && !empty.may_hold_code(1));
}
