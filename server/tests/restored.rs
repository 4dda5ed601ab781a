//! A database that was restored to an earlier event, as the clients of the history before see it.

mod running;

use std::{path::Path, sync::Arc};

use ledger_core::{LedgerId, NewAccount, Sequence, TransferStatus};
use ledger_engine::{
    Clock, Config, Engine, SystemClock,
    restore::{RestoreOptions, Until, restore},
    vfs::{OsVfs, Vfs},
};
use ledger_proto::{Reason, Receipt, v1};
use ledger_server::Limits;
use running::*;
use tonic::{Code, Status};

/// The lists that are read page by page.
#[derive(Clone, Copy, Debug)]
enum List {
    Ledgers,
    Accounts,
    Transfers,
    Balances,
    TrialBalance,
    /// As of a sequence.
    TrialBalanceAt(u64),
}

const LISTS: [List; 5] = [
    List::Ledgers,
    List::Accounts,
    List::Transfers,
    List::Balances,
    List::TrialBalance,
];

/// A page of one row: what it rests on, and the token of the next.
async fn page(
    ledger: &mut Ledger,
    list: List,
    page_token: String,
) -> Result<(Receipt, String), Status> {
    let page_size = 1;
    let (receipt, next) = match list {
        List::Ledgers => {
            let request = v1::ListLedgersRequest {
                page_size,
                page_token,
            };
            let page = ledger.list_ledgers(request).await?.into_inner();
            (page.receipt, page.next_page_token)
        }
        List::Accounts => {
            let request = v1::ListAccountsRequest {
                page_size,
                page_token,
                ..Default::default()
            };
            let page = ledger.list_accounts(request).await?.into_inner();
            (page.receipt, page.next_page_token)
        }
        List::Transfers => {
            let request = v1::ListTransfersRequest {
                page_size,
                page_token,
                ..Default::default()
            };
            let page = ledger.list_transfers(request).await?.into_inner();
            (page.receipt, page.next_page_token)
        }
        List::Balances => {
            let request = v1::ListBalancesRequest {
                account_id: Some(1.into()),
                page_size,
                page_token,
                ..Default::default()
            };
            let page = ledger.list_balances(request).await?.into_inner();
            (page.receipt, page.next_page_token)
        }
        List::TrialBalance | List::TrialBalanceAt(_) => {
            let at = match list {
                List::TrialBalanceAt(sequence) => {
                    Some(v1::get_trial_balance_request::At::AtSequence(sequence))
                }
                _ => None,
            };
            let request = v1::GetTrialBalanceRequest {
                at,
                page_size,
                page_token,
                ..Default::default()
            };
            let page = ledger.get_trial_balance(request).await?.into_inner();
            (page.receipt, page.next_page_token)
        }
    };
    Ok((Receipt::read(receipt).expect("a receipt"), next))
}

/// A token of each list, for its second page.
async fn tokens(ledger: &mut Ledger) -> Vec<(List, String)> {
    let mut tokens = Vec::new();
    for list in LISTS {
        let (receipt, token) = page(ledger, list, String::new()).await.expect("a page");
        assert!(receipt.sequence > Sequence::ZERO && !token.is_empty());
        // While nothing is restored, it is good for the next page.
        page(ledger, list, token.clone()).await.expect("a page");
        tokens.push((list, token));
    }
    tokens
}

/// Moves one unit in each of three transfers, of ids from `first` on.
async fn move_value(ledger: &mut Ledger, first: u128) -> (Receipt, Vec<TransferStatus>) {
    let transfers = (first..first + 3).map(|id| transfer(id, 1, 2, 1)).collect();
    let answer = ledger.create_transfers(batch(transfers)).await;
    let answer = answer.expect("answered").into_inner();
    let statuses = answer.results.iter().map(|result| result.status).collect();
    (answer.receipt, statuses)
}

async fn totals_at(ledger: &mut Ledger, sequence: u64) -> Result<Receipt, Status> {
    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[1, 2]),
        at: Some(v1::get_balances_request::At::AtSequence(sequence)),
    };
    let answer = ledger.get_balances(request).await?.into_inner();
    assert_eq!(answer.balances.len(), 2);
    Ok(Receipt::read(answer.receipt).expect("a receipt"))
}

async fn serve(dir: &Path) -> Running {
    let config = Config {
        data_dir: dir.to_owned(),
        ..config()
    };
    let running = Running::open(Limits::default(), move || Engine::open(config)).await;
    running.until_started().await;
    running
}

/// Restores what came up to a sequence, and tells the epoch.
fn restore_to(from: &Path, to: &Path, until: Sequence) -> u128 {
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let options = RestoreOptions {
        from: from.to_owned(),
        to: to.to_owned(),
        until: Until::Sequence(until),
        verify: true,
        now: SystemClock::new().wall(),
        accept_clock: false,
    };
    let restored = restore(&vfs, &options, &mut |_| {}).expect("it restores");
    assert_eq!(restored.sequence, until.next());
    restored.epoch
}

/// Checks that every token is refused because of a restore, and that the refusal tells where the
/// histories part, if the server can know.
async fn assert_epoch_changed(
    ledger: &mut Ledger,
    tokens: &[(List, String)],
    epoch: u128,
    fork: Option<Sequence>,
) {
    for (list, token) in tokens {
        let refused = page(ledger, *list, token.clone()).await;
        let refused = refused.expect_err("a token of another history");
        let explanation = assert_refused(&refused, Code::FailedPrecondition, Reason::EpochChanged);
        assert_eq!(explanation.fork, fork, "{list:?}");
        assert_eq!(explanation.retry_after, None, "{list:?}: it stays so");
        let details = String::from_utf8_lossy(refused.details()).into_owned();
        assert!(details.contains(&format!("{epoch:032x}")), "{list:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saw_the_history_before_a_restore_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = |name: &str| folder.path().join(name);
    let running = serve(&dir("data")).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    let other_ledger = NewAccount {
        ledger: LedgerId::new(2),
        ..account(3)
    };
    create(&mut ledger, &[other_ledger]).await;
    for first in [100, 200, 300] {
        move_value(&mut ledger, first).await;
    }
    let before_fork = tokens(&mut ledger).await;
    let (fork, _) = move_value(&mut ledger, 400).await;
    for first in [500, 600, 700] {
        move_value(&mut ledger, first).await;
    }
    let mut beyond_fork = tokens(&mut ledger).await;
    let at = List::TrialBalanceAt(fork.sequence.get());
    let (_, token) = page(&mut ledger, at, String::new()).await.expect("a page");
    beyond_fork.push((at, token));
    let (newest, _) = move_value(&mut ledger, 800).await;
    totals_at(&mut ledger, newest.sequence.get())
        .await
        .expect("it is there");
    drop(ledger);
    running.stop().await;

    let epoch = restore_to(&dir("data"), &dir("restored"), fork.sequence);
    let sibling = restore_to(&dir("data"), &dir("sibling"), fork.sequence);
    assert_ne!(epoch, fork.epoch);
    let running = serve(&dir("sibling")).await;
    let of_sibling = tokens(&mut running.ledger().await).await;
    running.stop().await;

    let running = serve(&dir("restored")).await;
    let mut ledger = running.ledger().await;
    // Page tokens, of whichever side of the fork; the fork is told if the histories are related.
    let forked = Some(fork.sequence);
    assert_epoch_changed(&mut ledger, &before_fork, epoch, forked).await;
    assert_epoch_changed(&mut ledger, &beyond_fork, epoch, forked).await;
    assert_epoch_changed(&mut ledger, &of_sibling, epoch, None).await;
    assert_ne!(epoch, sibling);

    // A bare sequence is of this history: what was there beyond the fork is not there yet.
    let beyond = newest.sequence.get();
    for refused in [
        totals_at(&mut ledger, beyond).await.map(drop),
        page(&mut ledger, List::TrialBalanceAt(beyond), String::new())
            .await
            .map(drop),
    ] {
        let refused = refused.expect_err("beyond the end");
        assert_refused(&refused, Code::OutOfRange, Reason::BeyondEnd);
    }
    let common = totals_at(&mut ledger, fork.sequence.get()).await;
    let common = common.expect("it is there");
    assert_eq!((common.epoch, common.sequence), (epoch, fork.sequence));

    // Ids: what was kept is there, what was cut off is unknown, and done again on a retry.
    let (receipt, statuses) = move_value(&mut ledger, 400).await;
    assert_eq!(statuses, [TransferStatus::Exists; 3]);
    assert_eq!(
        (receipt.epoch, receipt.sequence),
        (epoch, fork.sequence.next())
    );
    for first in [500, 600, 700, 800, 900, 1000] {
        let (receipt, statuses) = move_value(&mut ledger, first).await;
        assert_eq!(statuses, [TransferStatus::Created; 3]);
        assert_eq!(receipt.epoch, epoch);
    }

    // Nor are the old tokens good once the sequences are as high as they were.
    let reached = totals_at(&mut ledger, beyond).await.expect("it is there");
    assert_eq!(reached.epoch, epoch);
    assert_ne!(reached.frame_hash, newest.frame_hash);
    assert_epoch_changed(&mut ledger, &beyond_fork, epoch, forked).await;
    tokens(&mut ledger).await;

    // Everybody can ask where the histories part.
    let mut admin = running.admin().await;
    let status = admin.get_status(v1::GetStatusRequest {}).await;
    let lineage = status.expect("answered").into_inner().lineage;
    let lineage: Vec<(u128, u128, u64)> = lineage
        .into_iter()
        .map(|it| {
            let number = |it: Option<v1::Uint128>| it.map_or(0, u128::from);
            (number(it.epoch), number(it.parent), it.fork_sequence)
        })
        .collect();
    let expected = [(fork.epoch, 0, 0), (epoch, fork.epoch, fork.sequence.get())];
    assert_eq!(lineage, expected);
    drop((ledger, admin));
    running.stop().await;
}
