//! A state is put together only from records that agree with each other: each record of a snapshot
//! is damaged in every way that its checksums might miss, and must be refused for the right reason.

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
    Account, AccountId, Amount, Contradiction, Hold, Ledger, LedgerId, Restoration, Sequence,
    Standing, State, Sum, Timestamp, TransferId,
};
use script::{Script, run};

/// All that a state is made of.
#[derive(Clone)]
struct Records {
    standing: Standing,
    ledgers: Vec<Ledger>,
    accounts: Vec<(usize, Account)>,
    holds: Vec<Hold>,
}

impl Records {
    fn of(state: &State) -> Self {
        Self {
            standing: state.standing(),
            ledgers: state.ledgers().cloned().collect(),
            accounts: state.accounts_from(0).cloned().enumerate().collect(),
            holds: state.holds().cloned().collect(),
        }
    }

    fn put_together(self, count: usize) -> Result<State, Contradiction> {
        let mut restoration = Restoration::new(5, count);
        for ledger in self.ledgers {
            restoration.ledger(ledger)?;
        }
        for (position, account) in self.accounts {
            restoration.account(position, account)?;
        }
        for hold in self.holds {
            restoration.hold(hold)?;
        }
        restoration.finish(self.standing)
    }
}

fn more(amount: &mut Amount) {
    *amount = amount.checked_add(Amount::new(1)).expect("it is small");
}

type Damage = (&'static str, fn(&mut Records), fn(&Contradiction) -> bool);

/// Each kind of damage, and what must be said of it.
const DAMAGES: &[Damage] = &[
    (
        "a ledger twice",
        |records| records.ledgers.push(records.ledgers[0].clone()),
        |why| matches!(why, Contradiction::LedgerRepeated(_)),
    ),
    (
        "a ledger's code twice",
        |records| {
            records.ledgers[0].code = "USD".into();
            let mut other = Ledger::new(LedgerId::new(77));
            other.code = "USD".into();
            records.ledgers.push(other);
        },
        |why| matches!(why, Contradiction::LedgerRepeated(_)),
    ),
    (
        "a ledger left out",
        |records| drop(records.ledgers.remove(0)),
        |why| matches!(why, Contradiction::LedgerUnknown(_)),
    ),
    (
        "a ledger's sum",
        |records| records.ledgers[0].debits_posted.add(Amount::new(1)),
        |why| matches!(why, Contradiction::LedgerSumsWrong(_)),
    ),
    (
        "a ledger's sum above 128 bits",
        |records| {
            let sum = &mut records.ledgers[0].credits_posted;
            *sum = Sum::from_parts(1, sum.low());
        },
        |why| matches!(why, Contradiction::LedgerSumsWrong(_)),
    ),
    (
        "a ledger's number of accounts",
        |records| records.ledgers[0].accounts += 1,
        |why| matches!(why, Contradiction::LedgerSumsWrong(_)),
    ),
    (
        "a ledger's number of transfers",
        |records| records.ledgers[0].transfers += 1,
        |why| matches!(why, Contradiction::StandingWrong),
    ),
    (
        "a total, in the ledger as well",
        |records| {
            more(&mut records.accounts[0].1.totals.debits_posted);
            let ledger = records.accounts[0].1.ledger;
            let ledger = records.ledgers.iter_mut().find(|other| other.id == ledger);
            ledger
                .expect("it is there")
                .debits_posted
                .add(Amount::new(1));
        },
        |why| matches!(why, Contradiction::LedgerUnbalanced(_)),
    ),
    (
        "an account twice",
        |records| {
            let (_, account) = records.accounts[0].clone();
            records.accounts[1].1 = account;
        },
        |why| matches!(why, Contradiction::AccountRepeated(_)),
    ),
    (
        "two accounts in one place",
        |records| records.accounts[1].0 = 0,
        |why| matches!(why, Contradiction::AccountMisplaced(_)),
    ),
    (
        "an account past the last place",
        |records| records.accounts[0].0 = 1_000_000,
        |why| matches!(why, Contradiction::AccountMisplaced(_)),
    ),
    (
        "accounts that changed places",
        |records| {
            records.accounts[0].0 = 1;
            records.accounts[1].0 = 0;
        },
        |why| matches!(why, Contradiction::AccountMisplaced(_)),
    ),
    (
        "an account without an id",
        |records| records.accounts[0].1.id = AccountId::ZERO,
        |why| matches!(why, Contradiction::AccountMisplaced(_)),
    ),
    (
        "an account left out",
        |records| {
            // One that no reservation names.
            records.holds.clear();
            records.accounts.pop();
        },
        |why| matches!(why, Contradiction::AccountsMissing(1)),
    ),
    (
        "an account of another ledger",
        |records| {
            let other = Ledger::new(LedgerId::new(77));
            records.ledgers.push(other);
            records.holds.clear();
            records.accounts[0].1.ledger = LedgerId::new(77);
        },
        |why| matches!(why, Contradiction::LedgerSumsWrong(_)),
    ),
    (
        "an account changed after the end",
        |records| records.accounts[0].1.changed = records.standing.sequence.next(),
        |why| matches!(why, Contradiction::BeyondEnd { .. }),
    ),
    (
        "an account named after the end",
        |records| records.accounts[0].1.named = records.standing.sequence.next(),
        |why| matches!(why, Contradiction::BeyondEnd { .. }),
    ),
    (
        "another newest account",
        |records| records.standing.newest_account = Timestamp::new(7),
        |why| matches!(why, Contradiction::StandingWrong),
    ),
    (
        "another number of transfers",
        |records| records.standing.transfers += 1,
        |why| matches!(why, Contradiction::StandingWrong),
    ),
    (
        "an earlier end",
        |records| records.standing.sequence = Sequence::new(1),
        |why| matches!(why, Contradiction::BeyondEnd { .. }),
    ),
    (
        "a reservation left out",
        |records| drop(records.holds.pop()),
        |why| matches!(why, Contradiction::PendingWrong(_)),
    ),
    (
        "a reservation twice",
        |records| records.holds.push(records.holds[0].clone()),
        |why| matches!(why, Contradiction::HoldRepeated(_)),
    ),
    (
        "a reservation under another id too",
        |records| {
            let mut hold = records.holds[0].clone();
            hold.id = TransferId::new(987_654);
            records.holds.push(hold);
        },
        |why| matches!(why, Contradiction::PendingWrong(_)),
    ),
    (
        "a reservation without an id",
        |records| records.holds[0].id = TransferId::ZERO,
        |why| matches!(why, Contradiction::HoldRepeated(_)),
    ),
    (
        "what is left of a reservation",
        |records| {
            more(&mut records.holds[0].amount);
            more(&mut records.holds[0].rest);
        },
        |why| matches!(why, Contradiction::PendingWrong(_)),
    ),
    (
        "more left of a reservation than there was",
        |records| records.holds[0].rest = Amount::new(u128::MAX),
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "nothing left of a reservation",
        |records| records.holds[0].rest = Amount::ZERO,
        |why| matches!(why, Contradiction::HoldSplitWrong(_)),
    ),
    (
        "a reservation of an unknown account",
        |records| records.holds[0].debit_account_id = AccountId::new(4711),
        |why| matches!(why, Contradiction::AccountUnknown(_)),
    ),
    (
        "a reservation of another ledger",
        |records| records.holds[0].ledger = LedgerId::new(77),
        |why| matches!(why, Contradiction::LedgerDifferent(..)),
    ),
    (
        "a reservation made after the end",
        |records| records.holds[0].sequence = records.standing.sequence.next(),
        |why| matches!(why, Contradiction::BeyondEnd { .. }),
    ),
];

fn records_with_holds() -> (Records, [u8; 32]) {
    let text = "
account 1
account 2
account 3

move 1 1>2 50
hold 2 1>2 30
hold 3 2>3 40 timeout=10
hold 4 1>3 5

post 5 of 3 15 keep_open
";
    let mut books = CoreBooks::new(3);
    run(&Script::parse(text), &mut books, |_| {});
    assert_eq!(books.state.open_holds(), 3);
    (Records::of(&books.state), books.state.digest())
}

#[test]
fn records_that_are_damaged_are_refused() {
    let (records, digest) = records_with_holds();
    let count = records.accounts.len();
    let whole = records.clone().put_together(count).expect("sound records");
    assert_eq!(whole.digest(), digest);
    for (what, damage, is_right) in DAMAGES {
        let mut damaged = records.clone();
        damage(&mut damaged);
        match damaged.put_together(count) {
            Ok(_) => panic!("{what} is not noticed"),
            Err(contradiction) => {
                assert!(is_right(&contradiction), "{what}: {contradiction}");
            }
        }
    }
}

#[test]
fn the_digest_tells_every_record_apart() {
    let (records, digest) = records_with_holds();
    let digest_of = |change: &dyn Fn(&mut Records)| {
        let mut records = records.clone();
        change(&mut records);
        let mut digest = ledger_core::StateDigest::new();
        digest.standing(&records.standing);
        for ledger in &records.ledgers {
            digest.ledger(ledger);
        }
        records.accounts.sort_by_key(|(_, account)| account.id);
        for (position, account) in &records.accounts {
            digest.account(account, *position);
        }
        records.holds.sort_by_key(|hold| hold.sequence);
        for hold in &records.holds {
            digest.hold(hold);
        }
        digest.finish()
    };
    assert_eq!(digest_of(&|_| {}), digest, "piece by piece it is the same");
    assert_eq!(
        digest_of(&|records| records.standing.time = Timestamp::MAX),
        digest,
        "observed time does not count"
    );
    let changes: [&dyn Fn(&mut Records); 12] = [
        &|records| records.standing.sequence = records.standing.sequence.next(),
        &|records| records.standing.newest_transfer = Timestamp::new(1),
        &|records| records.ledgers[0].scale = 3,
        &|records| records.accounts[0].0 = 7,
        &|records| records.accounts[0].1.fingerprint[15] ^= 1,
        &|records| more(&mut records.accounts[1].1.totals.credits_pending),
        &|records| records.accounts[1].1.user_data_32 = 9,
        &|records| records.accounts.truncate(2),
        &|records| more(&mut records.holds[0].posted),
        &|records| records.holds[0].reference = "r".into(),
        &|records| records.holds[0].expires_at = Some(Timestamp::new(1)),
        &|records| records.holds.clear(),
    ];
    for (index, change) in changes.iter().enumerate() {
        assert_ne!(digest_of(*change), digest, "change {index}");
    }
}

#[test]
fn an_empty_state_can_be_put_together() {
    let state = Restoration::new(1, 0)
        .finish(Standing::default())
        .expect("nothing contradicts nothing");
    assert_eq!(state.digest(), State::new(2).digest());
    assert_eq!(state.recent_from(), Sequence::new(1));
}
