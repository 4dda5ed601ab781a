//! The command line.

use crate::commands::{
    account, backup, balance, bench, completions, demo, diff, export, import, ledger, serve,
    snapshot, status, transfer, trial_balance, verify,
};
use crate::exit_code::ExitCode;

/// A double-entry ledger database: exactly once, all or nothing, always balanced.
#[derive(Debug, clap::Parser)]
#[command(name = "pacioli", version, max_term_width = 100, after_help = ExitCode::help())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What `pacioli` can do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Run a server on a data directory
    Serve(Box<serve::ServeArguments>),
    /// Run a server with the books of a small shop in it, and show what it does
    Demo(demo::DemoArguments),
    /// Import books kept in hledger or Beancount
    Import(import::ImportArguments),
    /// Write the books for hledger, Beancount or a program
    Export(export::ExportArguments),
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    #[command(subcommand)]
    Account(account::AccountCommand),
    #[command(subcommand)]
    Transfer(transfer::TransferCommand),
    /// Show what accounts have, or had
    Balance(balance::BalanceArguments),
    /// Show what all accounts have, or had, and the proof that debits equal credits
    TrialBalance(trial_balance::TrialBalanceArguments),
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotCommand),
    /// Copy the files of a running server to a directory, as far as they are not there yet
    Backup(backup::BackupArguments),
    /// Show what became of each account between two snapshots
    Diff(diff::DiffArguments),
    /// Show how the server is
    Status(status::StatusArguments),
    /// Check the journal of a data directory from its first event
    Verify(verify::VerifyArguments),
    /// Measure how fast transfers are
    Bench(bench::BenchArguments),
    /// Print a script with which a shell completes the command line
    Completions(completions::CompletionsArguments),
}

#[cfg(test)]
mod tests;
