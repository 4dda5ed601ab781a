use ledger_core::{Amount, Fact, HoldAfter, Transfer, TransferCreated, TransferFlags, TransferId};

use super::*;

struct Events(Vec<Event>);

impl EventSource for Events {
    fn scan(
        &self,
        after: Sequence,
        through: Sequence,
        each: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let wanted = |event: &&Event| event.sequence > after && event.sequence <= through;
        for event in self.0.iter().filter(wanted) {
            if each(event).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn totals(numbers: [u128; 4]) -> Totals {
    let [
        debits_pending,
        debits_posted,
        credits_pending,
        credits_posted,
    ] = numbers.map(Amount::new);
    Totals {
        debits_pending,
        debits_posted,
        credits_pending,
        credits_posted,
    }
}

fn event(
    sequence: u64,
    flags: TransferFlags,
    amount: u128,
    released: u128,
    after: [[u128; 4]; 2],
) -> Event {
    Event {
        sequence: Sequence::new(sequence),
        time: Timestamp::new(sequence),
        chained: false,
        fact: Fact::TransferCreated(TransferCreated {
            transfer: Transfer {
                id: TransferId::new(u128::from(sequence)),
                debit_account_id: AccountId::new(1),
                credit_account_id: AccountId::new(2),
                amount: Amount::new(amount),
                flags,
                ..Transfer::default()
            },
            took_all: false,
            hold: HoldAfter {
                released: Amount::new(released),
                ..HoldAfter::default()
            },
            reversed: Amount::ZERO,
            debit_after: totals(after[0]),
            credit_after: totals(after[1]),
        }),
    }
}

fn row(id: u128, created: u64, changed: u64, figures: [u128; 4]) -> ChunkRow {
    ChunkRow {
        row: TrialBalanceRow {
            id: AccountId::new(id),
            ledger: LedgerId::new(1),
            code: 1,
            named: Sequence::ZERO,
            totals: totals(figures),
        },
        created: Sequence::new(created),
        changed: Sequence::new(changed),
    }
}

fn put_back_to(sequence: u64, rows: &mut [ChunkRow], events: Vec<Event>) -> Vec<Totals> {
    put_back(rows, Sequence::new(sequence), &Events(events)).expect("the events are read");
    rows.iter().map(|row| row.row.totals).collect()
}

#[test]
fn the_first_event_after_the_sequence_tells_what_was_before_it() {
    let pending = TransferFlags::PENDING;
    let post = TransferFlags::POST_PENDING_TRANSFER;
    let events = vec![
        event(3, pending, 10, 0, [[10, 0, 0, 0], [0, 0, 10, 0]]),
        // Posts 4 of the 10 and releases the rest.
        event(4, post, 4, 6, [[0, 4, 0, 0], [0, 0, 0, 4]]),
        event(5, TransferFlags::NONE, 1, 0, [[0, 5, 0, 0], [0, 0, 0, 5]]),
    ];
    let now = || [row(1, 1, 5, [0, 5, 0, 0]), row(2, 2, 5, [0, 0, 0, 5])];
    let expected = [
        (2, [[0, 0, 0, 0], [0, 0, 0, 0]]),
        (3, [[10, 0, 0, 0], [0, 0, 10, 0]]),
        (4, [[0, 4, 0, 0], [0, 0, 0, 4]]),
        (5, [[0, 5, 0, 0], [0, 0, 0, 5]]),
    ];
    for (sequence, figures) in expected {
        let put = put_back_to(sequence, &mut now(), events.clone());
        assert_eq!(put, figures.map(totals), "as of {sequence}");
    }
}

#[test]
fn an_event_whose_totals_contradict_its_amount_is_reported() {
    let events = vec![event(
        3,
        TransferFlags::NONE,
        10,
        0,
        [[0, 9, 0, 0], [0, 0, 0, 10]],
    )];
    let mut rows = [row(1, 1, 3, [0, 9, 0, 0])];
    let put = put_back(&mut rows, Sequence::new(2), &Events(events));
    assert!(
        matches!(put, Err(ReadError::Contradiction { sequence }) if sequence == Sequence::new(3))
    );
}

#[test]
fn an_account_that_changed_without_an_event_is_reported() {
    let mut rows = [row(7, 1, 3, [0, 9, 0, 0])];
    let put = put_back(&mut rows, Sequence::new(2), &Events(Vec::new()));
    assert!(matches!(put, Err(ReadError::Contradiction { .. })));
}
