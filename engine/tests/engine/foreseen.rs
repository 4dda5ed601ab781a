//! What the writer would have to read is read before, by others: where nothing can be read, the
//! request is refused and nothing else happens.

use ledger_core::{AccountStatus, Amount, NewAccount, Transfer, TransferId, TransferStatus as S};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Command, Config, Failure, Health};

use crate::old_history::{small, threaded};
use crate::teller::{Teller, account, clock, create, eventually, hold, post, transfer};

fn reversal(id: u128, of: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        reverses_id: TransferId::new(of),
        amount: Amount::new(1),
        code: 1,
        ..Transfer::default()
    }
}

/// Two accounts, a hundred transfers, and a reservation that was posted.
fn opened(config: Config, vfs: &MemoryVfs) -> Teller {
    let teller = Teller::open_as(config, vfs, &clock());
    teller.open_accounts(2);
    teller.create_transfers((1..=100).map(|id| transfer(id, 1)).collect());
    teller.create_transfers(vec![hold(200, 1, 60)]);
    teller.create_transfers(vec![post(201, 200)]);
    teller
}

/// Asks what needs something that is written down already; what comes of it once it can be read.
fn asked() -> Vec<(Command, S)> {
    let retries: Vec<_> = (1..=100).map(|id| transfer(id, 1)).collect();
    vec![
        (create(retries), S::Exists),
        (create(vec![transfer(7, 2)]), S::ExistsWithDifferentAmount),
        (create(vec![post(201, 200)]), S::Exists),
        (
            create(vec![post(202, 200)]),
            S::PendingTransferAlreadyPosted,
        ),
        (create(vec![reversal(300, 5)]), S::Created),
    ]
}

fn other_account() -> Command {
    Command::CreateAccounts(vec![NewAccount {
        code: 2,
        ..account(1)
    }])
}

fn refuse_and_answer(teller: &Teller, vfs: &MemoryVfs) {
    vfs.refuse_reads(true);
    let commands = asked().into_iter().map(|(command, _)| command);
    for command in commands.chain([other_account()]) {
        let refused = teller.ask(command);
        assert!(matches!(refused, Err(Failure::ReadRefused)), "{refused:?}");
    }
    let new = teller.status_of(transfer(1000, 1));
    assert_eq!(new, S::Created, "what is new needs no file");
    vfs.refuse_reads(false);
    for (command, expected) in asked() {
        let Command::CreateTransfers { transfers, .. } = command else {
            unreachable!("all are transfers")
        };
        for answer in teller.create_transfers(transfers).answers {
            assert_eq!(answer.status, expected);
        }
    }
    let Command::CreateAccounts(accounts) = other_account() else {
        unreachable!("it is one account")
    };
    let answers = teller.create_accounts(accounts);
    assert_eq!(answers[0].status, AccountStatus::ExistsWithDifferentCode);
    assert_eq!(teller.engine.health(), Health::Serving);
}

#[test]
fn the_writer_reads_nothing_of_what_it_wrote_a_moment_ago() {
    for config in [small(), threaded()] {
        let vfs = MemoryVfs::new(1);
        let teller = opened(config, &vfs);
        refuse_and_answer(&teller, &vfs);
    }
}

#[test]
fn the_writer_reads_nothing_of_what_is_sealed_and_recent() {
    let vfs = MemoryVfs::new(1);
    let teller = opened(small(), &vfs);
    teller.engine.create_snapshot(None).expect("a snapshot");
    assert!(teller.engine.status().segments_sealed > 0);
    refuse_and_answer(&teller, &vfs);
}

/// Old ids are found in the index; an account is known whatever its age.
#[test]
fn the_writer_reads_nothing_of_what_is_old() {
    let vfs = MemoryVfs::new(1);
    let teller = opened(threaded(), &vfs);
    for id in 0..20_u128 {
        let filler = (0..40).map(|at| transfer(10_000 + 40 * id + at, 1));
        teller.create_transfers(filler.collect());
        teller.engine.create_snapshot(None).expect("a snapshot");
    }
    eventually("the first ids are forgotten", || {
        teller.create_transfer(transfer(1, 1));
        teller.engine.status().recent_from.get() > 200
    });
    refuse_and_answer(&teller, &vfs);
}
