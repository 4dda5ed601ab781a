//! `Verify`.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use ledger_engine::{
    Engine,
    scrub::{ScrubFinding, Scrubbing},
};
use ledger_proto::{
    Refusal, Severity, VerifyFinding, VerifyPart, VerifyProgress, VerifySummary, v1,
};

use super::status::receipt;
use crate::{
    desk::Desk,
    failure,
    streaming::{Messages, Outgoing, place, stream},
};

/// How often progress is told.
const PROGRESS_PERIOD: Duration = Duration::from_millis(500);

pub(super) fn answer(
    desk: &Arc<Desk>,
    request: &v1::VerifyRequest,
) -> Result<Messages<v1::VerifyResponse>, Refusal> {
    let first_segment = request.first_segment;
    let limit = desk.limits.verifications_max;
    let place = place(&desk.verifications, "verifications_max", limit)?;
    stream(desk, place, move |engine, outgoing| {
        verify(engine, outgoing, first_segment)
    })
}

fn verify(
    engine: &Engine,
    outgoing: &Outgoing<v1::VerifyResponse>,
    first_segment: u64,
) -> Result<(), Refusal> {
    let receipt = receipt(&engine.status());
    let mut sent = Ok(());
    let mut told = None::<Instant>;
    let scrubbed = engine.scrub(first_segment, &mut |scrubbing| {
        let part = match scrubbing {
            Scrubbing::Progress(progress) => {
                if told.is_some_and(|told| told.elapsed() < PROGRESS_PERIOD) {
                    return ControlFlow::Continue(());
                }
                told = Some(Instant::now());
                VerifyPart::Progress(VerifyProgress {
                    bytes: progress.bytes,
                    bytes_total: progress.bytes_total,
                    sequence: progress.sequence,
                })
            }
            Scrubbing::Flaw(finding) => {
                if let Some(refused) = failure::read_refused(&finding.flaw) {
                    sent = Err(refused);
                    return ControlFlow::Break(());
                }
                VerifyPart::Finding(told_finding(&finding))
            }
        };
        sent = outgoing.send(part.into());
        match sent {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    sent?;
    let summary = VerifySummary {
        receipt,
        segments: scrubbed.segments,
        snapshots: scrubbed.snapshots,
        runs: scrubbed.runs,
        events: scrubbed.events,
        bytes: scrubbed.bytes,
        errors: scrubbed.flaws,
        notes: 0,
    };
    outgoing.send(VerifyPart::Summary(summary).into())
}

/// What was found, as it is told; the operator of the server finds it in the log, too.
fn told_finding(finding: &ScrubFinding) -> VerifyFinding {
    let ScrubFinding {
        file,
        offset,
        sequence,
        flaw,
    } = finding;
    tracing::error!(file = %file.display(), offset, %sequence, %flaw, "a finished file is damaged");
    VerifyFinding {
        severity: Severity::Error,
        file: file.to_string_lossy().into(),
        offset: *offset,
        sequence: *sequence,
        problem: flaw.to_string().into(),
    }
}
