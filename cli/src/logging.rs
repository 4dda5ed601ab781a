//! Log lines for people, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, such as `debug` or `ledger_engine=trace`.
const VARIABLE: &str = "PACIOLI_LOG";

/// Starts logging; `otherwise` is what is logged unless the variable says something.
pub(crate) fn start(otherwise: &str) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(otherwise));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}
