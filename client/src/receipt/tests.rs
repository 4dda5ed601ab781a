use super::NewestReceipt;
use ledger_core::{Sequence, Timestamp};
use ledger_proto::Receipt;

fn receipt(epoch: u128, sequence: u64) -> Receipt {
    Receipt {
        epoch,
        sequence: Sequence::new(sequence),
        time: Timestamp::new(sequence + 1),
        frame_hash: [9; 32],
    }
}

#[test]
fn the_newest_is_kept_whatever_the_order_of_arrival() {
    let newest = NewestReceipt::default();
    let before = newest.get();
    assert_eq!(newest.observe(before, receipt(1, 9)), None);
    // Its call began before anything was known, so an earlier state is fine.
    assert_eq!(newest.observe(before, receipt(1, 5)), None);
    assert_eq!(newest.get(), Some(receipt(1, 9)));
}

#[test]
fn a_lower_sequence_contradicts_what_was_known_before_the_call_began() {
    let newest = NewestReceipt::new(Some(receipt(1, 9)));
    let found = newest
        .observe(newest.get(), receipt(1, 8))
        .expect("a contradiction");
    assert_eq!((found.known, found.told), (receipt(1, 9), receipt(1, 8)));
    assert!(found.to_string().contains("sequence 8"), "{found}");
    assert_eq!(
        newest.get(),
        Some(receipt(1, 9)),
        "the proof of the loss is kept"
    );
}

#[test]
fn the_same_sequence_is_no_contradiction() {
    let newest = NewestReceipt::new(Some(receipt(1, 9)));
    assert_eq!(newest.observe(newest.get(), receipt(1, 9)), None);
}

#[test]
fn another_epoch_contradicts_once() {
    let newest = NewestReceipt::new(Some(receipt(1, 9)));
    let found = newest
        .observe(newest.get(), receipt(2, 100))
        .expect("a contradiction");
    assert!(found.to_string().contains("epoch"), "{found}");
    assert_eq!(newest.observe(newest.get(), receipt(2, 101)), None);
}

#[test]
fn an_answer_of_the_old_epoch_that_was_overtaken_changes_nothing() {
    let newest = NewestReceipt::new(Some(receipt(1, 9)));
    let before = newest.get();
    assert!(newest.observe(before, receipt(2, 4)).is_some());
    assert_eq!(newest.observe(before, receipt(1, 12)), None);
    assert_eq!(newest.get(), Some(receipt(2, 4)));
}

#[test]
fn two_first_calls_that_meet_two_epochs_contradict_each_other() {
    let newest = NewestReceipt::default();
    let before = newest.get();
    assert_eq!(newest.observe(before, receipt(1, 9)), None);
    assert!(newest.observe(before, receipt(2, 9)).is_some());
}
