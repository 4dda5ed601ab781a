//! What a transfer costs in the core, to be looked at by people: nothing is asserted.
//!
//! `cargo test --release -p ledger-core --test speed -- --ignored --nocapture --test-threads 1`

use std::hint::black_box;
use std::time::Instant;

use ledger_core::{
    Account, AccountId, Amount, Event, Fact, GroupId, HoldAfter, Journal, Ledger, LedgerId,
    NewAccount, OldId, Restoration, Sequence, Standing, State, StateDigest, Timestamp, Totals,
    Transfer, TransferCreated, TransferId, TransferOptions, TransferStatus, Unreadable, UpdateId,
};

const ACCOUNTS: u32 = 10_000;
const BATCH: usize = 8190;

/// As many ids as a segment of 64 MiB holds.
const GENERATION: usize = 800_000;

/// A journal that keeps nothing and knows of no older ids.
struct Nowhere;

impl Journal for Nowhere {
    fn record(&mut self, event: &Event) {
        black_box(event);
    }

    fn mark(&self) -> usize {
        0
    }

    fn rewind(&mut self, _: usize) {}

    fn event(&self, _: Sequence) -> Result<Event, Unreadable> {
        Err(Unreadable)
    }

    fn old_id(&self, _: TransferId) -> Result<Option<OldId>, Unreadable> {
        Ok(None)
    }

    fn old_update(&self, _: UpdateId) -> Result<Option<Sequence>, Unreadable> {
        Ok(None)
    }

    fn old_group_holds(&self, _: GroupId, _: Sequence) -> Result<u32, Unreadable> {
        Ok(0)
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn id(&mut self) -> TransferId {
        TransferId::new(u128::from(self.next()) << 64 | u128::from(self.next()))
    }

    /// Two different accounts, by position.
    fn accounts(&mut self) -> (usize, usize) {
        let count = u64::from(ACCOUNTS);
        let debit = self.next() % count;
        let credit = (debit + 1 + self.next() % (count - 1)) % count;
        (debit as usize, credit as usize)
    }
}

fn account_id(position: usize) -> AccountId {
    AccountId::new(1_000 + position as u128)
}

fn state_with_accounts() -> State {
    let mut state = State::new(5);
    let accounts: Vec<NewAccount> = (0..ACCOUNTS as usize)
        .map(|position| NewAccount {
            id: account_id(position),
            ledger: LedgerId::new(1),
            code: 1,
            ..NewAccount::default()
        })
        .collect();
    for accounts in accounts.chunks(BATCH) {
        state
            .create_accounts(&mut Nowhere, Timestamp::new(1), accounts)
            .expect("nothing is read");
    }
    state
}

fn transfer(random: &mut Random) -> Transfer {
    let (debit, credit) = random.accounts();
    Transfer {
        id: random.id(),
        debit_account_id: account_id(debit),
        credit_account_id: account_id(credit),
        amount: Amount::new(u128::from(random.next() % 1_000)),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    }
}

/// Memory of this process, in bytes.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("it runs on Linux");
    let pages = statm.split_whitespace().nth(1).expect("a second column");
    pages.parse::<usize>().expect("a number") * 4096
}

/// Nanoseconds that this thread has had of a processor: others may use it as well.
fn processor_time() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat");
    let statistics = statistics.expect("it runs on Linux");
    let first = statistics.split_whitespace().next().expect("a column");
    first.parse().expect("a number")
}

/// Decides and posts so many transfers with new ids; the time is of deciding alone.
fn decide(state: &mut State, random: &mut Random, count: usize) -> f64 {
    let mut nanoseconds = 0.0;
    for _ in 0..count / BATCH {
        let transfers: Vec<Transfer> = (0..BATCH).map(|_| transfer(random)).collect();
        let begin = processor_time();
        let answers = state
            .create_transfers(
                &mut Nowhere,
                Timestamp::new(1),
                &transfers,
                TransferOptions::default(),
            )
            .expect("nothing is read");
        nanoseconds += processor_time() - begin;
        assert!(
            answers
                .answers
                .iter()
                .all(|answer| answer.status == TransferStatus::Created)
        );
    }
    nanoseconds / (count / BATCH * BATCH) as f64
}

#[test]
#[ignore = "a measurement"]
fn deciding_with_many_generations() {
    let mut state = state_with_accounts();
    let mut random = Random(1);
    for generations in 1..=8 {
        let before = resident_bytes();
        let nanoseconds = decide(&mut state, &mut random, GENERATION);
        let megabytes = resident_bytes().saturating_sub(before) >> 20;
        println!(
            "generation {generations}: {nanoseconds:.0} ns a transfer, {megabytes} MiB for \
             {GENERATION} ids"
        );
        let begin = Instant::now();
        state.begin_recent();
        println!("  another one begins in {:?}", begin.elapsed());
    }
    let begin = Instant::now();
    let forgotten = state.forget_recent(state.sequence());
    println!("eight are forgotten in {:?}", begin.elapsed());
    let begin = Instant::now();
    drop(forgotten);
    println!("and dropped in {:?}", begin.elapsed());
}

#[test]
#[ignore = "a measurement"]
fn replaying() {
    for noted in [true, false] {
        let mut state = state_with_accounts();
        if !noted {
            state.note_ids_from(Sequence::new(u64::MAX));
        }
        let mut totals = vec![Totals::ZERO; ACCOUNTS as usize];
        let mut random = Random(2);
        let mut event = Event {
            sequence: state.sequence(),
            time: state.time(),
            chained: false,
            fact: Fact::TransferCreated(TransferCreated {
                transfer: transfer(&mut random),
                took_all: false,
                hold: HoldAfter::default(),
                reversed: Amount::ZERO,
                debit_after: Totals::ZERO,
                credit_after: Totals::ZERO,
            }),
        };
        let batches = 500;
        let count = batches * BATCH;
        let mut make = |event: &mut Event, random: &mut Random| {
            event.sequence = event.sequence.next();
            event.time = event.time.next();
            let (debit, credit) = random.accounts();
            let amount = Amount::new(u128::from(random.next() % 1_000));
            let add = |total: &mut Amount| *total = total.checked_add(amount).expect("it fits");
            add(&mut totals[debit].debits_posted);
            add(&mut totals[credit].credits_posted);
            if let Fact::TransferCreated(created) = &mut event.fact {
                created.transfer.id = random.id();
                created.transfer.debit_account_id = account_id(debit);
                created.transfer.credit_account_id = account_id(credit);
                created.transfer.amount = amount;
                created.transfer.timestamp = event.time;
                created.debit_after = totals[debit];
                created.credit_after = totals[credit];
            }
        };
        let mut batch = vec![event.clone(); BATCH];
        let (mut making, mut replaying) = (0.0, 0.0);
        for n in 0..batches {
            let begin = processor_time();
            for place in &mut batch {
                make(&mut event, &mut random);
                place.clone_from(&event);
            }
            let made = processor_time();
            state.replay_all(&batch).expect("they follow");
            replaying += processor_time() - made;
            making += made - begin;
            if n % 100 == 99 {
                state.begin_recent();
                drop(state.forget_recent(state.sequence()));
            }
        }
        let (whole, making) = (replaying / count as f64, making / count as f64);
        println!("ids noted: {noted}: {whole:.0} ns an event, and {making:.0} to make it up");
    }
}

#[test]
#[ignore = "a measurement"]
fn restoring_accounts() {
    const COUNT: u64 = 2_000_000;
    let before = resident_bytes();
    let begin = processor_time();
    let mut restoration = Restoration::new(3, COUNT as usize);
    let ledger = Ledger {
        accounts: COUNT,
        ..Ledger::new(LedgerId::new(1))
    };
    restoration.ledger(ledger).expect("the only one");
    let blank = Account::new(
        &NewAccount {
            ledger: LedgerId::new(1),
            code: 1,
            timestamp: Timestamp::new(1),
            ..NewAccount::default()
        },
        Sequence::new(1),
    );
    // In the order of ids, which is not that of their creation: the factor is odd and not a
    // multiple of five, so every place comes once.
    for id in 1..=COUNT {
        let position = id * 777_777_777 % COUNT;
        let mut account = blank.clone();
        account.id = AccountId::new(u128::from(id));
        account.created = Sequence::new(position + 1);
        account.changed = account.created;
        restoration
            .account(position as usize, account)
            .expect("it fits");
    }
    let standing = Standing {
        sequence: Sequence::new(COUNT),
        newest_account: Timestamp::new(1),
        ..Standing::default()
    };
    let state = restoration.finish(standing).expect("they agree");
    println!(
        "{:.0} ns and {} bytes an account",
        (processor_time() - begin) / COUNT as f64,
        (resident_bytes() - before) as u64 / COUNT
    );
    let begin = processor_time();
    let mut digest = StateDigest::new();
    for (position, account) in state.accounts_from(0).enumerate() {
        digest.account(account, position);
    }
    black_box(digest.finish());
    let nanoseconds = (processor_time() - begin) / COUNT as f64;
    println!("{nanoseconds:.0} ns an account for the digest");
}
