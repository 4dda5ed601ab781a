//! The client over a real socket, against a server that does as it is told.

mod fake_server;

use std::time::Duration;

use fake_server::{ANY_PORT, Act, FakeServer, Script};
use ledger_client::{Client, ClientError, ClientOptions, Coalesce, CreateOptions, Reason};
use ledger_core::{
    AccountId, Amount, Timestamp, Transfer, TransferFlags, TransferId, TransferStatus,
};
use ledger_proto::Refusal;
use tonic::Status;
use tonic::transport::Server;

fn transfer(id: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        amount: Amount::new(id + 1),
        ..Transfer::default()
    }
}

fn refuse(refusal: Refusal) -> Act {
    Act::Refuse(refusal.into())
}

async fn client(server: &FakeServer) -> Client {
    Client::connect(ClientOptions::new(server.url()))
        .await
        .expect("the server answers")
}

#[tokio::test]
async fn a_batch_is_answered_in_order_with_what_actually_moved() {
    let script = Script::of([]);
    let server = FakeServer::start(&script).await;
    let client = client(&server).await;
    let all_that_is_left = Transfer {
        amount: Amount::MAX,
        ..transfer(2)
    };
    let options = CreateOptions {
        dry_run: true,
        deadline: Some(Timestamp::new(99)),
        origin: "tests".into(),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        ..CreateOptions::default()
    };
    let answer = client
        .create_transfers(vec![transfer(1), all_that_is_left], &options)
        .await
        .unwrap();
    let answers = &answer.value.answers;
    assert!(
        answers
            .iter()
            .all(|it| it.status == TransferStatus::Created)
    );
    assert_eq!(
        [answers[0].amount, answers[1].amount],
        [Amount::new(2), Amount::new(7)]
    );
    assert_eq!(answer.contradiction, None);
    assert_eq!(client.last_receipt(), Some(answer.receipt));

    let batches = script.batches.lock().unwrap();
    assert!(batches[0].dry_run);
    assert_eq!(batches[0].deadline, Timestamp::new(99));
    assert_eq!(&*batches[0].origin, "tests");
    assert_eq!(
        *script.traceparents.lock().unwrap(),
        [options.traceparent.map(String::from)]
    );
}

#[tokio::test]
async fn what_passes_is_retried_with_the_same_ids() {
    let script = Script::of([
        refuse(Refusal::Starting),
        refuse(Refusal::OutcomeUnknown),
        Act::Refuse(Status::unavailable("a proxy is tired")),
        refuse(Refusal::QueueFull { queue_bytes_max: 1 }),
    ]);
    let server = FakeServer::start(&script).await;
    let answer = client(&server)
        .await
        .create_transfer(transfer(5))
        .await
        .unwrap();
    assert_eq!(answer.value.status, TransferStatus::Created);
    assert_eq!(script.ids(), vec![vec![5]; 5]);
}

#[tokio::test]
async fn a_refusal_that_stays_is_told_at_once() {
    let script = Script::of([refuse(Refusal::StorageFull)]);
    let server = FakeServer::start(&script).await;
    let error = client(&server)
        .await
        .create_transfer(transfer(5))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some(Reason::StorageFull));
    assert!(!error.is_outcome_unknown() && !error.is_retryable());
    assert_eq!(script.ids(), [[5]]);
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_again() {
    let script = Script::of([Act::Create, Act::Hang]);
    let server = FakeServer::start(&script).await;
    let client = client(&server).await;
    client.create_transfer(transfer(1)).await.unwrap();

    let address = server.address;
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.create_transfer(transfer(2)).await }
    });
    while script.ids().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // The answer to the second is lost with its connection.
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let _server = FakeServer::start_at(&script, address).await;
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer.value.status, TransferStatus::Created);
    assert_eq!(script.ids(), [[1], [2], [2]]);
}

#[tokio::test]
async fn nobody_at_the_address_is_told_at_once_and_waited_for_when_lazy() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = ClientOptions::new(format!("http://{address}")).deadline(Duration::from_secs(20));
    let error = Client::connect(options.clone()).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }));
    assert!(error.to_string().contains("pacioli serve"), "{error}");

    let client = Client::lazy(options).unwrap();
    let waiting = tokio::spawn(async move { client.create_transfer(transfer(1)).await });
    tokio::time::sleep(Duration::from_millis(30)).await;
    let script = Script::of([]);
    let _server = FakeServer::start_at(&script, address).await;
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn addresses_that_cannot_be_meant_are_refused() {
    for server in [
        "",
        "127.0.0.1:7400",
        "https://127.0.0.1:7400",
        "http://",
        "http://a/b",
    ] {
        let error = Client::lazy(ClientOptions::new(server)).unwrap_err();
        assert!(
            matches!(error, ClientError::Address { .. }),
            "{server}: {error}"
        );
    }
}

#[tokio::test]
async fn silence_ends_at_the_deadline_with_an_unknown_outcome() {
    let script = Script::of([Act::Hang]);
    let server = FakeServer::start(&script).await;
    let client = client(&server)
        .await
        .with_deadline(Duration::from_millis(80));
    let error = client.create_transfer(transfer(1)).await.unwrap_err();
    assert!(matches!(error, ClientError::DeadlinePassed(_)), "{error}");
    assert!(error.is_outcome_unknown() && error.is_retryable());
}

#[tokio::test]
async fn an_answer_with_a_result_too_few_is_not_believed() {
    let script = Script::of([Act::Forget]);
    let server = FakeServer::start(&script).await;
    let calls = vec![transfer(1), transfer(2)];
    let options = CreateOptions::default();
    let error = client(&server)
        .await
        .create_transfers(calls, &options)
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Unanswered(_)), "{error}");
    assert!(error.is_outcome_unknown() && !error.is_retryable());
}

#[tokio::test]
async fn a_server_that_forgot_is_found_out() {
    let script = Script::of([
        Act::CreateAsOf(10, 1),
        Act::CreateAsOf(4, 1),
        Act::CreateAsOf(12, 2),
    ]);
    let server = FakeServer::start(&script).await;
    let client = client(&server).await;
    let first = client.create_transfer(transfer(1)).await.unwrap();
    assert_eq!(first.contradiction, None);

    let second = client.create_transfer(transfer(2)).await.unwrap();
    let told = second.contradiction.expect("sequence 4 after 10");
    assert_eq!((told.known, told.told), (first.receipt, second.receipt));
    assert_eq!(client.last_receipt(), Some(first.receipt));

    let third = client.create_transfer(transfer(3)).await.unwrap();
    assert_eq!(
        third.contradiction.expect("another epoch").known,
        first.receipt
    );
    assert_eq!(client.last_receipt(), Some(third.receipt));

    // The next process remembers.
    let options = ClientOptions::new(server.url()).known_receipt(first.receipt);
    let later = Client::connect(options).await.unwrap();
    *script.sequence.lock().unwrap() = 3;
    assert!(
        later
            .create_transfer(transfer(4))
            .await
            .unwrap()
            .contradiction
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_share_requests_when_asked_to() {
    let script = Script::of([]);
    let server = FakeServer::start(&script).await;
    let options = ClientOptions::new(server.url()).coalesce(Coalesce::default());
    let client = Client::connect(options).await.unwrap();
    let callers: Vec<_> = (0..500_u128)
        .map(|caller| {
            let client = client.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let id = 1 + caller * 10 + round;
                    let answer = client.create_transfer(transfer(id)).await.unwrap();
                    assert_eq!(answer.value.amount, Amount::new(id + 1));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let mut ids = script.ids().concat();
    let requests = script.ids().len();
    ids.sort_unstable();
    assert!(ids.iter().copied().eq(1..=5000), "each was sent once");
    assert!(requests < 1000, "{requests} requests for 5000 calls");
}

#[tokio::test]
async fn a_chain_is_tied_together_and_ends() {
    let script = Script::of([]);
    let server = FakeServer::start(&script).await;
    let options = ClientOptions::new(server.url()).coalesce(Coalesce::default());
    let client = Client::connect(options).await.unwrap();
    let wrongly_open = Transfer {
        flags: TransferFlags::LINKED,
        ..transfer(3)
    };
    let chain = vec![transfer(1), transfer(2), wrongly_open];
    let answer = client
        .create_chain(chain, &CreateOptions::default())
        .await
        .unwrap();
    assert_eq!(answer.value.answers.len(), 3);
    let batches = script.batches.lock().unwrap();
    let linked: Vec<bool> = batches[0]
        .transfers
        .iter()
        .map(|it| it.flags.contains(TransferFlags::LINKED))
        .collect();
    assert_eq!(linked, [true, true, false]);
}

#[tokio::test]
async fn a_single_transfer_with_an_open_chain_travels_alone() {
    let script = Script::of([Act::Hang]);
    let server = FakeServer::start(&script).await;
    let limits = Coalesce {
        in_flight_max: 1,
        ..Coalesce::default()
    };
    let options = ClientOptions::new(server.url()).coalesce(limits);
    let client = Client::connect(options).await.unwrap();
    let blocked = tokio::spawn({
        let client = client.clone();
        async move { client.create_transfer(transfer(1)).await }
    });
    while script.ids().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // It does not wait for the request that gathers.
    let open = Transfer {
        flags: TransferFlags::LINKED,
        ..transfer(2)
    };
    client.create_transfer(open).await.unwrap();
    assert_eq!(script.ids(), [[1], [2]]);
    blocked.abort();
}

#[tokio::test]
async fn a_lookup_that_is_answered_in_parts_is_asked_to_its_end() {
    let script = Script::of([]);
    let server = FakeServer::start(&script).await;
    let ids: Vec<AccountId> = (1..=5).map(AccountId::new).collect();
    let found = client(&server)
        .await
        .lookup_accounts(&ids)
        .await
        .unwrap()
        .value
        .found;
    assert_eq!(found.iter().map(|it| it.id).collect::<Vec<_>>(), ids);
    assert_eq!(*script.lookups.lock().unwrap(), [5, 3, 1]);
}

#[tokio::test]
async fn a_trial_balance_is_read_to_its_last_page_past_empty_ones() {
    let script = Script::of([Act::CreateAsOf(1, 1), Act::CreateAsOf(50, 1)]);
    let server = FakeServer::start(&script).await;
    let client = client(&server).await;
    client.create_transfer(transfer(1)).await.unwrap();
    let whole = client.trial_balance(&[]).await.unwrap();
    let ids: Vec<u128> = whole
        .value
        .accounts
        .iter()
        .map(|it| it.account_id.get())
        .collect();
    assert_eq!(ids, [1, 3]);
    assert_eq!(whole.contradiction, None);

    let first = client
        .trial_balance_page(&[], 10, None)
        .await
        .unwrap()
        .value;
    client.create_transfer(transfer(2)).await.unwrap();
    let token = first.next.expect("a second page");
    // As old as the first page, and rightly so.
    let second = client
        .trial_balance_page(&[], 10, Some(&token))
        .await
        .unwrap();
    assert_eq!(second.contradiction, None);
}

#[tokio::test]
async fn more_calls_than_a_connection_takes_wait_for_their_turn() {
    let script = Script::of([]);
    let narrow = Server::builder().max_concurrent_streams(2);
    let server = FakeServer::start_as(&script, ANY_PORT, narrow).await;
    let client = Client::connect(ClientOptions::new(server.url()).connections(1))
        .await
        .unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for id in 1..=200 {
        let client = client.clone();
        calls.spawn(async move { client.create_transfer(transfer(id)).await });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap().unwrap();
    }
    let mut ids = script.ids().concat();
    ids.sort_unstable();
    assert!(ids.iter().copied().eq(1..=200));
}

#[tokio::test]
async fn connections_that_the_server_lets_grow_old_are_replaced_unnoticed() {
    let script = Script::of([]);
    let impatient = Server::builder().max_connection_age(Duration::from_millis(20));
    let server = FakeServer::start_as(&script, ANY_PORT, impatient).await;
    let client = Client::connect(ClientOptions::new(server.url()).connections(1))
        .await
        .unwrap();
    let begun = std::time::Instant::now();
    let mut id = 0;
    while begun.elapsed() < Duration::from_millis(300) {
        id += 1;
        client.create_transfer(transfer(id)).await.unwrap();
    }
    let mut ids = script.ids().concat();
    ids.dedup();
    assert!(ids.iter().copied().eq(1..=id), "none was lost");
}

#[tokio::test]
async fn a_batch_of_the_largest_size_passes() {
    let script = Script::of([]);
    let server = FakeServer::start(&script).await;
    let batch: Vec<Transfer> = (1..=8192)
        .map(|id| Transfer {
            user_data_128: u128::MAX,
            reference: "r".repeat(Transfer::REFERENCE_BYTES_MAX).into(),
            ..transfer(u128::MAX - id - 1)
        })
        .collect();
    let client = client(&server).await;
    let answer = client
        .create_transfers(&batch, &CreateOptions::default())
        .await
        .unwrap();
    assert_eq!(answer.value.answers.len(), 8192);
    assert_eq!(script.batches.lock().unwrap()[0].transfers, batch);
}
