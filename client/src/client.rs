//! The client itself. Its calls are beside it, by what they are about.

use std::sync::Arc;
use std::time::Duration;

use ledger_proto::Receipt;

use crate::calls::Calls;
use crate::coalesce::Coalescer;
use crate::retry::TimeLimit;
use crate::{ClientError, ClientOptions};

/// A client of one server. Clones share its connections.
///
/// Every call is made again with the same ids for as long as that may help and its deadline
/// allows; an error then says whether the call may have taken effect
/// ([`ClientError::is_outcome_unknown`]). Every answer carries a receipt.
///
/// Dropping a call's future ends the waiting; what has reached the server is decided all the same.
///
/// # Absent
/// Generated messages and types of the transport: whatever changes below, these signatures stay.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) calls: Arc<Calls>,
    pub(crate) coalescer: Option<Arc<Coalescer>>,
    deadline: Duration,
}

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`] at once if nobody answers; it is not tried again.
    pub async fn connect(options: ClientOptions) -> Result<Self, ClientError> {
        let calls = Calls::connect(&options).await?;
        Ok(Self::with(calls, &options))
    }

    /// A client that connects with its first call, and waits in it for a server that is not there
    /// yet.
    ///
    /// # Errors
    /// [`ClientError::Address`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn lazy(options: ClientOptions) -> Result<Self, ClientError> {
        let calls = Calls::lazy(&options)?;
        Ok(Self::with(calls, &options))
    }

    fn with(calls: Calls, options: &ClientOptions) -> Self {
        let calls = Arc::new(calls);
        let coalescer = options
            .coalesce
            .map(|limits| Arc::new(Coalescer::start(limits, &calls)));
        Self {
            calls,
            coalescer,
            deadline: options.deadline,
        }
    }

    /// The same client with another deadline for its calls, retries included.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self {
            deadline,
            ..self.clone()
        }
    }

    /// The newest receipt of all answers so far. Kept across runs, it lets
    /// [`ClientOptions::known_receipt`] notice that the server was restored or lost something.
    #[must_use]
    pub fn last_receipt(&self) -> Option<Receipt> {
        self.calls.newest()
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn limit(&self) -> TimeLimit {
        TimeLimit::from_now(self.deadline)
    }
}
