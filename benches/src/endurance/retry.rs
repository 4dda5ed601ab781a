//! Sending old transfers again.

use std::time::{Duration, Instant};

use ledger_client::{Client, ClientOptions, CreateOptions};
use ledger_core::{Transfer, TransferStatus};
use serde::Serialize;

use super::{Old, milliseconds};
use crate::{BenchError, BenchOptions, Generator, Phase, Progress};

/// How many old transfers a call brings: few, so that each call's time tells something.
const BATCH: usize = 100;
/// How long the first call may take, while an index is made again.
const DEADLINE: Duration = Duration::from_secs(1800);

/// What a start on an old database was like.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Reopened {
    /// From the start of the process until it listened.
    pub listening_after_seconds: f64,
    /// From the start of the process until the first old transfers were answered.
    pub writing_after_seconds: f64,
    /// How many old transfers were sent again, and answered `exists` with their own moment.
    pub retried: u64,
    /// How long all of them took, from the first answer on.
    pub seconds: f64,
    /// The longest call after the first.
    pub call_ms_max: f64,
    /// The most memory that the server had resident.
    pub server_rss_bytes_max: Option<u64>,
}

/// Sends all of `old` again.
pub(super) async fn all(
    options: &BenchOptions,
    old: &[Old],
    begun: Instant,
    opened: Duration,
    on_progress: &(dyn Fn(Progress) + Sync),
) -> Result<Reopened, BenchError> {
    let client_options = ClientOptions::new(options.server.as_str()).deadline(DEADLINE);
    let client = Client::connect(client_options).await?;
    let generator = Generator::new(options);
    let mut retried = 0;
    let mut first_answer = None;
    let mut longest = Duration::ZERO;
    for part in old.chunks(BATCH) {
        on_progress(Progress {
            phase: Phase::Retrying,
            done: retried,
            total: old.len() as u64,
        });
        let asked = Instant::now();
        retry(&client, &generator, part).await?;
        match first_answer {
            None => first_answer = Some(Instant::now()),
            Some(_) => longest = longest.max(asked.elapsed()),
        }
        retried += part.len() as u64;
    }
    let first_answer = first_answer.unwrap_or_else(Instant::now);
    Ok(Reopened {
        listening_after_seconds: opened.as_secs_f64(),
        writing_after_seconds: (first_answer - begun).as_secs_f64(),
        retried,
        seconds: first_answer.elapsed().as_secs_f64(),
        call_ms_max: milliseconds(longest),
        server_rss_bytes_max: None,
    })
}

async fn retry(client: &Client, generator: &Generator, old: &[Old]) -> Result<(), BenchError> {
    let transfers: Vec<Transfer> = old
        .iter()
        .map(|&(index, _)| generator.transfer(index, true))
        .collect();
    let ids: Vec<_> = transfers.iter().map(|transfer| transfer.id).collect();
    let answers = client
        .create_transfers(transfers, &CreateOptions::default())
        .await?
        .value
        .answers;
    for ((&(_, moment), id), answer) in old.iter().zip(ids).zip(answers) {
        if answer.status != TransferStatus::Exists || answer.timestamp != moment {
            return Err(BenchError::Forgotten {
                id,
                status: answer.status,
                found: answer.timestamp,
                expected: moment,
            });
        }
    }
    Ok(())
}
