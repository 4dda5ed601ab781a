use super::*;

fn began(epoch: u128, parent: u128, fork: u64) -> EpochBegan {
    EpochBegan {
        epoch,
        parent,
        fork: Sequence::new(fork),
    }
}

#[test]
fn a_position_is_judged_by_the_last_event_in_common() {
    let mut lineage = Lineage::new(1);
    lineage.begin(began(2, 1, 100));
    lineage.begin(began(3, 2, 150));
    assert_eq!(lineage.epoch(), 3);
    let judged = |epoch, sequence| lineage.place(epoch, Sequence::new(sequence));
    let changed = |fork: Option<u64>| {
        Err(EpochChanged {
            epoch: 3,
            fork: fork.map(Sequence::new),
        })
    };
    assert_eq!(judged(1, 100), Ok(()));
    assert_eq!(judged(1, 101), changed(Some(100)));
    assert_eq!(judged(2, 150), Ok(()));
    assert_eq!(judged(2, 151), changed(Some(150)));
    assert_eq!(judged(3, 1_000), Ok(()));
    assert_eq!(judged(4, 1), changed(None));
}

#[test]
fn an_epoch_that_is_none_of_ours_is_said_to_be() {
    let lineage = Lineage::new(1);
    let changed = lineage.place(2, Sequence::new(1)).unwrap_err();
    assert!(
        changed.to_string().contains("does not descend"),
        "{changed}"
    );
}
