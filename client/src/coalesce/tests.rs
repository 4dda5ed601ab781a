use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger_core::{
    Amount, Sequence, Timestamp, Transfer, TransferAnswer, TransferAnswers, TransferFlags,
    TransferId, TransferStatus,
};
use ledger_proto::{Reason, Receipt};
use tokio::sync::Semaphore;

use super::{Carrier, Coalescer, may_travel_together};
use crate::error::Refusal;
use crate::retry::TimeLimit;
use crate::{Answer, ClientError, Coalesce, CreateOptions};

/// A server that keeps what it was sent, and answers each request once it is let.
struct Recorder {
    requests: Mutex<Vec<(CreateOptions, Vec<u128>)>>,
    lets: Semaphore,
    refusal: Option<ClientError>,
}

impl Recorder {
    fn new(lets: usize) -> Self {
        Self {
            requests: Mutex::default(),
            lets: Semaphore::new(lets),
            refusal: None,
        }
    }

    fn ids(&self) -> Vec<Vec<u128>> {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|(_, ids)| ids.clone())
            .collect()
    }
}

impl Carrier for Recorder {
    async fn carry(
        &self,
        transfers: Vec<Transfer>,
        options: &CreateOptions,
        _limit: TimeLimit,
    ) -> Result<Answer<TransferAnswers>, ClientError> {
        let ids: Vec<u128> = transfers.iter().map(|transfer| transfer.id.get()).collect();
        self.requests.lock().unwrap().push((options.clone(), ids));
        self.lets.acquire().await.expect("never closed").forget();
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        Ok(Answer {
            receipt: Receipt {
                sequence: Sequence::new(1),
                ..Receipt::default()
            },
            value: TransferAnswers {
                // Each answer tells whose it is.
                answers: transfers
                    .iter()
                    .map(|transfer| TransferAnswer {
                        status: TransferStatus::Created,
                        timestamp: Timestamp::new(1),
                        amount: Amount::new(transfer.id.get()),
                        original_status: None,
                    })
                    .collect(),
                balances: Vec::new(),
                depends_on_time: false,
            },
            contradiction: None,
        })
    }
}

fn transfer(id: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        ..Transfer::default()
    }
}

fn soon() -> TimeLimit {
    TimeLimit::from_now(Duration::from_secs(30))
}

fn one_at_a_time() -> Coalesce {
    Coalesce {
        in_flight_max: 1,
        ..Coalesce::default()
    }
}

type Call<T> = tokio::task::JoinHandle<Result<Answer<T>, ClientError>>;

/// Makes a call and lets it get as far as it can.
async fn begin(coalescer: &Arc<Coalescer>, id: u128, limit: TimeLimit) -> Call<TransferAnswer> {
    let coalescer = Arc::clone(coalescer);
    settled(async move { coalescer.transfer(transfer(id), limit).await }).await
}

async fn begin_several(
    coalescer: &Arc<Coalescer>,
    ids: impl IntoIterator<Item = u128>,
    options: &CreateOptions,
) -> Call<TransferAnswers> {
    let coalescer = Arc::clone(coalescer);
    let transfers: Vec<Transfer> = ids.into_iter().map(transfer).collect();
    let options = options.clone();
    settled(async move { coalescer.transfers(transfers, &options, soon()).await }).await
}

async fn settled<T: Send + 'static>(
    call: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    let call = tokio::spawn(call);
    settle().await;
    call
}

/// Lets every task run until it waits.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_call_that_finds_a_request_free_leaves_at_once() {
    let recorder = Arc::new(Recorder::new(1));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let answer = begin(&coalescer, 7, soon()).await.await.unwrap().unwrap();
    assert_eq!(answer.value.amount, Amount::new(7));
    assert_eq!(recorder.ids(), [[7]]);
}

#[tokio::test]
async fn calls_that_come_meanwhile_share_the_next_request_in_their_order() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let mut calls = Vec::new();
    for id in 1..=5 {
        calls.push(begin(&coalescer, id, soon()).await);
    }
    assert_eq!(
        recorder.ids(),
        [[1]],
        "one request is under way, the rest gathers"
    );
    recorder.lets.add_permits(2);
    for (id, call) in (1..).zip(calls) {
        // Each gets its own answer, not its neighbour's.
        assert_eq!(call.await.unwrap().unwrap().value.amount, Amount::new(id));
    }
    assert_eq!(recorder.ids(), [vec![1], vec![2, 3, 4, 5]]);
}

#[tokio::test]
async fn callers_that_become_ready_together_leave_together() {
    let recorder = Arc::new(Recorder::new(8));
    let coalescer = Arc::new(Coalescer::start(Coalesce::default(), &recorder));
    let mut tasks = tokio::task::JoinSet::new();
    for id in 1..=100 {
        let coalescer = Arc::clone(&coalescer);
        tasks.spawn(async move { coalescer.transfer(transfer(id), soon()).await });
    }
    while let Some(answer) = tasks.join_next().await {
        answer.unwrap().unwrap();
    }
    assert_eq!(recorder.ids().len(), 1, "{:?}", recorder.ids());
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_allowed() {
    let recorder = Arc::new(Recorder::new(0));
    let limits = Coalesce {
        in_flight_max: 3,
        ..Coalesce::default()
    };
    let coalescer = Arc::new(Coalescer::start(limits, &recorder));
    let mut calls = Vec::new();
    for id in 1..=10 {
        calls.push(begin(&coalescer, id, soon()).await);
    }
    assert_eq!(recorder.ids(), [[1], [2], [3]]);
    recorder.lets.add_permits(1);
    settle().await;
    assert_eq!(recorder.ids()[3], [4, 5, 6, 7, 8, 9, 10]);
    recorder.lets.add_permits(3);
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn only_calls_with_equal_options_share_a_request() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let plain = CreateOptions::default();
    let others = [
        CreateOptions {
            dry_run: true,
            ..plain.clone()
        },
        CreateOptions {
            return_balances: true,
            ..plain.clone()
        },
        CreateOptions {
            deadline: Some(Timestamp::new(5)),
            ..plain.clone()
        },
        CreateOptions {
            deadline: Some(Timestamp::new(6)),
            ..plain.clone()
        },
        CreateOptions {
            origin: "import".into(),
            ..plain.clone()
        },
        CreateOptions {
            traceparent: Some("00-aa-bb-01".into()),
            ..plain.clone()
        },
    ];
    let mut calls = vec![begin_several(&coalescer, [1], &plain).await];
    for round in [10, 20] {
        for (place, options) in (round..).zip(&others) {
            calls.push(begin_several(&coalescer, [place], options).await);
        }
    }
    recorder.lets.add_permits(100);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let requests = recorder.requests.lock().unwrap();
    assert_eq!(requests.len(), 1 + others.len());
    for (place, (told, ids)) in (0..).zip(&requests[1..]) {
        assert_eq!(told, &others[place as usize]);
        assert_eq!(ids, &[10 + place, 20 + place]);
    }
}

#[tokio::test]
async fn a_call_of_several_transfers_is_never_torn_apart() {
    let recorder = Arc::new(Recorder::new(0));
    let limits = Coalesce {
        events_max: 5,
        ..one_at_a_time()
    };
    let coalescer = Arc::new(Coalescer::start(limits, &recorder));
    let plain = CreateOptions::default();
    let calls = [
        begin_several(&coalescer, [1], &plain).await,
        begin_several(&coalescer, [2, 3, 4], &plain).await,
        begin_several(&coalescer, [5, 6, 7], &plain).await,
        // Would fit beside 2, 3, 4, but must not overtake.
        begin_several(&coalescer, [8], &plain).await,
        begin_several(&coalescer, [9, 10], &plain).await,
    ];
    recorder.lets.add_permits(10);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(
        recorder.ids(),
        [vec![1], vec![2, 3, 4], vec![5, 6, 7, 8], vec![9, 10]]
    );
}

#[tokio::test]
async fn each_call_of_several_gets_its_own_part() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let plain = CreateOptions::default();
    let first = begin_several(&coalescer, [1], &plain).await;
    let second = begin_several(&coalescer, [2, 3], &plain).await;
    let third = begin_several(&coalescer, [4, 5, 6], &plain).await;
    recorder.lets.add_permits(2);
    for (call, ids) in [
        (first, vec![1]),
        (second, vec![2, 3]),
        (third, vec![4, 5, 6]),
    ] {
        let answer = call.await.unwrap().unwrap();
        let told: Vec<u128> = answer
            .value
            .answers
            .iter()
            .map(|answer| answer.amount.get())
            .collect();
        assert_eq!(told, ids);
    }
}

#[tokio::test]
async fn a_call_withdrawn_before_its_request_leaves_is_never_sent() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let first = begin(&coalescer, 1, soon()).await;
    let second = begin(&coalescer, 2, soon()).await;
    let third = begin(&coalescer, 3, soon()).await;
    let fourth = begin(&coalescer, 4, soon()).await;
    third.abort();
    assert!(third.await.unwrap_err().is_cancelled());
    recorder.lets.add_permits(2);
    for (id, call) in [(1, first), (2, second), (4, fourth)] {
        assert_eq!(call.await.unwrap().unwrap().value.amount, Amount::new(id));
    }
    assert_eq!(recorder.ids(), [vec![1], vec![2, 4]]);
}

#[tokio::test]
async fn a_batch_that_everybody_left_is_not_sent() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let first = begin(&coalescer, 1, soon()).await;
    for id in 2..4 {
        begin(&coalescer, id, soon()).await.abort();
    }
    recorder.lets.add_permits(2);
    first.await.unwrap().unwrap();
    let last = begin(&coalescer, 5, soon()).await;
    last.await.unwrap().unwrap();
    assert_eq!(recorder.ids(), [[1], [5]]);
}

#[tokio::test(start_paused = true)]
async fn each_call_keeps_its_own_deadline() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let seconds = |seconds| TimeLimit::from_now(Duration::from_secs(seconds));
    let under_way = begin(&coalescer, 1, seconds(2)).await;
    let short = begin(&coalescer, 2, seconds(1)).await;
    let long = begin(&coalescer, 3, seconds(60)).await;

    let begun = tokio::time::Instant::now();
    let error = short.await.unwrap().unwrap_err();
    assert!(
        begun.elapsed() < Duration::from_millis(1100),
        "{:?}",
        begun.elapsed()
    );
    assert!(!error.is_outcome_unknown(), "it never left");

    let error = under_way.await.unwrap().unwrap_err();
    assert!(
        begun.elapsed() < Duration::from_millis(2100),
        "{:?}",
        begun.elapsed()
    );
    assert!(error.is_outcome_unknown(), "it left, and nobody answered");

    recorder.lets.add_permits(2);
    assert_eq!(long.await.unwrap().unwrap().value.amount, Amount::new(3));
    assert_eq!(
        recorder.ids(),
        [[1], [3]],
        "what was told to have failed is not sent later"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_on_for_those_who_have_time_left() {
    let recorder = Arc::new(Recorder::new(0));
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let first = begin(&coalescer, 1, soon()).await;
    let short = begin(&coalescer, 2, TimeLimit::from_now(Duration::from_secs(3))).await;
    let long = begin(&coalescer, 3, TimeLimit::from_now(Duration::from_secs(9))).await;
    recorder.lets.add_permits(1);
    first.await.unwrap().unwrap();
    let error = short.await.unwrap().unwrap_err();
    assert!(error.is_outcome_unknown());
    recorder.lets.add_permits(1);
    assert_eq!(long.await.unwrap().unwrap().value.amount, Amount::new(3));
}

#[tokio::test]
async fn a_refused_request_refuses_every_call_in_it() {
    let refusal = ClientError::Refused(Box::new(Refusal {
        reason: Some(Reason::StorageFull),
        limit: None,
        message: "the disk is full".into(),
        violations: Vec::new(),
        retry_after: None,
        fork: None,
        earlier_attempt_unknown: false,
    }));
    let recorder = Arc::new(Recorder {
        refusal: Some(refusal),
        ..Recorder::new(0)
    });
    let coalescer = Arc::new(Coalescer::start(one_at_a_time(), &recorder));
    let calls = [
        begin(&coalescer, 1, soon()).await,
        begin(&coalescer, 2, soon()).await,
    ];
    recorder.lets.add_permits(2);
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.reason(), Some(Reason::StorageFull));
        assert!(!error.is_outcome_unknown());
    }
}

#[tokio::test]
async fn waiting_transfers_are_bounded() {
    let recorder = Arc::new(Recorder::new(0));
    let limits = Coalesce {
        waiting_events_max: 2,
        ..one_at_a_time()
    };
    let coalescer = Arc::new(Coalescer::start(limits, &recorder));
    let under_way = begin(&coalescer, 1, soon()).await;
    let waiting = [
        begin(&coalescer, 2, soon()).await,
        begin(&coalescer, 3, soon()).await,
    ];
    let error = begin(&coalescer, 4, soon())
        .await
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::TooManyWaiting {
                waiting_events_max: 2
            }
        ),
        "{error}"
    );
    assert!(error.is_retryable() && !error.is_outcome_unknown());
    recorder.lets.add_permits(3);
    under_way.await.unwrap().unwrap();
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    // What was answered makes room.
    begin(&coalescer, 5, soon()).await.await.unwrap().unwrap();
}

#[test]
fn callers_are_told_when_the_runtime_of_the_client_ends() {
    let recorder = Arc::new(Recorder::new(0));
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    };
    let clients = runtime();
    let coalescer = {
        let _inside = clients.enter();
        Arc::new(Coalescer::start(one_at_a_time(), &recorder))
    };
    let callers = runtime();
    let call = |id| {
        let coalescer = Arc::clone(&coalescer);
        callers.spawn(async move { coalescer.transfer(transfer(id), soon()).await })
    };
    let under_way = call(1);
    until(|| !recorder.ids().is_empty());
    let waiting = call(2);
    until(|| !coalescer.shared.queue().is_empty());
    clients.shutdown_timeout(Duration::from_secs(5));
    let error = callers.block_on(under_way).unwrap().unwrap_err();
    assert!(error.is_outcome_unknown(), "it had left");
    let error = callers.block_on(waiting).unwrap().unwrap_err();
    assert!(!error.is_outcome_unknown(), "it had not");
    let error = callers.block_on(call(3)).unwrap().unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Closed {
                outcome_unknown: false
            }
        ),
        "{error}"
    );
}

/// Waits for another thread, but not for ever.
fn until(happened: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !happened() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not happen"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[tokio::test]
async fn workers_end_with_the_coalescer() {
    let recorder = Arc::new(Recorder::new(1));
    let limits = Coalesce {
        in_flight_max: 4,
        ..Coalesce::default()
    };
    let coalescer = Arc::new(Coalescer::start(limits, &recorder));
    begin(&coalescer, 1, soon()).await.await.unwrap().unwrap();
    assert_eq!(Arc::strong_count(&recorder), 5);
    drop(coalescer);
    settle().await;
    assert_eq!(Arc::strong_count(&recorder), 1);
}

#[test]
fn what_depends_on_its_neighbours_travels_alone() {
    let flagged = |flags| Transfer {
        flags,
        ..transfer(1)
    };
    assert!(may_travel_together(&[transfer(1)]));
    assert!(may_travel_together(&[
        flagged(TransferFlags::LINKED),
        transfer(2)
    ]));
    // Would tie the next caller's transfer to itself.
    assert!(!may_travel_together(&[flagged(TransferFlags::LINKED)]));
    // Is decided for the whole request by its first transfer.
    assert!(!may_travel_together(&[flagged(TransferFlags::IMPORTED)]));
    // Might be refused as malformed, with all others.
    let reference = "x".repeat(Transfer::REFERENCE_BYTES_MAX + 1).into();
    assert!(!may_travel_together(&[Transfer {
        reference,
        ..transfer(1)
    }]));
    assert!(!may_travel_together(&[]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_on_two_threads_each_get_their_own_answers() {
    let recorder = Arc::new(Recorder::new(Semaphore::MAX_PERMITS));
    let limits = Coalesce {
        events_max: 300,
        ..Coalesce::default()
    };
    let coalescer = Arc::new(Coalescer::start(limits, &recorder));
    let callers: Vec<_> = (0..1000)
        .map(|caller: u128| {
            let coalescer = Arc::clone(&coalescer);
            tokio::spawn(async move {
                for round in 0..20 {
                    let id = caller * 1000 + round + 1;
                    let answer = coalescer.transfer(transfer(id), soon()).await.unwrap();
                    assert_eq!(answer.value.amount, Amount::new(id));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let mut sent: Vec<u128> = recorder.ids().concat();
    assert!(recorder.ids().iter().all(|ids| ids.len() <= 300));
    assert_eq!(sent.len(), 20_000);
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), 20_000, "each was sent once");
}
