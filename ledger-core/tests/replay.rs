//! Replay takes nothing that cannot follow: each recorded event is damaged in every way that its
//! checksums might miss, and must then be refused for the right reason.

#![allow(
    unreachable_pub,
    reason = "the modules are shared between test programs"
)]

mod books;
mod core_books;
mod journal_in_memory;
mod script;

use core_books::CoreBooks;
use ledger_core::{
    AccountId, Amount, Contradiction, EpochBegan, Event, Fact, LedgerId, Sequence, State,
    Timestamp, Totals, TransferFlags,
};
use script::{Script, run};

/// Something of each kind of event: partial posts, chains, fences, reversals, expiries.
const SCRIPTS: [&str; 5] = [
    include_str!("golden/chains.script"),
    include_str!("golden/expiry.script"),
    include_str!("golden/fences.script"),
    include_str!("golden/ledgers_and_accounts.script"),
    include_str!("golden/two_phase.script"),
];

fn history(text: &str) -> Vec<Event> {
    let mut books = CoreBooks::new(3);
    run(&Script::parse(text), &mut books, |_| {});
    books.journal.events().to_vec()
}

fn state_before(events: &[Event]) -> State {
    let mut state = State::new(4);
    for event in events {
        state
            .replay(event)
            .expect("what was decided can be replayed");
    }
    state
}

fn more(amount: &mut Amount) {
    *amount = match amount.checked_add(Amount::new(1)) {
        Some(sum) => sum,
        None => Amount::new(u128::MAX - 1),
    };
}

type Damage = (
    &'static str,
    fn(&mut Event) -> bool,
    fn(&Contradiction) -> bool,
);

fn of_created(event: &mut Event, damage: fn(&mut ledger_core::TransferCreated)) -> bool {
    let Fact::TransferCreated(created) = &mut event.fact else {
        return false;
    };
    damage(created);
    true
}

fn of_resolution(event: &mut Event, damage: fn(&mut ledger_core::TransferCreated)) -> bool {
    let Fact::TransferCreated(created) = &mut event.fact else {
        return false;
    };
    if created.transfer.pending_id.is_zero() {
        return false;
    }
    damage(created);
    true
}

fn of_expired(event: &mut Event, damage: fn(&mut ledger_core::TransferExpired)) -> bool {
    let Fact::TransferExpired(expired) = &mut event.fact else {
        return false;
    };
    damage(expired);
    true
}

fn each_total(totals: &mut Totals, which: usize) {
    let all = [
        &mut totals.debits_pending,
        &mut totals.debits_posted,
        &mut totals.credits_pending,
        &mut totals.credits_posted,
    ];
    for (index, total) in all.into_iter().enumerate() {
        if index == which {
            more(total);
        }
    }
}

/// Each kind of damage, where it applies, and what must be said of it.
const DAMAGES: &[Damage] = &[
    (
        "a sequence left out",
        |event| {
            event.sequence = event.sequence.next();
            true
        },
        |why| matches!(why, Contradiction::SequenceGap { .. }),
    ),
    (
        "the sequence of the event before",
        |event| {
            event.sequence = Sequence::new(event.sequence.get() - 1);
            true
        },
        |why| matches!(why, Contradiction::SequenceGap { .. }),
    ),
    (
        "no time",
        |event| {
            event.time = Timestamp::ZERO;
            true
        },
        |why| matches!(why, Contradiction::TimeNotIncreasing { .. }),
    ),
    (
        "a transfer's amount",
        |event| of_created(event, |created| more(&mut created.transfer.amount)),
        |why| {
            matches!(
                why,
                Contradiction::TotalsWrong(_) | Contradiction::HoldSplitWrong(_)
            )
        },
    ),
    (
        "a total of the debit account",
        |event| of_created(event, |created| each_total(&mut created.debit_after, 1)),
        |why| matches!(why, Contradiction::TotalsWrong(_)),
    ),
    (
        "a pending total of the debit account",
        |event| of_created(event, |created| each_total(&mut created.debit_after, 0)),
        |why| matches!(why, Contradiction::TotalsWrong(_)),
    ),
    (
        "a total of the debit account that the event does not touch",
        |event| of_created(event, |created| each_total(&mut created.debit_after, 3)),
        |why| matches!(why, Contradiction::TotalsWrong(_)),
    ),
    (
        "a total of the credit account",
        |event| of_created(event, |created| each_total(&mut created.credit_after, 3)),
        |why| matches!(why, Contradiction::TotalsWrong(_)),
    ),
    (
        "a pending total of the credit account",
        |event| of_created(event, |created| each_total(&mut created.credit_after, 2)),
        |why| matches!(why, Contradiction::TotalsWrong(_)),
    ),
    (
        "an unknown debit account",
        |event| {
            of_created(event, |created| {
                created.transfer.debit_account_id = AccountId::new(4711)
            })
        },
        |why| matches!(why, Contradiction::AccountUnknown(_)),
    ),
    (
        "an unknown credit account",
        |event| {
            of_created(event, |created| {
                created.transfer.credit_account_id = AccountId::new(4711)
            })
        },
        |why| matches!(why, Contradiction::AccountUnknown(_)),
    ),
    (
        "accounts that are swapped",
        |event| {
            of_created(event, |created| {
                let transfer = &mut created.transfer;
                std::mem::swap(
                    &mut transfer.debit_account_id,
                    &mut transfer.credit_account_id,
                );
                more(&mut created.debit_after.debits_posted);
            })
        },
        |why| {
            matches!(
                why,
                Contradiction::TotalsWrong(_) | Contradiction::HoldSplitWrong(_)
            )
        },
    ),
    (
        "another ledger",
        |event| of_created(event, |created| created.transfer.ledger = LedgerId::new(77)),
        |why| matches!(why, Contradiction::LedgerDifferent(..)),
    ),
    (
        "a reservation that never was",
        |event| {
            of_resolution(event, |created| {
                created.transfer.pending_id = ledger_core::TransferId::new(4711);
            })
        },
        |why| matches!(why, Contradiction::HoldUnknown(_)),
    ),
    (
        "what was posted of a reservation",
        |event| of_resolution(event, |created| more(&mut created.hold.posted)),
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "what was released of a reservation",
        |event| of_resolution(event, |created| more(&mut created.hold.released)),
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "what is left of a reservation",
        |event| of_resolution(event, |created| more(&mut created.hold.rest)),
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "a timeout past the end of time",
        |event| {
            of_created(event, |created| {
                created.transfer.timestamp = Timestamp::MAX;
                created.transfer.timeout = 1;
                created.transfer.flags = created.transfer.flags.with(TransferFlags::PENDING);
            })
        },
        |why| {
            // The flag turns other kinds into a reservation of the same amount.
            matches!(
                why,
                Contradiction::TimeoutTooLong(_)
                    | Contradiction::TotalsWrong(_)
                    | Contradiction::HoldSplitWrong(_)
            )
        },
    ),
    (
        "an expiry of more than is left",
        |event| of_expired(event, |expired| more(&mut expired.released)),
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "an expiry of what was posted otherwise",
        |event| of_expired(event, |expired| more(&mut expired.posted)),
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "an expiry of what never was",
        |event| {
            of_expired(event, |expired| {
                expired.pending_id = ledger_core::TransferId::new(4711);
            })
        },
        |why| matches!(why, Contradiction::HoldUnknown(_)),
    ),
    (
        "an expiry with another total",
        |event| of_expired(event, |expired| each_total(&mut expired.credit_after, 2)),
        |why| matches!(why, Contradiction::TotalsWrong(_)),
    ),
];

#[test]
fn an_event_that_was_damaged_is_refused() {
    let mut applied = vec![0; DAMAGES.len()];
    for script in SCRIPTS {
        let events = history(script);
        for (index, event) in events.iter().enumerate() {
            for (damage, (what, make, is_right)) in DAMAGES.iter().enumerate() {
                let mut damaged = event.clone();
                if !make(&mut damaged) {
                    continue;
                }
                applied[damage] += 1;
                match state_before(&events[..index]).replay(&damaged) {
                    Ok(()) => panic!("{what} was not noticed in {damaged:?}"),
                    Err(why) => assert!(is_right(&why), "{what} is told as: {why}"),
                }
            }
        }
    }
    for ((what, ..), applied) in DAMAGES.iter().zip(applied) {
        assert!(applied > 0, "no event could be damaged by {what}");
    }
}

#[test]
fn an_event_is_not_replayed_twice() {
    for script in SCRIPTS {
        let events = history(script);
        for (index, event) in events.iter().enumerate() {
            let mut state = state_before(&events[..=index]);
            let again = Event {
                sequence: event.sequence.next(),
                time: event.time.next(),
                ..event.clone()
            };
            let why = state.replay(&again).expect_err("its id was used");
            let right = match &event.fact {
                Fact::LedgerRegistered(_) => matches!(why, Contradiction::LedgerRepeated(_)),
                Fact::AccountCreated(_) => matches!(why, Contradiction::AccountRepeated(_)),
                Fact::AccountUpdated(_) => matches!(why, Contradiction::UpdateRepeated(_)),
                Fact::TransferExpired(_) => matches!(why, Contradiction::HoldUnknown(_)),
                _ => matches!(why, Contradiction::TransferRepeated(_)),
            };
            assert!(right, "{event:?} again is told as: {why}");
        }
    }
}

#[test]
fn any_event_left_out_is_noticed() {
    let events = history(SCRIPTS[0]);
    for left_out in 0..events.len() - 1 {
        let mut state = state_before(&events[..left_out]);
        let why = state
            .replay(&events[left_out + 1])
            .expect_err("one is missing");
        assert!(matches!(why, Contradiction::SequenceGap { .. }), "{why}");
    }
}

#[test]
fn the_same_events_give_the_same_digest_whatever_the_seed() {
    for script in SCRIPTS {
        let events = history(script);
        let digests: Vec<[u8; 32]> = [0, 1, u64::MAX]
            .map(|seed| {
                let mut state = State::new(seed);
                for event in &events {
                    state
                        .replay(event)
                        .expect("what was decided can be replayed");
                }
                state.digest()
            })
            .to_vec();
        assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
        assert_ne!(
            digests[0],
            state_before(&events[..events.len() - 1]).digest()
        );
    }
}

#[test]
fn journal_time_never_falls_below_what_was_observed() {
    let mut books = CoreBooks::new(3);
    let account = |id| ledger_core::NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..ledger_core::NewAccount::default()
    };
    let now = Timestamp::new(100);
    books::Books::create_accounts(&mut books, now, &[account(1)]);
    books.state.observe_time(Timestamp::new(500));
    assert_eq!(books.state.time(), Timestamp::new(500));
    books.state.observe_time(Timestamp::new(300));
    books::Books::create_accounts(&mut books, now, &[account(2)]);
    assert_eq!(books.journal.events()[1].time, Timestamp::new(501));
    books::Books::create_accounts(&mut books, Timestamp::new(900), &[account(3)]);
    assert_eq!(books.journal.events()[2].time, Timestamp::new(900));

    let mut state = State::new(4);
    state.observe_time(Timestamp::new(100));
    let why = state
        .replay(&books.journal.events()[0])
        .expect_err("it is no later");
    assert!(
        matches!(why, Contradiction::TimeNotIncreasing { .. }),
        "{why}"
    );
}

/// The event with which another history begins behind `events`.
fn epoch_began(events: &[Event], change: fn(&mut EpochBegan)) -> Event {
    let last = events.last().expect("something happened");
    let mut began = EpochBegan {
        epoch: 2,
        parent: 1,
        fork: last.sequence,
    };
    change(&mut began);
    Event {
        sequence: last.sequence.next(),
        time: Timestamp::new(last.time.get() + 1),
        chained: false,
        fact: Fact::EpochBegan(began),
    }
}

#[test]
fn another_epoch_changes_nothing_but_sequence_and_time() {
    for script in SCRIPTS {
        let events = history(script);
        let (before, mut after) = (state_before(&events), state_before(&events));
        let began = epoch_began(&events, |_| {});
        after.replay(&began).expect("an epoch can begin anywhere");
        assert_eq!(
            (after.sequence(), after.time()),
            (began.sequence, began.time)
        );
        assert_eq!(after.account_count(), before.account_count());
        assert_eq!(after.open_holds(), before.open_holds());
        assert_eq!(after.transfer_count(), before.transfer_count());
    }
}

#[test]
fn an_epoch_branches_off_where_it_begins() {
    let events = history(SCRIPTS[0]);
    let wrong: [fn(&mut EpochBegan); 3] = [
        |began| began.fork = Sequence::ZERO,
        |began| began.fork = began.fork.next(),
        |began| began.parent = began.epoch,
    ];
    for change in wrong {
        let began = epoch_began(&events, change);
        let refused = state_before(&events).replay(&began);
        assert_eq!(refused, Err(Contradiction::EpochWrong(2)));
    }
}
