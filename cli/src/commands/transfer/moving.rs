//! `transfer create` and `transfer pending`.

use std::io::Write;
use std::time::Duration;

use ledger_client::Client;
use ledger_core::{GroupId, LedgerId, Transfer, TransferFlags};

use crate::accounts::{account_id, find_account};
use crate::command_error::CommandError;
use crate::id_text::IdText;
use crate::ledgers::{LedgerText, Ledgers};

use super::GROUP_NAMESPACE;
use super::asking::AskingArguments;

/// What moving and reserving value have in common.
#[derive(Debug, clap::Args)]
struct MovingArguments {
    /// The account that is debited: a number, a UUID or ref:TEXT
    #[arg(long, value_name = "ID")]
    debit: IdText,
    /// The account that is credited: a number, a UUID or ref:TEXT
    #[arg(long, value_name = "ID")]
    credit: IdText,
    /// How much, with the ledger's decimals
    #[arg(long, allow_negative_numbers = true)]
    amount: String,
    /// The ledger, by code or number [default: the debit account's]
    #[arg(long)]
    ledger: Option<LedgerText>,
    /// What kind of transfer this is, in your own terms
    #[arg(long, default_value_t = 1)]
    code: u16,
    /// The business event that this is a leg of
    #[arg(long, default_value = "0", value_name = "ID")]
    group: IdText,
    /// Move at most what the debit account has
    #[arg(long)]
    balancing_debit: bool,
    /// Move at most what the credit account owes
    #[arg(long)]
    balancing_credit: bool,
    #[command(flatten)]
    asking: AskingArguments,
}

/// What `transfer create` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    moving: MovingArguments,
}

/// What `transfer pending` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct PendingArguments {
    #[command(flatten)]
    moving: MovingArguments,
    /// Release the reservation after this long, such as 15m [default: never]
    #[arg(long, value_name = "TIME", value_parser = whole_seconds)]
    timeout: Option<u32>,
    /// Close the debit account while the reservation stands, and for good once it is posted
    #[arg(long)]
    closing_debit: bool,
    /// Close the credit account while the reservation stands, and for good once it is posted
    #[arg(long)]
    closing_credit: bool,
}

/// A timeout that is no whole number of seconds.
#[derive(Debug, thiserror::Error)]
#[error("write a whole number of seconds, at least 1s and at most 49710d, such as 90s or 15m")]
struct NotATimeout;

fn whole_seconds(text: &str) -> Result<u32, NotATimeout> {
    let duration: Duration = humantime::parse_duration(text).map_err(|_| NotATimeout)?;
    match u32::try_from(duration.as_secs()) {
        Ok(seconds @ 1..) if duration.subsec_nanos() == 0 => Ok(seconds),
        _ => Err(NotATimeout),
    }
}

/// Runs `transfer create`.
pub(crate) async fn create(
    arguments: CreateArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let moving = arguments.moving;
    moving.run(TransferFlags::NONE, 0, out).await
}

/// Runs `transfer pending`.
pub(crate) async fn pending(
    arguments: PendingArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let wanted = [
        (true, TransferFlags::PENDING),
        (arguments.closing_debit, TransferFlags::CLOSING_DEBIT),
        (arguments.closing_credit, TransferFlags::CLOSING_CREDIT),
    ];
    let timeout = arguments.timeout.unwrap_or(0);
    arguments.moving.run(with_flags(wanted), timeout, out).await
}

/// The flags that are wanted.
pub(super) fn with_flags<const N: usize>(wanted: [(bool, TransferFlags); N]) -> TransferFlags {
    let set = wanted.into_iter().filter(|(wanted, _)| *wanted);
    set.fold(TransferFlags::NONE, |flags, (_, flag)| flags.with(flag))
}

impl MovingArguments {
    async fn run(
        self,
        flags: TransferFlags,
        timeout: u32,
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        let client = self.asking.connection.connect().await?;
        let ledgers = Ledgers::ask(&client).await?;
        let ledger = self.ledger(&client, &ledgers).await?;
        let balancing = with_flags([
            (self.balancing_debit, TransferFlags::BALANCING_DEBIT),
            (self.balancing_credit, TransferFlags::BALANCING_CREDIT),
        ]);
        let transfer = Transfer {
            debit_account_id: account_id(&self.debit),
            credit_account_id: account_id(&self.credit),
            amount: ledgers.amount(&self.amount, ledger, "--amount")?,
            ledger,
            code: self.code,
            group_id: GroupId::new(self.group.resolve(GROUP_NAMESPACE)),
            flags: flags.with(balancing),
            timeout,
            ..self.asking.transfer()
        };
        self.asking.ask(&client, &ledgers, transfer, out).await
    }

    async fn ledger(&self, client: &Client, ledgers: &Ledgers) -> Result<LedgerId, CommandError> {
        match &self.ledger {
            Some(ledger) => ledgers.find(ledger),
            None => Ok(find_account(client, &self.debit).await?.ledger),
        }
    }
}
