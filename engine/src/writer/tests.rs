use std::sync::atomic::{AtomicU64, Ordering};

use ledger_core::{
    AccountId, Amount, LedgerId, NewAccount, Transfer, TransferId, TransferOptions, TransferStatus,
};

use super::*;
use crate::commit::Rolling;
use crate::fixture::ask;
use crate::journal::{AppendError, Appended, Log, Preparation, SegmentLog};
use crate::vfs::MemoryVfs;
use crate::{Body, Command, Context, Engine, Failure, OnPanic, Reply, Request, SimulatedClock};

/// A log that loses the frame of a certain number, as one that is replicated might.
struct Losing {
    log: SegmentLog,
    frames: u64,
    lose: Arc<AtomicU64>,
}

impl Log for Losing {
    fn append(&mut self, frame: &Frame) -> Appended {
        self.frames += 1;
        if self.frames == self.lose.load(Ordering::Relaxed) {
            return Appended::Lost;
        }
        self.log.append(frame)
    }
}

impl Rolling for Losing {
    fn is_segment_empty(&self) -> bool {
        self.log.is_segment_empty()
    }

    fn segment(&self) -> u64 {
        self.log.segment()
    }

    fn roll(&mut self) -> Result<bool, AppendError> {
        self.log.roll()
    }
}

fn open(lose: &Arc<AtomicU64>, config: Config) -> Engine {
    let clock = SimulatedClock::new(Timestamp::new(1_800_000_000_000_000_000));
    let lose = Arc::clone(lose);
    crate::open::open_behind(
        config,
        Arc::new(MemoryVfs::new(1)),
        Arc::new(clock),
        |log| {
            Box::new(Losing {
                log,
                frames: 0,
                lose,
            })
        },
    )
    .expect("the engine opens")
}

fn config() -> Config {
    Config {
        segment_bytes: 1 << 20,
        directory_names_max: 0,
        on_panic: OnPanic::Poison,
        preparation: Preparation::Inline,
        ..Config::new("/data")
    }
}

fn accounts() -> Command {
    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    Command::CreateAccounts(vec![account(1), account(2)])
}

fn transfer(id: u128) -> Command {
    let transfer = Transfer {
        id: TransferId::new(id),
        debit_account_id: AccountId::new(1),
        credit_account_id: AccountId::new(2),
        amount: Amount::new(10),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    };
    Command::CreateTransfers {
        transfers: vec![transfer],
        options: TransferOptions::default(),
        deadline: Timestamp::ZERO,
    }
}

fn status(reply: Result<Reply, Failure>) -> TransferStatus {
    let Body::Transfers(answers) = reply.expect("an answer").body else {
        panic!("not transfers")
    };
    answers.answers[0].status
}

#[test]
fn what_is_lost_never_happened() {
    let lose = Arc::new(AtomicU64::new(3));
    let engine = open(&lose, config());
    assert!(ask(&engine, accounts()).is_ok());
    assert_eq!(status(ask(&engine, transfer(1))), TransferStatus::Created);
    assert_eq!(ask(&engine, transfer(2)), Err(Failure::OutcomeUnknown));
    assert_eq!(engine.status().queued_bytes, 0);
    // The state was rebuilt: the first is there, and the second can be asked for once more.
    assert_eq!(status(ask(&engine, transfer(1))), TransferStatus::Exists);
    assert_eq!(status(ask(&engine, transfer(2))), TransferStatus::Created);
    let reply = ask(&engine, Command::GetBalances(vec![AccountId::new(2)])).expect("an answer");
    let Body::AccountsFound { found, .. } = reply.body else {
        panic!("not accounts")
    };
    assert_eq!(found[0].totals.credits_posted, Amount::new(20));
}

#[test]
fn a_panic_ends_the_engine() {
    let engine = open(&Arc::new(AtomicU64::new(0)), config());
    assert!(ask(&engine, accounts()).is_ok());
    // A reply that panics breaks its promise to the engine, on the engine's own thread.
    let request = Request {
        command: Command::ListLedgers,
        context: Context::default(),
        weight_bytes: 1,
    };
    engine
        .submit(request, |_| panic!("a reply must not panic"))
        .expect("it is admitted");
    assert_eq!(engine.wait_halted(), Halt::Panicked);
    let request = Request {
        command: Command::ListLedgers,
        context: Context::default(),
        weight_bytes: 1,
    };
    assert_eq!(engine.submit(request, drop), Err(crate::Refused::Halted));
    engine.shutdown();
}

#[test]
fn an_old_segment_is_left() {
    let clock = Arc::new(SimulatedClock::new(Timestamp::new(
        1_800_000_000_000_000_000,
    )));
    let engine = Engine::open_with(
        config(),
        Arc::new(MemoryVfs::new(1)),
        Arc::clone(&clock) as Arc<dyn Clock>,
    )
    .expect("the engine opens");
    let segments = || {
        let status = engine.status();
        status.segments_unsealed + status.segments_sealed
    };
    let wait = |time| {
        clock.advance(time);
        std::thread::sleep(Duration::from_millis(20));
    };
    for _ in 0..150 {
        wait(Duration::from_secs(60));
    }
    let before = segments();
    assert!(ask(&engine, accounts()).is_ok());
    wait(Duration::from_secs(60));
    assert_eq!(segments(), before.max(1));
    for _ in 0..65 {
        wait(Duration::from_secs(60));
    }
    assert_eq!(segments(), before.max(1) + 1, "an hour is over");
    for _ in 0..65 {
        wait(Duration::from_secs(60));
    }
    assert_eq!(segments(), before.max(1) + 1, "an empty one is not left");
}
