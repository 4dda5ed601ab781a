use ledger_core::{
    AccountId, Amount, Fact, HoldAfter, LedgerId, Timestamp, Totals, Transfer, TransferCreated,
    TransferExpired, TransferFlags, TransferRejected, TransferStatus,
};
use ledger_engine::OpenHold;
use ledger_proto::{FieldPath, TransferRecord, TransferState};

use super::*;

fn created(sequence: u64, transfer: Transfer, hold: HoldAfter, reversed: u128) -> Event {
    event(
        sequence,
        Fact::TransferCreated(TransferCreated {
            transfer,
            took_all: false,
            hold,
            reversed: Amount::new(reversed),
            debit_after: Totals::ZERO,
            credit_after: Totals::ZERO,
        }),
    )
}

fn event(sequence: u64, fact: Fact) -> Event {
    Event {
        sequence: Sequence::new(sequence),
        time: Timestamp::new(1000 + sequence),
        chained: false,
        fact,
    }
}

fn transfer(id: u128, flags: TransferFlags) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        amount: Amount::new(100),
        flags,
        ..Transfer::default()
    }
}

fn hold_after(posted: u128, released: u128, rest: u128) -> HoldAfter {
    HoldAfter {
        posted: Amount::new(posted),
        released: Amount::new(released),
        rest: Amount::new(rest),
    }
}

fn at(sequence: u64, act: u64) -> Found {
    Found::At {
        sequence: Sequence::new(sequence),
        fenced: false,
        act: Sequence::new(act),
        open: None,
    }
}

/// The one transfer that is found.
fn record(found: Found, events: Vec<Event>) -> TransferRecord {
    let found = [(TransferId::new(7), found)];
    let sequences = sequences(&found);
    assert_eq!(
        sequences,
        events
            .iter()
            .map(|event| event.sequence)
            .collect::<Vec<_>>()
    );
    let answer = compose(&Receipt::default(), &found, events, 1 << 20).expect("sound");
    let [record] = &answer.transfers[..] else {
        panic!("one transfer is found")
    };
    record
        .clone()
        .read(FieldPath::of("transfer"))
        .expect("well-formed")
}

/// Its state, and what was posted, released and reversed of it.
fn became(found: Found, events: Vec<Event>) -> (TransferState, u128, u128, u128) {
    let record = record(found, events);
    (
        record.state,
        record.posted.get(),
        record.released.get(),
        record.reversed.get(),
    )
}

#[test]
fn the_last_act_tells_what_became_of_a_transfer() {
    use TransferFlags as F;
    let none = HoldAfter::default();
    let single = || created(1, transfer(7, F::NONE), none, 0);
    let pending = || created(1, transfer(7, F::PENDING), none, 0);
    let post = |hold| {
        let post = transfer(8, F::POST_PENDING_TRANSFER);
        created(
            5,
            Transfer {
                pending_id: TransferId::new(7),
                ..post
            },
            hold,
            0,
        )
    };
    let void = |hold| {
        let void = transfer(8, F::VOID_PENDING_TRANSFER);
        created(
            5,
            Transfer {
                pending_id: TransferId::new(7),
                ..void
            },
            hold,
            0,
        )
    };
    let reversal = |reversed| {
        let reversal = transfer(8, F::NONE);
        created(
            5,
            Transfer {
                reverses_id: TransferId::new(7),
                ..reversal
            },
            none,
            reversed,
        )
    };
    let expiry = event(
        5,
        Fact::TransferExpired(TransferExpired {
            pending_id: TransferId::new(7),
            debit_account_id: AccountId::new(1),
            credit_account_id: AccountId::new(2),
            ledger: LedgerId::new(1),
            posted: Amount::new(30),
            released: Amount::new(70),
            debit_after: Totals::ZERO,
            credit_after: Totals::ZERO,
        }),
    );
    let open = |posted, act| Found::At {
        sequence: Sequence::new(1),
        fenced: false,
        act: Sequence::new(act),
        open: Some(OpenHold {
            posted: Amount::new(posted),
            rest: Amount::new(100 - posted),
        }),
    };
    use TransferState::{Expired, Pending, Posted, Reversed, Voided};
    assert_eq!(became(at(1, 0), vec![single()]), (Posted, 0, 0, 0));
    assert_eq!(
        became(at(1, 5), vec![single(), reversal(60)]),
        (Reversed, 0, 0, 60)
    );
    assert_eq!(became(open(0, 0), vec![pending()]), (Pending, 0, 0, 0));
    let partly = post(hold_after(30, 0, 70));
    assert_eq!(
        became(open(30, 5), vec![pending(), partly]),
        (Pending, 30, 0, 0)
    );
    let posted = post(hold_after(40, 60, 0));
    assert_eq!(
        became(at(1, 5), vec![pending(), posted]),
        (Posted, 40, 60, 0)
    );
    let voided = void(hold_after(30, 70, 0));
    assert_eq!(
        became(at(1, 5), vec![pending(), voided]),
        (Voided, 30, 70, 0)
    );
    assert_eq!(
        became(at(1, 5), vec![pending(), expiry]),
        (Expired, 30, 70, 0)
    );
    let void_itself = created(1, transfer(7, F::VOID_PENDING_TRANSFER), none, 0);
    assert_eq!(became(at(1, 0), vec![void_itself]), (Voided, 0, 0, 0));

    let record = record(at(1, 5), vec![single(), reversal(1)]);
    assert_eq!(record.sequence, Sequence::new(1));
    assert_eq!(record.act_sequence, Sequence::new(5));
}

#[test]
fn used_up_fenced_and_unknown_ids_are_told_apart() {
    let rejected = event(
        3,
        Fact::TransferRejected(TransferRejected {
            id: TransferId::new(7),
            status: TransferStatus::ExceedsCredits,
            control_id: 0,
        }),
    );
    let fencing = event(4, Fact::TransferFenced(transfer(8, TransferFlags::FENCE)));
    let fenced = |sequence| Found::At {
        sequence: Sequence::new(sequence),
        fenced: true,
        act: Sequence::ZERO,
        open: None,
    };
    let found = [
        (TransferId::new(7), at(3, 0)),
        (TransferId::new(9), Found::Unknown),
        (TransferId::new(8), at(4, 0)),
        (TransferId::new(6), fenced(0)),
        (TransferId::new(7), fenced(3)),
    ];
    let events = vec![rejected.clone(), fencing, rejected];
    let answer = compose(&Receipt::default(), &found, events, 1 << 20).expect("sound");
    let ids = |wire: &[v1::Uint128]| wire.iter().map(|id| u128::from(*id)).collect::<Vec<_>>();
    assert_eq!(ids(&answer.missing), [9]);
    assert_eq!(ids(&answer.fenced), [6, 7]);
    assert_eq!(answer.answered, 5);
    let used_up = answer.used_up[0]
        .read(FieldPath::of("used_up"))
        .expect("well-formed");
    assert_eq!(used_up.status, TransferStatus::ExceedsCredits);
    assert_eq!(used_up.timestamp, Timestamp::new(1003));
    assert_eq!(answer.used_up.len(), 2);
    let fencing = answer.transfers[0]
        .clone()
        .read(FieldPath::of("transfer"))
        .expect("sound");
    assert_eq!(fencing.state, TransferState::Fenced);
    assert_eq!(fencing.transfer.timestamp, Timestamp::new(1004));
}

#[test]
fn events_that_tell_of_something_else_are_a_bug_and_no_answer() {
    let other = created(1, transfer(9, TransferFlags::NONE), HoldAfter::default(), 0);
    let found = [(TransferId::new(7), at(1, 0))];
    assert!(compose(&Receipt::default(), &found, vec![other.clone()], 1 << 20).is_err());
    assert!(compose(&Receipt::default(), &found, Vec::new(), 1 << 20).is_err());
    // A reservation that is resolved has an act.
    let pending = created(
        1,
        transfer(7, TransferFlags::PENDING),
        HoldAfter::default(),
        0,
    );
    assert!(compose(&Receipt::default(), &found, vec![pending], 1 << 20).is_err());
}

#[test]
fn an_answer_that_would_be_too_large_is_cut_and_says_where() {
    let single = created(1, transfer(7, TransferFlags::NONE), HoldAfter::default(), 0);
    let found = vec![(TransferId::new(7), at(1, 0)); 1000];
    let events = vec![single; 1000];
    let max = 20_000;
    let answer = compose(&Receipt::default(), &found, events, max).expect("cut");
    assert!(answer.encoded_len() <= max);
    assert!(answer.encoded_len() > max - 2000);
    assert_eq!(answer.answered as usize, answer.transfers.len());
}
