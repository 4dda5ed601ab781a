//! Every call, as a client sees it.

mod running;

use std::collections::HashSet;

use ledger_core::{
    AccountFlags, AccountUpdate, Amount, GroupId, NewAccount, NewLedger, Timestamp, Transfer,
    TransferFlags, TransferId, UpdateId,
};
use ledger_proto::{Receipt, TransferBatch, TransferState, v1};
use running::*;

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_are_registered_and_listed() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    let registration = |id, code: &str, scale| {
        let code = code.into();
        v1::LedgerRegistration::from(&NewLedger {
            id: ledger_core::LedgerId::new(id),
            code,
            scale,
        })
    };
    let request = v1::RegisterLedgersRequest {
        ledgers: vec![
            registration(2, "EUR", 2),
            registration(3, "EUR", 2),
            registration(0, "X", 0),
        ],
    };
    let answer = ledger
        .register_ledgers(request)
        .await
        .expect("answered")
        .into_inner();
    let statuses: Vec<_> = answer
        .results
        .iter()
        .map(v1::LedgerResult::status)
        .collect();
    use v1::LedgerStatus::{CodeTaken, IdMustNotBeZero, Registered};
    assert_eq!(statuses, [Registered, CodeTaken, IdMustNotBeZero]);
    let receipt = Receipt::read(answer.receipt).expect("a receipt");
    assert_ne!(receipt.epoch, 0);

    // An unregistered ledger works, and has no code.
    create_accounts(&mut ledger, 2).await;
    let moved = batch(vec![transfer(1, 1, 2, 30)]);
    ledger.create_transfers(moved).await.expect("answered");
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = v1::ListLedgersRequest {
            page_size: 1,
            page_token,
        };
        let page = ledger
            .list_ledgers(request)
            .await
            .expect("answered")
            .into_inner();
        assert!(page.ledgers.len() <= 1);
        listed.extend(page.ledgers.into_iter().map(ledger_core::Ledger::from));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let summary: Vec<_> = listed
        .iter()
        .map(|ledger| {
            (
                ledger.id.get(),
                &*ledger.code,
                ledger.scale,
                ledger.accounts,
            )
        })
        .collect();
    assert_eq!(summary, [(1, "", 0, 2), (2, "EUR", 2, 0)]);
    assert_eq!(listed[0].debits_posted.low(), 30);
    assert_eq!(listed[0].credits_posted.low(), 30);
    assert_eq!(listed[0].transfers, 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_created_changed_and_looked_up() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    let named = NewAccount {
        name: "Assets:Cash".into(),
        ..account(7)
    };
    let limited = NewAccount {
        flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        overdraft_limit: Amount::new(50),
        user_data_128: u128::MAX,
        ..account(u128::MAX - 1)
    };
    create(&mut ledger, &[named.clone(), limited.clone()]).await;
    let again = v1::CreateAccountsRequest {
        accounts: vec![(&named).into()],
    };
    let again = ledger
        .create_accounts(again)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(again.results[0].status(), v1::AccountStatus::Exists);
    assert_ne!(again.results[0].timestamp, 0);

    let update = AccountUpdate {
        update_id: UpdateId::new(1),
        id: limited.id,
        name: Some("Wallet".into()),
        overdraft_limit: Some(Amount::ZERO),
        balance_max: None,
    };
    let unknown = AccountUpdate {
        update_id: UpdateId::new(2),
        id: ledger_core::AccountId::new(99),
        name: Some("Nobody".into()),
        ..AccountUpdate::default()
    };
    let request = v1::UpdateAccountsRequest {
        updates: vec![(&update).into(), (&unknown).into()],
    };
    let answer = ledger
        .update_accounts(request)
        .await
        .expect("answered")
        .into_inner();
    let statuses: Vec<_> = answer
        .results
        .iter()
        .map(v1::UpdateResult::status)
        .collect();
    assert_eq!(
        statuses,
        [v1::UpdateStatus::Updated, v1::UpdateStatus::AccountNotFound]
    );

    let request = v1::LookupAccountsRequest {
        ids: wire_ids(&[u128::MAX - 1, 5, 7, 7]),
    };
    let answer = ledger
        .lookup_accounts(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(answer.answered, 4);
    assert_eq!(ids(&answer.missing), [5]);
    let found: Vec<_> = answer
        .accounts
        .into_iter()
        .map(|account| account.read(at("account")).expect("sound"))
        .collect();
    assert_eq!(found.len(), 3);
    let timestamp = found[0].timestamp;
    assert!(!timestamp.is_zero());
    let expected = NewAccount {
        name: "Wallet".into(),
        overdraft_limit: Amount::ZERO,
        timestamp,
        ..limited
    };
    assert_eq!(found[0], expected);
    assert_eq!(
        found[1],
        NewAccount {
            timestamp: found[1].timestamp,
            ..named
        }
    );
    assert_eq!(found[1], found[2]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_move_value_and_say_what_they_moved() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    let limited = NewAccount {
        flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        ..account(3)
    };
    create_accounts(&mut ledger, 2).await;
    create(&mut ledger, &[limited]).await;

    let request = TransferBatch {
        return_balances: true,
        origin: "checkout".into(),
        ..batch(vec![
            transfer(1, 1, 3, 100),
            transfer(2, 3, 2, 101),
            Transfer {
                flags: TransferFlags::BALANCING_DEBIT,
                ..transfer(3, 3, 2, 1000)
            },
            transfer(2, 3, 2, 1),
        ])
    };
    let answer = ledger
        .create_transfers(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(
        statuses(&answer),
        ["created", "exceeds_credits", "created", "id_already_failed"]
    );
    let amounts: Vec<_> = answer.results.iter().map(|result| result.amount).collect();
    assert_eq!(
        amounts,
        [None, None, Some(Amount::new(100)), None],
        "only where it differs"
    );
    let original = answer.results[3].original_status.expect("told").name();
    assert_eq!(original, "exceeds_credits");
    assert_eq!(answer.balances.len(), 4);
    let after = answer.balances[2].expect("it took effect");
    assert_eq!(after.debit_account_id.get(), 3);
    assert_eq!(after.debit.debits_posted, Amount::new(100));
    assert_eq!(after.credit.credits_posted, Amount::new(100));
    assert_eq!(answer.balances[1], None);
    assert_ne!(answer.receipt.frame_hash, [0; 32]);

    // A dry run answers the same and leaves nothing behind.
    let before = answer.receipt.sequence;
    let dry = TransferBatch {
        dry_run: true,
        ..batch(vec![transfer(10, 1, 2, 5)])
    };
    let dry = ledger
        .create_transfers(dry)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(statuses(&dry), ["created"]);
    assert_eq!(dry.receipt.sequence, before);
    let again = ledger
        .create_transfers(batch(vec![transfer(10, 1, 2, 5)]))
        .await;
    let again = again.expect("answered").into_inner();
    assert_eq!(statuses(&again), ["created"]);
    assert!(again.receipt.sequence > before);

    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[3, 9, 1]),
        ..Default::default()
    };
    let answer = ledger
        .get_balances(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(ids(&answer.missing), [9]);
    let balances: Vec<_> = answer
        .balances
        .into_iter()
        .map(v1::AccountBalances::read)
        .collect();
    assert_eq!(balances[0].0.get(), 3);
    assert_eq!(balances[0].1.credits_posted, Amount::new(100));
    assert_eq!(balances[0].1.debits_posted, Amount::new(100));
    assert_eq!(balances[1].0.get(), 1);
    assert_eq!(balances[1].1.debits_posted, Amount::new(105));
    // A later frame may have come in between, with nothing in it.
    let receipt = Receipt::read(answer.receipt).expect("a receipt");
    let position = |receipt: &Receipt| (receipt.epoch, receipt.sequence);
    assert_eq!(position(&receipt), position(&again.receipt));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_are_looked_up_with_what_became_of_them() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    let pending = |id, amount| Transfer {
        flags: TransferFlags::PENDING,
        ..transfer(id, 1, 2, amount)
    };
    let acts_on = |id, pending: u128, flags, amount| Transfer {
        pending_id: TransferId::new(pending),
        flags,
        ..transfer(id, 0, 0, amount)
    };
    let on_hold = |id, pending, flags, amount| Transfer {
        ledger: ledger_core::LedgerId::ZERO,
        code: 0,
        ..acts_on(id, pending, flags, amount)
    };
    let reversal = |id, of: u128, amount| Transfer {
        reverses_id: TransferId::new(of),
        ..transfer(id, 0, 0, amount)
    };
    use TransferFlags as F;
    let keep_open = F::POST_PENDING_TRANSFER.with(F::KEEP_OPEN);
    let fence = F::VOID_PENDING_TRANSFER.with(F::FENCE);
    let request = batch(vec![
        Transfer {
            reference: "order 1".into(),
            group_id: GroupId::new(77),
            ..transfer(1, 1, 2, 100)
        },
        reversal(2, 1, 30),
        reversal(3, 1, 20),
        pending(4, 50),
        on_hold(5, 4, keep_open, 20),
        pending(6, 50),
        on_hold(7, 6, F::POST_PENDING_TRANSFER, 40),
        pending(8, 50),
        on_hold(9, 8, F::VOID_PENDING_TRANSFER, 0),
        transfer(10, 1, 99, 1),
        acts_on(11, 12, fence, 0),
    ]);
    let answer = ledger
        .create_transfers(request)
        .await
        .expect("answered")
        .into_inner();
    let mut expected = ["created"; 11];
    expected[9] = "credit_account_not_found";
    expected[10] = "fenced";
    assert_eq!(statuses(&answer), expected);

    let asked = [1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13];
    let request = v1::LookupTransfersRequest {
        ids: wire_ids(&asked),
    };
    let answer = ledger
        .lookup_transfers(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(answer.answered as usize, asked.len());
    assert_eq!(ids(&answer.missing), [13]);
    assert_eq!(ids(&answer.fenced), [12]);
    let used_up = answer.used_up[0].read(at("used_up")).expect("sound");
    assert_eq!(
        (used_up.id.get(), used_up.status.name()),
        (10, "credit_account_not_found")
    );
    assert!(!used_up.timestamp.is_zero());

    let records: Vec<_> = answer
        .transfers
        .into_iter()
        .map(|record| record.read(at("transfer")).expect("sound"))
        .collect();
    let became: Vec<_> = records
        .iter()
        .map(|record| {
            let id = record.transfer.id.get();
            (
                id,
                record.state,
                record.posted.get(),
                record.released.get(),
                record.reversed.get(),
            )
        })
        .collect();
    assert_eq!(
        became,
        [
            (1, TransferState::Reversed, 0, 0, 50),
            (2, TransferState::Posted, 0, 0, 0),
            (4, TransferState::Pending, 20, 0, 0),
            (5, TransferState::Posted, 0, 0, 0),
            (6, TransferState::Posted, 40, 10, 0),
            (8, TransferState::Voided, 0, 50, 0),
            (9, TransferState::Voided, 0, 0, 0),
            (11, TransferState::Fenced, 0, 0, 0),
        ]
    );
    assert_eq!(&*records[0].transfer.reference, "order 1");
    assert_eq!(records[0].transfer.group_id.get(), 77);
    assert!(
        records
            .iter()
            .all(|record| !record.transfer.timestamp.is_zero())
    );
    // A reversal that was asked for without accounts has them filled in, swapped.
    assert_eq!(records[1].transfer.debit_account_id.get(), 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trial_balance_stands_still_while_value_moves() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    let accounts: Vec<_> = (1..=5)
        .map(|id| NewAccount {
            name: format!("Account {id}").into(),
            ..account(id)
        })
        .collect();
    create(&mut ledger, &accounts).await;
    let elsewhere = NewAccount {
        ledger: ledger_core::LedgerId::new(2),
        ..account(6)
    };
    create(&mut ledger, &[elsewhere]).await;
    let moved = (1..5).map(|id| transfer(id, id, id + 1, 10)).collect();
    ledger
        .create_transfers(batch(moved))
        .await
        .expect("answered");

    let mut rows = Vec::new();
    let mut proofs = Vec::new();
    let mut sequences = Vec::new();
    let mut frames = HashSet::new();
    let mut page_token = String::new();
    for step in 100.. {
        let request = v1::GetTrialBalanceRequest {
            ledgers: vec![1],
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = ledger
            .get_trial_balance(request)
            .await
            .expect("answered")
            .into_inner();
        rows.extend(page.rows);
        proofs.extend(page.proofs);
        let receipt = Receipt::read(page.receipt).expect("a receipt");
        sequences.push(receipt.sequence);
        frames.insert(receipt.frame_hash);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        // What happens between two pages is not seen by the second.
        let moved = batch(vec![transfer(step, 1, 5, 1000)]);
        let moved = ledger
            .create_transfers(moved)
            .await
            .expect("answered")
            .into_inner();
        assert_eq!(statuses(&moved), ["created"]);
    }
    assert!(sequences.len() >= 3);
    assert!(sequences.iter().all(|sequence| *sequence == sequences[0]));
    // Each page says which frame was the newest, not which one held the sequence.
    assert_eq!(frames.len(), sequences.len());
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            let totals = row.totals();
            (
                row.name.as_str(),
                totals.debits_posted.get(),
                totals.credits_posted.get(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Account 1", 10, 0),
            ("Account 2", 10, 10),
            ("Account 3", 10, 10),
            ("Account 4", 10, 10),
            ("Account 5", 0, 10),
        ]
    );
    let [proof] = &proofs[..] else {
        panic!("one ledger was asked for")
    };
    assert!(proof.balanced);
    assert_eq!(proof.debits_posted.expect("not nothing").low, 40);

    let all = v1::GetTrialBalanceRequest::default();
    let all = ledger
        .get_trial_balance(all)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(all.rows.len(), 6);
    assert_eq!(all.proofs.len(), 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_how_the_server_is() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let mut admin = running.admin().await;
    let request = v1::GetStatusRequest {};
    let status = admin
        .get_status(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(status.health(), v1::Health::Serving);
    assert_eq!(status.role(), v1::Role::Single);
    assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
    assert_ne!(status.database_id, None);
    assert_ne!(status.started, 0);
    assert!(status.connections >= 2);
    let receipt = Receipt::read(status.receipt).expect("a receipt");
    assert!(receipt.sequence.get() >= 3);
    let state = status.state.expect("told");
    assert_eq!(state.accounts, 3);
    assert_eq!(state.accounts_max, config().accounts_max);
    let queue = status.queue.expect("told");
    assert_eq!((queue.requests, queue.bytes), (0, 0));
    assert!(status.journal.expect("told").bytes > 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = ledger_engine::Config {
        data_dir: folder.path().join("data"),
        ..config()
    };
    let open = || {
        let config = config.clone();
        Running::open(ledger_server::Limits::default(), move || {
            ledger_engine::Engine::open(config)
        })
    };
    let running = open().await;
    running.until_started().await;
    let mut ledger = running.ledger().await;
    let named = NewAccount {
        name: "Assets:Cash".into(),
        ..account(1)
    };
    create(&mut ledger, &[named, account(2)]).await;
    let request = batch(vec![transfer(1, 1, 2, 42)]);
    let answer = ledger
        .create_transfers(request.clone())
        .await
        .expect("answered")
        .into_inner();
    running.stop().await;

    let running = open().await;
    running.until_started().await;
    let mut ledger = running.ledger().await;
    let again = ledger
        .create_transfers(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(statuses(&again), ["exists"]);
    assert_eq!(again.results[0].timestamp, answer.results[0].timestamp);
    assert_ne!(again.results[0].timestamp, Timestamp::ZERO);
    assert_eq!(again.receipt.epoch, answer.receipt.epoch);
    assert!(again.receipt.sequence >= answer.receipt.sequence);
    let request = v1::LookupAccountsRequest {
        ids: wire_ids(&[1]),
    };
    let found = ledger
        .lookup_accounts(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(found.accounts[0].name, "Assets:Cash");
    running.stop().await;
}
