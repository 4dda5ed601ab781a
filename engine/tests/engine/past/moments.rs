//! Pages are of moments that can be: after a request, and not beyond the end.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ledger_core::{AccountId, Sequence, Timestamp};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{
    AccountFilter, AccountPage, At, BalanceFilter, Between, Command, Direction, Paging, Position,
    QueryError, ReadError, TransferFilter,
};

use crate::gate::GatedVfs;
use crate::teller::{Teller, account, clock, config, eventually, transfer_between, wait};

/// What each of the lists says of a position.
fn asked(teller: &Teller, from: Position) -> [Option<QueryError>; 4] {
    let paging = Paging {
        from: Some(from),
        ..Paging::default()
    };
    let history = BalanceFilter {
        account: AccountId::new(1),
        sequences: Between::default(),
        times: Between::default(),
    };
    let engine = &teller.engine;
    [
        engine
            .list_transfers(&TransferFilter::default(), &paging)
            .err(),
        engine
            .list_accounts(&AccountFilter::default(), &paging)
            .err(),
        engine.list_balances(&history, &paging).err(),
        engine.trial_balance(&[], At::Now, Some(from), 1).err(),
    ]
}

#[test]
fn a_position_that_no_page_told_is_refused() {
    let teller = Teller::open(&MemoryVfs::new(1), &clock());
    teller.open_accounts(3);
    let transfers = (1..=5).map(|id| transfer_between(id, 1, 2, 1)).collect();
    teller.create_transfers(transfers);
    let page = teller.engine.list_transfers(
        &TransferFilter::default(),
        &Paging {
            limit: 1,
            ..Paging::default()
        },
    );
    let position = page.unwrap().next.unwrap();
    for as_of in 0..=20 {
        let as_of = Sequence::new(as_of);
        for refused in asked(&teller, Position { as_of, ..position }) {
            let as_expected = match as_of.get() {
                0 | 3 | 8 => refused.is_none(),
                1..8 => matches!(refused, Some(QueryError::Position)),
                _ => matches!(
                    refused,
                    Some(QueryError::Read(ReadError::BeyondEnd { sequence, .. }))
                        if sequence == as_of
                ),
            };
            assert!(as_expected, "as of {as_of}: {refused:?}");
        }
    }
    // The trial balance of one moment does not go on as that of another.
    let of_accounts = Position {
        as_of: Sequence::new(3),
        ..position
    };
    let at = |sequence| At::Sequence(Sequence::new(sequence));
    let page = |at| teller.engine.trial_balance(&[], at, Some(of_accounts), 9);
    assert!(page(at(3)).is_ok() && page(at(7)).is_ok());
    assert!(matches!(page(at(8)), Err(QueryError::Position)));
    assert!(matches!(page(at(2)), Err(QueryError::Position)));
}

/// Whatever comes to lie in a range of times, or behind it, while a page is made is on no page.
#[test]
fn accounts_of_a_range_of_times_that_goes_on_are_of_one_moment() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let (vfs, clock) = (GatedVfs::new(MemoryVfs::new(1)), clock());
        let gate = vfs.gate();
        let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock).unwrap();
        teller.open_accounts(3);
        let time = teller.engine.status().time;
        let second = |n: u64| Timestamp::new(time.get() + n * 1_000_000_000);
        let filter = AccountFilter {
            created: Between {
                min: None,
                max: Some(second(10)),
            },
            ..AccountFilter::default()
        };
        let list = |from, limit| {
            let paging = Paging {
                direction,
                limit,
                from,
            };
            teller.engine.list_accounts(&filter, &paging).unwrap()
        };
        let create = |id, at| {
            clock.set_wall(at);
            clock.advance(Duration::from_nanos(1));
            let command = Command::CreateAccounts(vec![account(id)]);
            teller.start(command).unwrap()
        };
        gate.shut();
        // One in the range and one behind it, of which no reader can know yet.
        let mut pending = vec![create(4, second(9))];
        gate.wait_for_somebody();
        pending.push(create(5, second(11)));
        let (first, ids) = thread::scope(|scope| {
            let listing = scope.spawn(|| list(None, 2));
            // What is asked of the writer waits for the same disk.
            eventually("the list is asked for", || {
                teller.engine.status().queued_requests == 3
            });
            gate.open();
            let first: AccountPage = listing.join().unwrap();
            pending
                .iter()
                .for_each(|pending| drop(wait(pending).unwrap()));
            wait(&create(6, second(12))).unwrap();
            let rest = list(first.next, 100);
            assert_eq!(rest.next, None);
            let accounts = first.accounts.iter().chain(&rest.accounts);
            let ids: Vec<_> = accounts.map(|it| it.account.id.get()).collect();
            (first, ids)
        });
        assert_eq!(first.as_of.sequence, Sequence::new(3));
        let mut expected = vec![1, 2, 3];
        if direction == Direction::Descending {
            expected.reverse();
        }
        assert_eq!(ids, expected, "{direction:?}");
        // Once they are there, the one in the range is listed, and those behind it are not.
        assert_eq!(list(None, 100).accounts.len(), 4);
    }
}
