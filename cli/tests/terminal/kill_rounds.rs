//! Load, SIGKILL, start again: fifty times on one data directory. What was acknowledged is there;
//! what was not is there whole or not at all, and once it is sent again exactly once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger_client::{Client, ClientOptions, CreateOptions};
use ledger_core::{
    AccountId, AccountStatus, Amount, LedgerId, NewAccount, Totals, Transfer, TransferFlags,
    TransferId, TransferStatus,
};

use crate::process::Server;
use crate::random::Random;

const LEDGER: LedgerId = LedgerId::new(7);
const ACCOUNTS: u64 = 16;
const CALLERS: u64 = 12;

/// Creates accounts 1, 2, 3 … in a ledger.
pub(crate) async fn accounts(client: &Client, ledger: LedgerId, number: u64) -> Vec<AccountId> {
    let ids: Vec<AccountId> = (1..=number).map(|id| AccountId::new(id.into())).collect();
    let wanted: Vec<NewAccount> = ids
        .iter()
        .map(|&id| NewAccount {
            id,
            ledger,
            code: 1,
            ..NewAccount::default()
        })
        .collect();
    let answers = client.create_accounts(&wanted).await.expect("an answer");
    for answer in answers.value {
        assert!(matches!(
            answer.status,
            AccountStatus::Created | AccountStatus::Exists
        ));
    }
    ids
}

/// A transfer between two of `accounts`, all of it following from its id.
pub(crate) fn move_value(id: u128, accounts: &[AccountId], ledger: LedgerId) -> Transfer {
    let mut random = Random::new(id as u64 ^ (id >> 64) as u64);
    let debit = random.below(accounts.len() as u64) as usize;
    let other = random.below(accounts.len() as u64 - 1) as usize;
    let credit = if other < debit { other } else { other + 1 };
    Transfer {
        id: TransferId::new(id),
        debit_account_id: accounts[debit],
        credit_account_id: accounts[credit],
        amount: Amount::new(u128::from(random.below(1_000_000))),
        ledger,
        code: 1,
        ..Transfer::default()
    }
}

/// What is sent at once and takes effect together: one transfer, a chain of three, or a
/// reservation with its post.
fn chain(first_id: u128, accounts: &[AccountId]) -> Vec<Transfer> {
    let moved = |offset: u128| move_value(first_id + offset, accounts, LEDGER);
    let mut chain = match first_id % 3 {
        0 => vec![moved(0)],
        1 => vec![moved(0), moved(1), moved(2)],
        _ => {
            let reserved = Transfer {
                flags: TransferFlags::PENDING,
                ..moved(0)
            };
            let posted = Transfer {
                id: TransferId::new(first_id + 1),
                pending_id: reserved.id,
                amount: Amount::MAX,
                flags: TransferFlags::POST_PENDING_TRANSFER,
                ..Transfer::default()
            };
            vec![reserved, posted]
        }
    };
    let last = chain.len() - 1;
    for transfer in &mut chain[..last] {
        transfer.flags = transfer.flags.with(TransferFlags::LINKED);
    }
    chain
}

/// What the callers of all rounds know.
#[derive(Default)]
struct Known {
    /// Acknowledged: these are there for ever.
    acknowledged: Vec<Vec<Transfer>>,
    /// Sent, with an answer that never came.
    unknown: Vec<Vec<Transfer>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_rounds_of_load_and_kill_lose_nothing_and_invent_nothing() {
    let seed = std::env::var("PACIOLI_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| ledger_client::time_ordered_id() as u64);
    println!("PACIOLI_SEED={seed}");
    let mut random = Random::new(seed);
    let dir = tempfile::tempdir().expect("a directory");
    let mut known = Known::default();
    let mut unknown_in_all = 0;

    for round in 1..=50u64 {
        let server = Server::start(dir.path());
        let client = connect(&server).await;
        let accounts = accounts(&client, LEDGER, ACCOUNTS).await;
        settle(&client, &mut known).await;
        check_totals(&client, &accounts, &known).await;

        let begun = known.acknowledged.len();
        let shared = Arc::new(Mutex::new(known));
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let first = (u128::from(round) << 64) | (u128::from(caller) << 32) | 3;
                let load = load(client.clone(), first, accounts.clone(), Arc::clone(&shared));
                tokio::spawn(load)
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + random.below(300))).await;
        server.kill();
        for caller in callers {
            caller.await.expect("no caller panics");
        }
        known = Arc::into_inner(shared)
            .expect("all callers have ended")
            .into_inner()
            .expect("no caller panicked");
        unknown_in_all += known.unknown.len();
        assert!(
            known.acknowledged.len() > begun || round == 1,
            "round {round} sent nothing"
        );
    }

    let server = Server::start(dir.path());
    let client = connect(&server).await;
    let accounts = accounts(&client, LEDGER, ACCOUNTS).await;
    settle(&client, &mut known).await;
    check_totals(&client, &accounts, &known).await;
    check_found(&client, &known).await;
    println!(
        "{} chains acknowledged, of {unknown_in_all} the outcome was unknown",
        known.acknowledged.len()
    );
    assert!(
        unknown_in_all > 0,
        "no kill hit a call under way: this test tests nothing"
    );
}

async fn connect(server: &Server) -> Client {
    // Most servers have recovered by then; the client waits for the others.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let options = ClientOptions::new(server.address()).deadline(Duration::from_secs(20));
    Client::connect(options).await.expect("a server")
}

/// Sends chains one after the other until the server is gone.
async fn load(client: Client, first_id: u128, accounts: Vec<AccountId>, known: Arc<Mutex<Known>>) {
    let client = client.with_deadline(Duration::from_millis(400));
    for at in 0.. {
        let chain = chain(first_id + at * 4, &accounts);
        let sent = client
            .create_transfers(&chain, &CreateOptions::default())
            .await;
        match sent {
            Ok(answer) => {
                for one in &answer.value.answers {
                    assert_eq!(one.status, TransferStatus::Created);
                }
                let mut known = known.lock().expect("no caller panicked");
                known.acknowledged.push(chain);
            }
            Err(error) => {
                if error.is_outcome_unknown() {
                    let mut known = known.lock().expect("no caller panicked");
                    known.unknown.push(chain);
                }
                return;
            }
        }
    }
}

/// Sends again what nobody knows the outcome of.
async fn settle(client: &Client, known: &mut Known) {
    for chain in std::mem::take(&mut known.unknown) {
        let ids: Vec<TransferId> = chain.iter().map(|transfer| transfer.id).collect();
        let found = client
            .lookup_transfers(&ids)
            .await
            .expect("an answer")
            .value
            .found
            .len();
        assert!(
            found == 0 || found == ids.len(),
            "half a chain is there: {ids:?}"
        );
        let sent = client
            .create_transfers(&chain, &CreateOptions::default())
            .await;
        let status = match found {
            0 => TransferStatus::Created,
            _ => TransferStatus::Exists,
        };
        for answer in sent.expect("an answer").value.answers {
            assert_eq!(answer.status, status);
        }
        known.acknowledged.push(chain);
    }
}

/// Everything that was acknowledged, and nothing else, is in the totals.
async fn check_totals(client: &Client, accounts: &[AccountId], known: &Known) {
    let mut expected: BTreeMap<AccountId, (u128, u128)> = BTreeMap::new();
    let mut transfers = 0;
    for transfer in known.acknowledged.iter().flatten() {
        transfers += 1;
        if transfer.pending_id.is_zero() {
            let units = transfer.amount.get();
            expected.entry(transfer.debit_account_id).or_default().0 += units;
            expected.entry(transfer.credit_account_id).or_default().1 += units;
        }
    }
    let balances = client
        .get_balances(accounts)
        .await
        .expect("an answer")
        .value;
    assert_eq!(balances.found.len(), accounts.len());
    for (account, totals) in balances.found {
        let (debits, credits) = expected.get(&account).copied().unwrap_or_default();
        let wanted = Totals {
            debits_posted: Amount::new(debits),
            credits_posted: Amount::new(credits),
            ..Totals::ZERO
        };
        assert_eq!(totals, wanted, "{account:?}");
    }
    let ledgers = client.list_ledgers().await.expect("an answer").value;
    let ledger = ledgers
        .iter()
        .find(|ledger| ledger.id == LEDGER)
        .expect("it is there");
    assert_eq!(
        ledger.transfers, transfers,
        "transfers were lost or invented"
    );
    assert_eq!(ledger.debits_posted, ledger.credits_posted);
}

/// Every acknowledged transfer is found with the fields it was sent with.
async fn check_found(client: &Client, known: &Known) {
    let sent: Vec<&Transfer> = known.acknowledged.iter().flatten().collect();
    for some in sent.chunks(4096) {
        let ids: Vec<TransferId> = some.iter().map(|transfer| transfer.id).collect();
        let found = client
            .lookup_transfers(&ids)
            .await
            .expect("an answer")
            .value;
        assert_eq!(
            found.found.len(),
            ids.len(),
            "an acknowledged transfer is lost"
        );
        for (sent, found) in some.iter().zip(found.found) {
            assert_eq!(found.transfer.id, sent.id);
            assert_eq!(found.transfer.flags, sent.flags);
            assert_eq!(found.transfer.pending_id, sent.pending_id);
            if sent.pending_id.is_zero() {
                assert_eq!(found.transfer.amount, sent.amount);
                assert_eq!(found.transfer.debit_account_id, sent.debit_account_id);
                assert_eq!(found.transfer.credit_account_id, sent.credit_account_id);
            }
        }
    }
}
