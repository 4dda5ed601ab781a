//! An account of many updates is put back in as much work as a page may take, and no more.

use std::sync::Arc;
use std::thread;

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, Transfer, TransferFlags, TransferId, UpdateId,
};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{
    AccountFilter, At, Command, Config, Direction, ListedAccount, Paging, Position, QueryError,
    TrialBalanceRow,
};

use crate::gate::GatedVfs;
use crate::teller::{
    Teller, account, clock, config, eventually, named_account, transfer_between, wait,
};

/// The account that is updated.
const BUSY: u128 = 2;
const UPDATES: u128 = 1_500;

/// A database of four accounts, one of which was updated often.
struct Books {
    teller: Teller,
    next_update: u128,
}

impl Books {
    fn open(page_units_max: u64) -> Self {
        let config = Config {
            page_units_max,
            ..config()
        };
        let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
        let accounts = (1..=4).map(|id| named_account(id, "as it was"));
        teller.create_accounts(accounts.collect());
        let mut books = Self {
            teller,
            next_update: 1,
        };
        for _ in 0..UPDATES / 50 {
            books.update(50, None);
        }
        books
    }

    /// Updates the busy account: its overdraft limit, unless it is to be named.
    fn update(&mut self, updates: u128, name: Option<&str>) {
        let ids = self.next_update..self.next_update + updates;
        self.next_update = ids.end;
        let update = |id| AccountUpdate {
            update_id: UpdateId::new(id),
            id: AccountId::new(BUSY),
            overdraft_limit: name.is_none().then_some(Amount::new(id)),
            name: name.map(Into::into),
            ..AccountUpdate::default()
        };
        let command = Command::UpdateAccounts(ids.map(update).collect());
        self.teller.ask(command).expect("an answer");
    }

    fn pay(&self, id: u128, flags: TransferFlags) {
        let flags = match flags {
            TransferFlags::NONE => flags,
            closing => closing.with(TransferFlags::PENDING),
        };
        let mut transfer = transfer_between(id, BUSY, 3, 7);
        transfer.flags = flags;
        self.teller.create_transfer(transfer);
    }

    /// The `n`th thing that happens to the busy account between pages.
    fn meddle(&mut self, n: usize) {
        match n {
            0 => self.pay(10, TransferFlags::NONE),
            1 => self.update(1, None),
            2 => self.update(1, Some("as it is")),
            3 => self.pay(11, TransferFlags::CLOSING_DEBIT),
            4 => {
                self.teller.create_transfer(void(12, 11));
            }
            _ => {}
        }
    }

    /// The accounts, page by page, and how many pages there were.
    fn accounts(&mut self, direction: Direction, meddled: Meddled) -> (Vec<ListedAccount>, usize) {
        let (mut accounts, mut pages) = (Vec::new(), 0);
        let mut from: Option<Position> = None;
        loop {
            let paging = Paging {
                direction,
                // All that comes after the first page is put back.
                limit: if pages == 0 { 1 } else { 100 },
                from,
            };
            let page = self
                .teller
                .engine
                .list_accounts(&AccountFilter::default(), &paging);
            let page = page.expect("answered");
            accounts.extend(page.accounts);
            pages += 1;
            assert!(
                page.next.is_none() || page.next != from,
                "a page that does not come on is asked for, for ever"
            );
            from = page.next;
            if from.is_none() {
                return (accounts, pages);
            }
            match meddled {
                Meddled::Never => {}
                Meddled::AtOnce if pages == 1 => (0..5).for_each(|n| self.meddle(n)),
                Meddled::AtOnce => {}
                Meddled::OneByOne => self.meddle(pages - 1),
            }
        }
    }

    fn trial_balance(&self, at: At) -> (Vec<TrialBalanceRow>, usize) {
        let (mut rows, mut pages, mut from) = (Vec::new(), 0, None);
        loop {
            let page = self.teller.engine.trial_balance(&[], at, from, 100);
            let page = page.expect("answered");
            rows.extend(page.accounts);
            pages += 1;
            assert!(page.next.is_none() || page.next != from);
            from = page.next;
            if from.is_none() {
                return (rows, pages);
            }
        }
    }
}

/// When something happens to the busy account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Meddled {
    Never,
    /// All of it after the first page.
    AtOnce,
    /// After each page another thing.
    OneByOne,
}

fn void(id: u128, pending_id: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        pending_id: TransferId::new(pending_id),
        flags: TransferFlags::VOID_PENDING_TRANSFER,
        ..Transfer::default()
    }
}

#[test]
fn a_list_goes_on_amid_an_account() {
    for direction in [Direction::Ascending, Direction::Descending] {
        for (units, meddled) in [
            (40, Meddled::AtOnce),
            (3, Meddled::AtOnce),
            (3, Meddled::OneByOne),
            (1, Meddled::OneByOne),
        ] {
            let mut books = Books::open(units);
            let (expected, pages) = books.accounts(direction, Meddled::Never);
            assert_eq!((expected.len(), pages), (4, 2));
            let (listed, pages) = books.accounts(direction, meddled);
            assert_eq!(listed, expected, "{units} units, {direction:?}");
            // Each update is an event that is read, and the last one of a page may go beyond.
            let pages_min = UPDATES as usize / (units as usize + 1);
            assert!(pages >= pages_min, "{pages} pages of {units} units");
        }
    }
}

#[test]
fn a_trial_balance_of_the_past_goes_on_amid_an_account() {
    let mut books = Books::open(40);
    let (expected, _) = books.trial_balance(At::Now);
    let then = At::Sequence(books.teller.engine.status().durable);
    // What does not touch the name does not matter to it.
    books.update(1, None);
    assert_eq!(books.trial_balance(then), (expected.clone(), 1));
    books.update(1, Some("as it is"));
    books.pay(10, TransferFlags::NONE);
    let (rows, pages) = books.trial_balance(then);
    assert_eq!(rows, expected);
    assert!(pages >= UPDATES as usize / 41, "{pages} pages");
}

/// An account that a hold closed stays closed at the moment of the list, however often it is
/// closed and opened later.
#[test]
fn what_closed_an_account_is_found_behind_many_changes() {
    let mut books = Books::open(3);
    books.pay(5, TransferFlags::CLOSING_DEBIT);
    for _ in 0..20 {
        books.update(50, None);
    }
    let (expected, _) = books.accounts(Direction::Ascending, Meddled::Never);
    assert!(expected[1].account.flags.contains(AccountFlags::CLOSED));
    let teller = &books.teller;
    let first = Paging {
        limit: 1,
        ..Paging::default()
    };
    let filter = AccountFilter::default();
    let mut page = teller.engine.list_accounts(&filter, &first).unwrap();
    teller.create_transfer(void(6, 5));
    let (mut listed, mut pages) = (page.accounts, 1);
    while page.next.is_some() {
        let paging = Paging {
            limit: 100,
            from: page.next,
            ..first
        };
        page = teller.engine.list_accounts(&filter, &paging).unwrap();
        listed.extend(page.accounts.iter().cloned());
        pages += 1;
    }
    assert_eq!(listed, expected);
    assert!(pages > 4, "{pages} pages");
}

#[test]
fn a_lookup_that_has_no_pages_fails_instead() {
    let config = Config {
        page_units_max: 1,
        ..config()
    };
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config, Arc::new(vfs), &clock()).unwrap();
    let ids: Vec<u128> = (1..=4_100).collect();
    for ids in ids.chunks(150) {
        teller.create_accounts(ids.iter().map(|&id| account(id)).collect());
    }
    let ids: Vec<_> = ids.into_iter().map(AccountId::new).collect();
    let update = |ids: std::ops::Range<u128>| {
        let update = |update_id| AccountUpdate {
            update_id: UpdateId::new(update_id),
            id: AccountId::new(4_100),
            overdraft_limit: Some(Amount::new(update_id)),
            ..AccountUpdate::default()
        };
        Command::UpdateAccounts(ids.map(update).collect())
    };
    // More than a lookup of so many accounts may take.
    for first in (1..18_000).step_by(200) {
        teller.ask(update(first..first + 200)).expect("an answer");
    }
    for is_of_totals in [false, true] {
        let first = if is_of_totals { 30_001 } else { 30_003 };
        gate.shut();
        // The first turn of the writer waits for one update, the second one comes after another.
        let before = teller.start(update(first..first + 1)).unwrap();
        gate.wait_for_somebody();
        thread::scope(|scope| {
            let asked = scope.spawn(|| match is_of_totals {
                true => teller
                    .engine
                    .balances_at(&ids, At::Now)
                    .map(|told| told.found.len()),
                false => teller
                    .engine
                    .lookup_accounts(&ids)
                    .map(|told| told.found.len()),
            });
            eventually("the question is in the queue", || {
                teller.engine.status().queued_requests == 2
            });
            let between = teller.start(update(first + 1..first + 2)).unwrap();
            gate.open();
            [before, between]
                .iter()
                .for_each(|it| drop(wait(it).unwrap()));
            match asked.join().unwrap() {
                // Totals have nothing to do with updates.
                Ok(found) => assert!(is_of_totals && found == ids.len()),
                Err(QueryError::Limit { name, limit }) => {
                    assert_eq!((is_of_totals, name, limit), (false, "page_units_max", 1));
                }
                Err(error) => panic!("{error}"),
            }
        });
    }
}
