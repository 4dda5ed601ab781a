//! Every error that the server makes, as a client sees it.

mod running;

use std::{sync::Arc, time::Duration};

use ledger_core::{NewAccount, Timestamp, Transfer, TransferFlags};
use ledger_engine::{Config, Engine};
use ledger_proto::{Reason, TransferBatch, v1};
use ledger_server::{Limits, ServeError};
use running::*;
use tokio::time::sleep;
use tonic::{Code, Request};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_named() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;

    let mut raw = running.raw().await;
    let code = v1::CreateTransfersRequest {
        transfers: vec![
            v1::Transfer::default(),
            v1::Transfer {
                code: 65536,
                ..v1::Transfer::default()
            },
        ],
        ..Default::default()
    };
    let code = prost::Message::encode_to_vec(&code);
    let error = raw.call("CreateTransfers", &code).await.expect_err("65536");
    assert_invalid(&error, "transfers[1].code");

    let reference = Transfer {
        reference: "r".repeat(4097).into(),
        ..transfer(1, 1, 2, 3)
    };
    let error = ledger
        .create_transfers(batch(vec![reference]))
        .await
        .expect_err("4097");
    assert_invalid(&error, "transfers[0].reference");
    // Shorter than that the ledger itself judges it.
    let reference = Transfer {
        reference: "r".repeat(65).into(),
        ..transfer(1, 1, 2, 3)
    };
    let answer = ledger
        .create_transfers(batch(vec![reference]))
        .await
        .expect("answered");
    assert_eq!(statuses(answer.get_ref()), ["reference_too_long"]);

    let origin = TransferBatch {
        origin: "o".repeat(256).into(),
        ..batch(vec![])
    };
    let error = ledger.create_transfers(origin).await.expect_err("256");
    assert_invalid(&error, "origin");

    let name = NewAccount {
        name: "n".repeat(4097).into(),
        ..account(9)
    };
    let accounts = vec![(&account(8)).into(), (&name).into()];
    let error = ledger
        .create_accounts(v1::CreateAccountsRequest { accounts })
        .await;
    assert_invalid(&error.expect_err("4097"), "accounts[1].name");

    let many = vec![transfer(1, 1, 2, 3); 8193];
    let error = ledger
        .create_transfers(batch(many))
        .await
        .expect_err("8193");
    assert_invalid(&error, "transfers");
    let many = v1::LookupAccountsRequest {
        ids: vec![7.into(); 8193],
    };
    let error = ledger.lookup_accounts(many).await.expect_err("8193");
    assert_invalid(&error, "ids");

    let page = v1::GetTrialBalanceRequest {
        page_size: 8193,
        ..Default::default()
    };
    let error = ledger.get_trial_balance(page).await.expect_err("8193");
    assert_invalid(&error, "page_size");
    let page = v1::GetTrialBalanceRequest {
        page_token: "no token".into(),
        ..Default::default()
    };
    let error = ledger.get_trial_balance(page).await.expect_err("no token");
    assert_invalid(&error, "page_token");
    // The token of one question does not answer another one.
    let page = v1::GetTrialBalanceRequest {
        page_size: 1,
        ..Default::default()
    };
    let page = ledger
        .get_trial_balance(page)
        .await
        .expect("answered")
        .into_inner();
    let page_token = page.next_page_token;
    assert_ne!(page_token, "");
    let other = v1::GetTrialBalanceRequest {
        ledgers: vec![1],
        page_token: page_token.clone(),
        ..Default::default()
    };
    let error = ledger
        .get_trial_balance(other)
        .await
        .expect_err("another question");
    assert_invalid(&error, "page_token");
    let other = v1::ListLedgersRequest {
        page_token: page_token.clone(),
        page_size: 0,
    };
    let error = ledger
        .list_ledgers(other)
        .await
        .expect_err("another question");
    assert_invalid(&error, "page_token");
    // Nor one with another digit, though it be one of another sequence.
    let other = format!("{}{:016x}{}", &page_token[..48], 1, &page_token[64..]);
    let other = v1::GetTrialBalanceRequest {
        page_token: other,
        ..Default::default()
    };
    let error = ledger.get_trial_balance(other).await.expect_err("mistaken");
    assert_invalid(&error, "page_token");
    // One of a sequence that is yet to come, as after a loss of events.
    let other = format!(
        "{}{:016x}{}",
        &page_token[..48],
        1_u64 << 40,
        &page_token[64..]
    );
    let other = v1::GetTrialBalanceRequest {
        page_token: checked(&other),
        ..Default::default()
    };
    let error = ledger.get_trial_balance(other).await.expect_err("beyond");
    assert_refused(&error, Code::OutOfRange, Reason::BeyondEnd);
    // One from another line of history: the epoch stands first.
    let other = format!("{:032x}{}", 1, &page_token[32..]);
    let other = v1::GetTrialBalanceRequest {
        page_token: checked(&other),
        ..Default::default()
    };
    let error = ledger
        .get_trial_balance(other)
        .await
        .expect_err("another epoch");
    assert_refused(&error, Code::FailedPrecondition, Reason::EpochChanged);

    // After all that nothing was applied but the accounts.
    let answer = ledger
        .create_transfers(batch(vec![]))
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(answer.results, []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bytes_are_refused_by_every_call_and_the_connection_lives() {
    let running = Running::start().await;
    let mut raw = running.raw().await;
    let calls = [
        "RegisterLedgers",
        "ListLedgers",
        "CreateAccounts",
        "UpdateAccounts",
        "CreateTransfers",
        "LookupAccounts",
        "LookupTransfers",
        "GetBalances",
        "ListAccounts",
        "ListTransfers",
        "ListBalances",
        "GetTrialBalance",
    ];
    let broken: [&[u8]; 6] = [
        &[0xff],
        &[0x0a, 5, 1],
        &[0x0a],
        &[0x0e],
        &[0x0c],
        &[
            0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ],
    ];
    for call in calls {
        for bytes in broken {
            let error = raw.call(call, bytes).await.expect_err("malformed");
            assert_refused(&error, Code::InvalidArgument, Reason::InvalidRequest);
        }
    }
    // Text that is not UTF-8, and a field of the wrong kind.
    let utf8 = [0x0a, 3, 0x72, 1, 0xff];
    let error = raw
        .call("CreateTransfers", &utf8)
        .await
        .expect_err("not UTF-8");
    assert_invalid(&error, "transfers[0]");
    let utf8 = [0x0a, 3, 0x52, 1, 0xff];
    let error = raw
        .call("CreateAccounts", &utf8)
        .await
        .expect_err("not UTF-8");
    assert_refused(&error, Code::InvalidArgument, Reason::InvalidRequest);
    let kind = [0x0a, 2, 0x08, 1];
    let error = raw
        .call("CreateTransfers", &kind)
        .await
        .expect_err("of the wrong kind");
    assert_invalid(&error, "transfers[0]");
    let error = raw
        .call_at("/pacioli.v1.AdminService/GetStatus", &[0xff])
        .await;
    let error = error.expect_err("malformed");
    assert_refused(&error, Code::InvalidArgument, Reason::InvalidRequest);

    // Fields that are not known here are passed over.
    let unknown = [0xf8, 0x3f, 1, 0xfa, 0x3f, 2, 1, 2];
    assert!(raw.call("ListLedgers", &unknown).await.is_ok());
    assert!(raw.call("CreateTransfers", &unknown).await.is_ok());
    // A flag that is not known is a status.
    let transfer = Transfer {
        flags: TransferFlags::from_bits(1 << 20),
        ..transfer(1, 1, 2, 3)
    };
    let answer = running
        .ledger()
        .await
        .create_transfers(batch(vec![transfer]))
        .await;
    assert_eq!(
        statuses(answer.expect("answered").get_ref()),
        ["reserved_flag"]
    );

    let error = raw.call("NoSuchCall", &[]).await.expect_err("no such call");
    assert_eq!(error.code(), Code::Unimplemented);
    let error = raw
        .call_at("/no.Service/Call", &[])
        .await
        .expect_err("no such service");
    assert_eq!(error.code(), Code::Unimplemented);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_has_passed_decides_nothing() {
    let clock = clock();
    let limits = Limits::default();
    let running = Running::start_on(limits, config(), SlowDisk::new(), Arc::clone(&clock)).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    let request = TransferBatch {
        deadline: Timestamp::new(1_700_000_000_000_000_000),
        ..batch(vec![transfer(1, 1, 2, 3)])
    };
    let error = ledger
        .create_transfers(request.clone())
        .await
        .expect_err("too late");
    assert_refused(&error, Code::DeadlineExceeded, Reason::NotDecided);
    let request = TransferBatch {
        deadline: Timestamp::MAX,
        ..request
    };
    let answer = ledger.create_transfers(request).await.expect("in time");
    assert_eq!(statuses(answer.get_ref()), ["created"], "no id was used up");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_reached_is_named() {
    let config = Config {
        accounts_max: 2,
        open_holds_max: 1,
        ..config()
    };
    let running = Running::start_with(Limits::default(), config).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    let accounts = vec![(&account(3)).into()];
    let error = ledger
        .create_accounts(v1::CreateAccountsRequest { accounts })
        .await;
    let error = error.expect_err("two at most");
    let explanation = assert_refused(&error, Code::ResourceExhausted, Reason::Limit);
    assert_eq!(explanation.limit.as_deref(), Some("accounts_max"));
    assert_eq!(explanation.retry_after, None, "accounts do not go away");
    let hold = |id| Transfer {
        flags: TransferFlags::PENDING,
        ..transfer(id, 1, 2, 1)
    };
    let answer = ledger.create_transfers(batch(vec![hold(1)])).await;
    assert_eq!(statuses(answer.expect("one fits").get_ref()), ["created"]);
    let error = ledger.create_transfers(batch(vec![hold(2)])).await;
    let error = error.expect_err("one at most");
    let explanation = assert_refused(&error, Code::ResourceExhausted, Reason::Limit);
    assert_eq!(explanation.limit.as_deref(), Some("open_holds_max"));
    assert!(explanation.retry_after.is_some(), "holds end");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once() {
    let disk = SlowDisk::new();
    let config = Config {
        queue_bytes_max: 8 << 10,
        ..config()
    };
    let running = Running::start_on(Limits::default(), config, Arc::clone(&disk), clock()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.stall();
    let waiting: Vec<_> = (1..=100)
        .map(|id| {
            let mut ledger = ledger.clone();
            tokio::spawn(async move {
                ledger
                    .create_transfers(batch(vec![transfer(id, 1, 2, 1)]))
                    .await
            })
        })
        .collect();
    sleep(Duration::from_millis(300)).await;
    disk.go_on();
    let (mut created, mut refused) = (0, 0);
    for answer in waiting {
        match answer.await.expect("no panic") {
            Ok(answer) => {
                assert_eq!(statuses(answer.get_ref()), ["created"]);
                created += 1;
            }
            Err(error) => {
                let explanation =
                    assert_refused(&error, Code::ResourceExhausted, Reason::QueueFull);
                assert!(explanation.retry_after.is_some());
                refused += 1;
            }
        }
    }
    assert!(
        created > 0 && refused > 0,
        "{created} created, {refused} refused"
    );
    // What was refused was not applied, what was acknowledged was.
    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[1]),
        ..Default::default()
    };
    let answer = ledger
        .get_balances(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(answer.balances[0].read().1.debits_posted.get(), created);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_before_deciding_and_reads_go_on() {
    let disk = SlowDisk::new();
    let config = Config {
        segment_bytes: 256 << 10,
        frame_bytes_max: 64 << 10,
        ..config()
    };
    let running = Running::start_on(Limits::default(), config, Arc::clone(&disk), clock()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.memory.set_capacity(0);
    let mut applied = 0_u128;
    let error = loop {
        let transfers = (1..=100)
            .map(|id| transfer(applied + id, 1, 2, 1))
            .collect();
        match ledger.create_transfers(batch(transfers)).await {
            Ok(_) => applied += 100,
            Err(error) => break error,
        }
        assert!(applied < 1_000_000, "the disk never becomes full");
    };
    assert_refused(&error, Code::FailedPrecondition, Reason::StorageFull);
    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[1]),
        ..Default::default()
    };
    let answer = ledger
        .get_balances(request)
        .await
        .expect("reads go on")
        .into_inner();
    assert_eq!(answer.balances[0].read().1.debits_posted.get(), applied);
    let request = v1::LookupTransfersRequest {
        ids: wire_ids(&[1, applied]),
    };
    let answer = ledger
        .lookup_transfers(request)
        .await
        .expect("reads go on")
        .into_inner();
    assert_eq!(answer.transfers.len(), 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config {
        data_dir: folder.path().join("data"),
        ..config()
    };
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let running = Running::open(Limits::default(), move || {
        wait.recv().expect("told to go on");
        Engine::open(config)
    })
    .await;
    let mut ledger = running.ledger().await;
    let error = ledger
        .create_transfers(batch(vec![transfer(1, 1, 2, 3)]))
        .await;
    let explanation = assert_refused(
        &error.expect_err("starting"),
        Code::Unavailable,
        Reason::Starting,
    );
    assert!(explanation.retry_after.is_some());
    let error = running
        .admin()
        .await
        .get_status(v1::GetStatusRequest {})
        .await;
    assert_refused(
        &error.expect_err("starting"),
        Code::Unavailable,
        Reason::Starting,
    );
    go_on.send(()).expect("waiting");
    running.until_started().await;
    create_accounts(&mut ledger, 2).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_opened_ends_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config {
        data_dir: folder.path().join("data"),
        ..config()
    };
    let _holder = Engine::open(config.clone()).expect("opened");
    let second = Running::open(Limits::default(), move || Engine::open(config)).await;
    let error = second.ended().await.expect_err("the first holds it");
    assert!(matches!(error, ServeError::Open(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_leaves_the_outcome_unknown_and_ends_the_server() {
    let disk = SlowDisk::new();
    let limits = Limits::default();
    let running = Running::start_on(limits, config(), Arc::clone(&disk), clock()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.memory.fail_syncs(true);
    let error = ledger
        .create_transfers(batch(vec![transfer(1, 1, 2, 3)]))
        .await;
    let error = error.expect_err("not durable");
    assert_eq!(error.code(), Code::Unknown, "{error:?}");
    let explanation = ledger_proto::Explanation::of(&error).expect("explained");
    assert_eq!(explanation.reason, Some(Reason::OutcomeUnknown));
    assert!(!explanation.nothing_applied);
    let error = running.ended().await.expect_err("halted");
    assert!(matches!(error, ServeError::Halted(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown() {
    let disk = SlowDisk::new();
    let limits = Limits {
        request_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let running = Running::start_on(limits, config(), Arc::clone(&disk), clock()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.stall();
    let error = ledger
        .create_transfers(batch(vec![transfer(1, 1, 2, 3)]))
        .await;
    let error = error.expect_err("the disk waits");
    assert_eq!(error.code(), Code::Unknown, "{error:?}");
    let explanation = ledger_proto::Explanation::of(&error).expect("explained");
    assert!(!explanation.nothing_applied);
    disk.go_on();
    // It was admitted, so it was decided; a retry with the same id tells so.
    let answer = ledger
        .create_transfers(batch(vec![transfer(1, 1, 2, 3)]))
        .await;
    assert_eq!(statuses(answer.expect("answered").get_ref()), ["exists"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_stops_only_the_waiting() {
    let disk = SlowDisk::new();
    let limits = Limits::default();
    let running = Running::start_on(limits, config(), Arc::clone(&disk), clock()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.stall();
    for id in 1..=20 {
        let mut ledger = ledger.clone();
        let request = Request::new(batch(vec![transfer(id, 1, 2, 1)]));
        let call = ledger.create_transfers(request);
        // The future is dropped, and the stream with it.
        assert!(
            tokio::time::timeout(Duration::from_millis(20), call)
                .await
                .is_err()
        );
    }
    disk.go_on();
    let retries = (1..=20).map(|id| transfer(id, 1, 2, 1)).collect();
    let answer = ledger
        .create_transfers(batch(retries))
        .await
        .expect("answered");
    assert_eq!(statuses(answer.get_ref()), ["exists"; 20]);
    let status = running
        .admin()
        .await
        .get_status(v1::GetStatusRequest {})
        .await;
    let queue = status.expect("answered").into_inner().queue.expect("told");
    assert_eq!((queue.requests, queue.bytes), (0, 0), "no place leaks");
    running.stop().await;
}
