//! Where the server is.

use std::time::Duration;

use ledger_client::{Client, ClientError, ClientOptions};

/// Which server a command talks to.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConnectionArguments {
    /// The server's address
    #[arg(
        long,
        env = "PACIOLI_SERVER",
        default_value = "http://127.0.0.1:7400",
        value_name = "URL"
    )]
    pub(crate) server: String,
    /// How long a call may take, retries included
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) deadline: Duration,
}

impl ConnectionArguments {
    /// Reaches the server, or says at once that it cannot be reached.
    pub(crate) async fn connect(&self) -> Result<Client, ClientError> {
        let options = ClientOptions::new(self.server.as_str())
            .connections(1)
            .deadline(self.deadline);
        Client::connect(options).await
    }
}
