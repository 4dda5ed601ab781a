//! `pacioli account`: who holds what.

mod listing;

use std::io::Write;

use ledger_client::time_ordered_id;
use ledger_core::{
    AccountFlags, AccountId, AccountStatus, AccountUpdate, NewAccount, UpdateId, UpdateStatus,
};

use crate::account_fields::{ACCOUNT_COLUMNS, account_fields};
use crate::accounts::{find_account, find_accounts};
use crate::books::identity::ACCOUNT_NAMESPACE;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::{LedgerText, Ledgers};
use crate::listing::{Format, Listing};
use crate::new_id::NewIdArguments;

/// Create, change, show and list accounts
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AccountCommand {
    /// Create an account
    Create(Box<CreateArguments>),
    /// Change an account's limits or name
    Update(UpdateArguments),
    /// Show accounts with all their fields
    Show(ShowArguments),
    /// List the accounts that a filter describes
    List(Box<listing::ListArguments>),
}

/// What `account create` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    id: NewIdArguments,
    /// The ledger, by code or number
    #[arg(long)]
    ledger: LedgerText,
    /// What kind of account this is, in your own terms
    #[arg(long, default_value_t = 1)]
    code: u16,
    /// What people call it, at most 255 bytes
    #[arg(long, default_value = "")]
    name: String,
    /// Refuse what would let debits exceed credits: a wallet that cannot be overdrawn
    #[arg(long, conflicts_with = "credits_must_not_exceed_debits")]
    debits_must_not_exceed_credits: bool,
    /// Refuse what would let credits exceed debits
    #[arg(long)]
    credits_must_not_exceed_debits: bool,
    /// Create it closed, for ever
    #[arg(long)]
    closed: bool,
    /// How far the limited side may go beyond the other one
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    overdraft_limit: Option<String>,
    /// The most it may hold
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    balance_max: Option<String>,
    /// Your own 128 bits
    #[arg(long, default_value = "0", value_name = "ID")]
    user_data_128: IdText,
    /// Your own 64 bits
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    user_data_64: u64,
    /// Your own 32 bits
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    user_data_32: u32,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// What `account update` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct UpdateArguments {
    /// The account: a number, a UUID or ref:TEXT
    id: IdText,
    /// The change's own id; the same id never changes anything twice [default: a new one]
    #[arg(long, value_name = "ID")]
    update_id: Option<IdText>,
    /// A new name; empty takes the name away
    #[arg(long)]
    name: Option<String>,
    /// How far the limited side may go beyond the other one
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    overdraft_limit: Option<String>,
    /// The most it may hold; 0 takes the ceiling away
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    balance_max: Option<String>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// What `account show` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArguments {
    /// The accounts: numbers, UUIDs or ref:TEXT
    #[arg(required = true, value_name = "ID")]
    ids: Vec<IdText>,
    /// How they are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(command: AccountCommand, out: &mut impl Write) -> Result<(), CommandError> {
    match command {
        AccountCommand::Create(arguments) => create(*arguments, out).await,
        AccountCommand::Update(arguments) => update(arguments, out).await,
        AccountCommand::Show(arguments) => show(arguments, out).await,
        AccountCommand::List(arguments) => listing::list(*arguments, out).await,
    }
}

async fn create(arguments: CreateArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let id = arguments.id.id(ACCOUNT_NAMESPACE);
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let ledger = ledgers.find(&arguments.ledger)?;
    let amount = |text: Option<&String>, option| match text {
        Some(text) => ledgers.amount(text, ledger, option),
        None => Ok(ledger_core::Amount::ZERO),
    };
    let wanted = [
        (
            arguments.debits_must_not_exceed_credits,
            AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        ),
        (
            arguments.credits_must_not_exceed_debits,
            AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS,
        ),
        (arguments.closed, AccountFlags::CLOSED),
    ];
    let flags = wanted
        .into_iter()
        .filter(|(wanted, _)| *wanted)
        .fold(AccountFlags::NONE, |flags, (_, flag)| flags.with(flag));
    let account = NewAccount {
        id: AccountId::new(id),
        ledger,
        code: arguments.code,
        flags,
        user_data_128: arguments.user_data_128.resolve(ACCOUNT_NAMESPACE),
        user_data_64: arguments.user_data_64,
        user_data_32: arguments.user_data_32,
        overdraft_limit: amount(arguments.overdraft_limit.as_ref(), "--overdraft-limit")?,
        balance_max: amount(arguments.balance_max.as_ref(), "--balance-max")?,
        name: arguments.name.into(),
        ..NewAccount::default()
    };
    let answer = client
        .create_accounts(&[account])
        .await
        .map_err(|error| CommandError::CallWithId { error, id })?;
    for answer in answer.value {
        let status = answer.status;
        match status {
            AccountStatus::Created | AccountStatus::Exists => {
                writeln!(out, "account {}: {status}", ShownId(id))?;
            }
            _ => return Err(CommandError::AccountRefused { id, status }),
        }
    }
    Ok(())
}

async fn update(arguments: UpdateArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let account = find_account(&client, &arguments.id).await?;
    let id = account.id.get();
    let amount = |text: Option<&String>, option| {
        text.map(|text| ledgers.amount(text, account.ledger, option))
            .transpose()
    };
    let update_id = match &arguments.update_id {
        Some(id) => id.resolve("update"),
        None => time_ordered_id(),
    };
    let update = AccountUpdate {
        update_id: UpdateId::new(update_id),
        id: account.id,
        overdraft_limit: amount(arguments.overdraft_limit.as_ref(), "--overdraft-limit")?,
        balance_max: amount(arguments.balance_max.as_ref(), "--balance-max")?,
        name: arguments.name.map(Into::into),
    };
    let answer = client.update_accounts(&[update]).await?;
    for answer in answer.value {
        let status = answer.status;
        match status {
            UpdateStatus::Updated | UpdateStatus::Exists => {
                writeln!(out, "account {}: {status}", ShownId(id))?;
            }
            _ => return Err(CommandError::UpdateRefused { id, status }),
        }
    }
    Ok(())
}

async fn show(arguments: ShowArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let accounts = find_accounts(&client, &arguments.ids).await?;
    let mut listing = Listing::new(&ACCOUNT_COLUMNS);
    for account in &accounts {
        listing.push(account_fields(account, &ledgers));
    }
    Ok(listing.write_records(arguments.format, out)?)
}
