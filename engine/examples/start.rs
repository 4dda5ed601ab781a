//! Measures starts: how many events a second are replayed, and how long a clean start takes.
//!
//! ```text
//! cargo run --release -p ledger-engine --example start -- DIR [ACCOUNTS [TRANSFERS]]
//! ```
//!
//! In `DIR/replayed` a database of 10 000 accounts and TRANSFERS transfers is made, without a
//! snapshot, and opened: all of it is replayed. In `DIR/begun` one of ACCOUNTS accounts is made,
//! with a snapshot, and opened.

use std::collections::VecDeque;
use std::error::Error;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use ledger_core::{
    AccountId, Amount, LedgerId, NewAccount, Timestamp, Transfer, TransferId, TransferOptions,
};
use ledger_engine::{Command, Config, Context, Engine, Failure, Refused, Reply, Request};

/// How many accounts or transfers a request has, and how many requests are on their way.
const BATCH: u128 = 8190;
const IN_FLIGHT: usize = 4;
/// The accounts among which transfers are made.
const FEW_ACCOUNTS: u128 = 10_000;

type Asked = Receiver<Result<Reply, Failure>>;

fn ask(engine: &Engine, command: &Command) -> Result<Asked, Box<dyn Error>> {
    loop {
        let (send, receive) = channel();
        let request = Request {
            command: command.clone(),
            context: Context::default(),
            weight_bytes: 1 << 20,
        };
        let submitted = engine.submit(request, move |reply| drop(send.send(reply)));
        match submitted {
            Ok(()) => return Ok(receive),
            Err(Refused::QueueFull { .. }) => std::thread::sleep(Duration::from_millis(1)),
            Err(refused) => return Err(refused.into()),
        }
    }
}

/// Asks for all of it, a few requests at a time.
fn ask_all(engine: &Engine, commands: impl Iterator<Item = Command>) -> Result<(), Box<dyn Error>> {
    let mut asked = VecDeque::new();
    for command in commands {
        asked.push_back(ask(engine, &command)?);
        if asked.len() == IN_FLIGHT {
            let oldest: Asked = asked.pop_front().ok_or("something was asked")?;
            oldest.recv()??;
        }
    }
    for asked in asked {
        asked.recv()??;
    }
    Ok(())
}

/// The numbers up to `count`, in batches.
fn batches(count: u128) -> impl Iterator<Item = std::ops::Range<u128>> {
    (0..count.div_ceil(BATCH))
        .map(move |batch| batch * BATCH + 1..((batch + 1) * BATCH).min(count) + 1)
}

fn create_accounts(engine: &Engine, count: u128) -> Result<(), Box<dyn Error>> {
    let account = |number: u128| NewAccount {
        // Ids in no order, as clients draw them.
        id: AccountId::new(spread(number)),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    ask_all(
        engine,
        batches(count).map(|numbers| Command::CreateAccounts(numbers.map(account).collect())),
    )
}

/// Another number for each number.
fn spread(number: u128) -> u128 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) | 1 << 127
}

fn create_transfers(engine: &Engine, count: u128) -> Result<(), Box<dyn Error>> {
    let transfer = |number: u128| Transfer {
        id: TransferId::new(number),
        debit_account_id: AccountId::new(spread(number % FEW_ACCOUNTS + 1)),
        credit_account_id: AccountId::new(spread((number + 77) % FEW_ACCOUNTS + 1)),
        amount: Amount::new(number % 1000),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    };
    ask_all(
        engine,
        batches(count).map(|numbers| Command::CreateTransfers {
            transfers: numbers.map(transfer).collect(),
            options: TransferOptions::default(),
            deadline: Timestamp::ZERO,
        }),
    )
}

fn config(dir: PathBuf) -> Config {
    Config {
        directory_names_max: 0,
        accounts_max: 100_000_000,
        // Only when it is asked for.
        snapshot_growth_bytes_min: u64::MAX,
        ..Config::new(dir)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("the directory is missing")?);
    let accounts = arguments.next().map_or(Ok(10_000_000), |a| a.parse())?;
    let transfers = arguments.next().map_or(Ok(20_000_000), |a| a.parse())?;

    let replayed = config(dir.join("replayed"));
    let engine = Engine::open(replayed.clone())?;
    create_accounts(&engine, FEW_ACCOUNTS)?;
    let begun = Instant::now();
    create_transfers(&engine, transfers)?;
    println!("{transfers} transfers made in {:.1?}", begun.elapsed());
    engine.shutdown();
    drop(engine);
    let begun = Instant::now();
    let engine = Engine::open(replayed)?;
    let (took, events) = (begun.elapsed(), engine.status().durable.get());
    let rate = events as f64 / took.as_secs_f64() / 1e6;
    println!("replayed {events} events in {took:.2?}: {rate:.2} million a second");
    engine.shutdown();
    drop(engine);

    let begun_with = config(dir.join("begun"));
    let engine = Engine::open(begun_with.clone())?;
    create_accounts(&engine, accounts)?;
    let begun = Instant::now();
    let taken = engine.create_snapshot(None)?;
    println!(
        "a snapshot of {} accounts, {} bytes, in {:.2?}",
        taken.accounts,
        taken.bytes,
        begun.elapsed()
    );
    engine.shutdown();
    drop(engine);
    let begun = Instant::now();
    let engine = Engine::open(begun_with)?;
    println!(
        "a clean start with {} accounts in {:.2?}",
        engine.status().accounts,
        begun.elapsed()
    );
    engine.shutdown();
    Ok(())
}
