//! `pacioli`: serve, ask and check a double-entry ledger.

mod account_fields;
mod accounts;
mod advice;
mod amount_text;
mod arguments;
mod books;
mod clock_text;
mod command_error;
mod commands;
mod connection;
mod exit_code;
mod exporting;
mod finding_text;
mod id_text;
mod importing;
mod ledgers;
mod list_length;
mod listing;
mod logging;
mod moment_text;
mod new_id;
mod open_files;
mod plot;
mod progress;
mod refusal_text;
mod screen;
mod serving;
mod transfer_fields;
mod when;

use std::error::Error;
use std::io::Write;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use arguments::{Arguments, Command};
use command_error::CommandError;
use commands::{
    account, backup, balance, bench, completions, demo, diff, export, import, ledger, serve,
    snapshot, status, transfer, trial_balance, verify,
};
use exit_code::ExitCode;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let code = match run(arguments.command, &mut std::io::stdout().lock()) {
        Ok(code) => code,
        Err(error) => {
            let code = error.exit_code();
            // Whoever closed the pipe has read enough.
            if code != ExitCode::Success {
                eprintln!("error: {}", with_causes(&error));
            }
            code
        }
    };
    code.into()
}

fn run(command: Command, out: &mut impl Write) -> Result<ExitCode, CommandError> {
    match command {
        Command::Serve(arguments) => server_runtime()?.block_on(serve::run(*arguments, out))?,
        Command::Demo(arguments) => server_runtime()?.block_on(demo::run(arguments, out))?,
        Command::Import(arguments) => client_runtime()?.block_on(import::run(arguments, out))?,
        Command::Export(arguments) => client_runtime()?.block_on(export::run(arguments, out))?,
        Command::Ledger(command) => client_runtime()?.block_on(ledger::run(command, out))?,
        Command::Account(command) => client_runtime()?.block_on(account::run(command, out))?,
        Command::Transfer(command) => client_runtime()?.block_on(transfer::run(command, out))?,
        Command::Balance(arguments) => client_runtime()?.block_on(balance::run(arguments, out))?,
        Command::TrialBalance(arguments) => {
            client_runtime()?.block_on(trial_balance::run(arguments, out))?;
        }
        Command::Snapshot(command) => {
            return client_runtime()?.block_on(snapshot::run(command, out));
        }
        Command::Backup(arguments) => client_runtime()?.block_on(backup::run(arguments, out))?,
        Command::Diff(arguments) => diff::run(&arguments, out)?,
        Command::Status(arguments) => client_runtime()?.block_on(status::run(arguments, out))?,
        Command::Verify(arguments) => return verify::run(arguments, out),
        Command::Bench(arguments) => bench::run(arguments, out)?,
        Command::Completions(arguments) => completions::run(arguments, out)?,
    }
    Ok(ExitCode::Success)
}

/// A server's runtime uses all cores.
fn server_runtime() -> Result<Runtime, CommandError> {
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().build().map_err(CommandError::Threads)
}

/// A command waits for one answer at a time.
fn client_runtime() -> Result<Runtime, CommandError> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().map_err(CommandError::Threads)
}

/// An error with what caused it, each cause told once.
fn with_causes(error: &CommandError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told.push_str(": ");
            told.push_str(&text);
        }
        cause = error.source();
    }
    told
}
