//! Recent ids in generations: what is forgotten, what is noted later, and what is still found when
//! there are many.

#![allow(
    unreachable_pub,
    reason = "the modules are shared between test programs"
)]

mod books;
mod core_books;
mod journal_in_memory;

use books::Books;
use core_books::CoreBooks;
use ledger_core::{
    AccountId, GroupId, LedgerId, NewAccount, Sequence, Timestamp, Transfer, TransferFlags,
    TransferId, TransferStatus,
};

const NOW: Timestamp = Timestamp::new(1);

fn books() -> CoreBooks {
    let mut books = CoreBooks::new(11);
    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    books.create_accounts(NOW, &[account(1), account(2)]);
    books
}

fn payment(id: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        debit_account_id: AccountId::new(1),
        credit_account_id: AccountId::new(2),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    }
}

fn hold(id: u128, group: u128) -> Transfer {
    Transfer {
        group_id: GroupId::new(group),
        flags: TransferFlags::PENDING,
        ..payment(id)
    }
}

fn statuses(books: &mut CoreBooks, transfers: &[Transfer]) -> Vec<TransferStatus> {
    let answers = books.create_transfers(NOW, transfers, false);
    answers.iter().map(|answer| answer.status).collect()
}

#[test]
fn the_reservations_of_a_group_are_counted_over_generations_and_files() {
    let mut books = books();
    let batches = [0..3_000, 3_000..6_000, 6_000..8_190];
    let mut ends = Vec::new();
    for batch in batches {
        let holds: Vec<Transfer> = batch.map(|n| hold(1_000 + n, 7)).collect();
        assert!(
            statuses(&mut books, &holds)
                .iter()
                .all(|status| *status == TransferStatus::Created)
        );
        ends.push(books.state.sequence());
        books.state.begin_recent();
    }
    // The first batch is in files, the second and third are in generations of their own.
    books.forget(ends[0]);
    assert_eq!(books.state.recent_from(), ends[0].next());
    assert_eq!(
        statuses(
            &mut books,
            &[hold(1, 7), hold(2, 7), hold(3, 7), hold(4, 8)]
        ),
        [
            TransferStatus::Created,
            TransferStatus::Created,
            TransferStatus::GroupIsFull,
            TransferStatus::Created
        ],
    );
    books.forget(ends[2]);
    assert_eq!(
        statuses(&mut books, &[hold(5, 7), hold(6, 8)]),
        [TransferStatus::GroupIsFull, TransferStatus::Created],
    );
}

#[test]
fn of_many_generations_every_id_is_found_and_no_other() {
    let mut books = books();
    // Enough for the filters of older generations to be whole, and then some without.
    let generations = [20_000, 5_000, 18_000, 300, 17_000_u128];
    let mut first = 10_u128;
    for count in generations {
        for ids in (first..first + count).collect::<Vec<_>>().chunks(8_190) {
            let payments: Vec<Transfer> = ids.iter().map(|&id| payment(id)).collect();
            statuses(&mut books, &payments);
        }
        first += count;
        books.state.begin_recent();
    }
    let found = |books: &CoreBooks, id| {
        let found = books
            .state
            .find_transfer(&books.journal, TransferId::new(id));
        found.expect("a journal in memory can be read").is_some()
    };
    assert!((10..first).all(|id| found(&books, id)));
    assert!((first..2 * first).all(|id| !found(&books, id)));
    books.forget(Sequence::new(21_000));
    assert!((10..first).all(|id| found(&books, id)));
    assert!((first..2 * first).all(|id| !found(&books, id)));
}

#[test]
fn the_generation_that_is_written_to_is_never_forgotten() {
    let mut books = books();
    statuses(&mut books, &[payment(1)]);
    let everything = Sequence::new(u64::MAX);
    assert!(books.state.forget_recent(everything).is_none());
    books.state.begin_recent();
    books.state.begin_recent();
    assert_eq!(books.state.recent_from(), Sequence::new(1));
    assert!(books.state.forget_recent(Sequence::new(2)).is_none());
    assert!(books.state.forget_recent(everything).is_some());
    assert_eq!(books.state.recent_from(), books.state.sequence().next());
}

#[test]
#[should_panic(expected = "events are noted in order")]
fn ids_are_noted_in_order() {
    let mut books = books();
    statuses(&mut books, &[payment(1), payment(2)]);
    books.state.note_ids_from(Sequence::new(3));
    let second = books.history()[3].clone();
    books.state.note_ids_of(&second);
}

#[test]
#[should_panic(expected = "ids are noted up to the newest event before another one")]
fn nothing_is_decided_before_ids_are_noted() {
    let mut books = books();
    statuses(&mut books, &[payment(1), payment(2)]);
    books.state.note_ids_from(Sequence::new(3));
    let first = books.history()[2].clone();
    books.state.note_ids_of(&first);
    statuses(&mut books, &[payment(3)]);
}

#[test]
#[should_panic(expected = "the ids of what is decided are noted")]
fn nothing_is_decided_whose_ids_would_not_be_noted() {
    let mut books = books();
    books.state.note_ids_from(Sequence::new(9));
    statuses(&mut books, &[payment(3)]);
}
