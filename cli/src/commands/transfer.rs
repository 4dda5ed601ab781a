//! `pacioli transfer`: moving value, reserving it, giving it back.

mod asking;
mod listing;
mod moving;
mod resolving;
mod reversing;
mod showing;

use std::io::Write;

use crate::command_error::CommandError;

/// Transfers that were given a reference without a system are named in this namespace.
const TRANSFER_NAMESPACE: &str = "transfer";
/// Groups that were given a reference are named in this namespace.
const GROUP_NAMESPACE: &str = "group";

/// Move value, reserve it, post or void a reservation, give back, look up, list
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TransferCommand {
    /// Move value from one account to another
    Create(Box<moving::CreateArguments>),
    /// Reserve value, to be posted or voided later
    Pending(Box<moving::PendingArguments>),
    /// Post a reservation, wholly or in part
    Post(Box<resolving::PostArguments>),
    /// Release a reservation
    Void(Box<resolving::VoidArguments>),
    /// Give value back that a transfer moved
    Reverse(Box<reversing::ReverseArguments>),
    /// Show transfers with what became of them
    Show(showing::ShowArguments),
    /// List the transfers that a filter describes
    List(Box<listing::ListArguments>),
}

/// Runs the command.
pub(crate) async fn run(
    command: TransferCommand,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    match command {
        TransferCommand::Create(arguments) => moving::create(*arguments, out).await,
        TransferCommand::Pending(arguments) => moving::pending(*arguments, out).await,
        TransferCommand::Post(arguments) => resolving::post(*arguments, out).await,
        TransferCommand::Void(arguments) => resolving::void(*arguments, out).await,
        TransferCommand::Reverse(arguments) => reversing::reverse(*arguments, out).await,
        TransferCommand::Show(arguments) => showing::show(arguments, out).await,
        TransferCommand::List(arguments) => listing::list(*arguments, out).await,
    }
}
