//! Many who ask at once, and what is recorded of who they are.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ledger_core::{Event, Fact, TransferStatus};
use ledger_engine::journal::{self, JournalOptions, OwnedContext, Replay, RequestContext};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Config, Context, Request};

use crate::teller::{Teller, clock, config, create, hold, transfer, transfer_answers, wait};

#[test]
fn an_id_that_comes_from_many_at_once_is_created_once() {
    let config = Config {
        segment_bytes: 4 << 20,
        ..config()
    };
    let teller = Teller::open_as(config, &MemoryVfs::new(1), &clock());
    teller.open_accounts(2);
    let created: Vec<usize> = thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let pending: Vec<_> = (1..=500)
                        .map(|id| teller.start(create(vec![transfer(id, 1)])).unwrap())
                        .collect();
                    let status = |reply| transfer_answers(wait(&reply)).answers[0].status;
                    let statuses = pending.into_iter().map(status);
                    statuses
                        .filter(|&status| status == TransferStatus::Created)
                        .count()
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    assert_eq!(created.iter().sum::<usize>(), 500);
    assert_eq!(teller.totals(2).credits_posted.get(), 500);
}

/// Takes down which request every event came from.
#[derive(Default)]
struct Requests(HashMap<u64, (OwnedContext, bool)>);

impl Replay for Requests {
    fn event(
        &mut self,
        event: &Event,
        request: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let expired = matches!(event.fact, Fact::TransferExpired(_));
        self.0
            .insert(event.sequence.get(), (request.to_owned(), expired));
        Ok(())
    }
}

#[test]
fn who_asked_is_recorded_with_the_events() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    let context = Context {
        principal: Some("till 7".into()),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        origin: Some("shop".into()),
    };
    let request = Request {
        command: create(vec![hold(1, 5, 1)]),
        context: context.clone(),
        weight_bytes: 1,
    };
    let (send, receive) = std::sync::mpsc::channel();
    teller
        .engine
        .submit(request, move |reply| drop(send.send(reply)))
        .unwrap();
    assert!(receive.recv().unwrap().is_ok());
    clock.advance(Duration::from_secs(5));
    crate::teller::eventually("the reservation is released", || {
        teller.engine.status().durable.get() == 4
    });
    teller.engine.shutdown();
    let mut requests = Requests::default();
    let options = JournalOptions {
        segment_bytes: 128 << 10,
        ..JournalOptions::default()
    };
    journal::open(Arc::new(vfs), Path::new("/data"), options, &mut requests).unwrap();
    let (asked, _) = &requests.0[&3];
    assert_eq!(asked.principal, context.principal);
    assert_eq!(asked.traceparent, context.traceparent);
    assert_eq!(asked.origin, context.origin);
    assert!(!asked.internal);
    let (released, expired) = &requests.0[&4];
    assert!(
        released.internal && *expired,
        "nobody asked for the release"
    );
}
