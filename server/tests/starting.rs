//! A server that is asked to end before it has started.

mod running;

use std::{sync::mpsc, time::Duration};

use ledger_engine::Engine;
use ledger_proto::{Reason, v1};
use ledger_server::Limits;
use running::*;
use tokio::time::{sleep, timeout};
use tonic::Code;

/// Far longer than any of this takes.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_asked_to_end_while_it_opens_ends_cleanly_once_it_is_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = ledger_engine::Config {
        data_dir: folder.path().join("data"),
        ..config()
    };
    let (open_gate, gate) = mpsc::channel::<()>();
    let again = config.clone();
    let (tell_engine, told_engine) = mpsc::channel();
    let mut running = Running::open(Limits::default(), move || {
        gate.recv().expect("the gate opens");
        let engine = Engine::open(config)?;
        tell_engine.send(engine.clone()).expect("somebody looks");
        Ok(engine)
    })
    .await;

    let mut ledger = running.ledger().await;
    let error = ledger
        .list_ledgers(v1::ListLedgersRequest::default())
        .await
        .expect_err("not open yet");
    assert_refused(&error, Code::Unavailable, Reason::Starting);

    running.begin_stop();
    // The signal is heard at once, though the engine is still being opened.
    let drains = async {
        loop {
            let error = ledger
                .list_ledgers(v1::ListLedgersRequest::default())
                .await
                .expect_err("not open yet");
            let explanation = ledger_proto::Explanation::of(&error).expect("explained");
            if explanation.reason == Some(Reason::Draining) {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, drains).await.expect("the signal is heard");

    open_gate.send(()).expect("the server waits");
    timeout(LONG, running.ended())
        .await
        .expect("one signal is enough")
        .expect("ended cleanly");
    let engine = told_engine.recv().expect("opened");
    assert_ne!(engine.health(), ledger_engine::Health::Serving);
    drop(engine);

    // Nothing holds the database any more.
    Engine::open(again).expect("opens again").shutdown();
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_database_does_not_open_is_told_also_to_who_asked_to_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data");
    std::fs::write(&file, "not a directory").expect("written");
    let config = ledger_engine::Config {
        data_dir: file,
        ..config()
    };
    let (open_gate, gate) = mpsc::channel::<()>();
    let mut running = Running::open(Limits::default(), move || {
        gate.recv().expect("the gate opens");
        Engine::open(config)
    })
    .await;
    running.begin_stop();
    open_gate.send(()).expect("the server waits");
    let ended = timeout(LONG, running.ended()).await.expect("it ends");
    assert!(
        matches!(ended, Err(ledger_server::ServeError::Open(_))),
        "{ended:?}"
    );
}
