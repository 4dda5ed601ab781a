//! What a client may conclude from an error.

use std::time::Duration;

use ledger_core::Sequence;
use tonic::Status;
use tonic_types::StatusExt;

use crate::{
    Reason,
    refusal::{APPLIED, DOMAIN, FORK_SEQUENCE, LIMIT},
};

/// What the server itself says about an error that it made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Why, if this version knows the reason.
    pub reason: Option<Reason>,
    /// Whether it is certain that nothing of the request was applied.
    pub nothing_applied: bool,
    /// How long to wait before trying again, where the server says so.
    pub retry_after: Option<Duration>,
    /// The name of the limit that is reached, if one is.
    pub limit: Option<Box<str>>,
    /// The last event that two lines of history have in common, if the request was of another line
    /// of history than the server and that event is known.
    pub fork: Option<Sequence>,
    /// The fields that are at fault, each with what is wrong with it.
    pub fields: Vec<(Box<str>, Box<str>)>,
}

impl Explanation {
    /// Reads what the server says. `None` if the server did not make this error: a broken
    /// connection, a message too large for the client, a proxy. Then, whatever the code of the
    /// status, the outcome is unknown.
    #[must_use]
    pub fn of(status: &Status) -> Option<Self> {
        let details = status.check_error_details().ok()?;
        let info = details.error_info().filter(|info| info.domain == DOMAIN)?;
        let fields = details
            .bad_request()
            .map_or(&[][..], |request| &request.field_violations);
        Some(Self {
            reason: info.reason.parse().ok(),
            nothing_applied: info
                .metadata
                .get(APPLIED)
                .is_some_and(|applied| applied == "false"),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            limit: info.metadata.get(LIMIT).map(|limit| limit.as_str().into()),
            fork: info
                .metadata
                .get(FORK_SEQUENCE)
                .and_then(|fork| fork.parse().ok())
                .map(Sequence::new),
            fields: fields
                .iter()
                .map(|field| {
                    (
                        field.field.as_str().into(),
                        field.description.as_str().into(),
                    )
                })
                .collect(),
        })
    }
}
