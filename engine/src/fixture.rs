//! For tests that ask a whole engine.

use std::sync::mpsc::channel;
use std::time::Duration;

use crate::{Command, Context, Engine, Failure, Reply, Request};

/// Asks for something and waits for the answer.
pub(crate) fn ask(engine: &Engine, command: Command) -> Result<Reply, Failure> {
    let (send, receive) = channel();
    let request = Request {
        command,
        context: Context::default(),
        weight_bytes: 100,
    };
    let submitted = engine.submit(request, move |reply| drop(send.send(reply)));
    submitted.expect("it is admitted");
    let answer = receive.recv_timeout(Duration::from_secs(60));
    answer.expect("every request is answered")
}
