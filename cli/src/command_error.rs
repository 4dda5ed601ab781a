//! Why a command failed, what to do about it, and the exit code that says so.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use ledger_benches::BenchError;
use ledger_client::{ClientError, Reason};
use ledger_core::{AccountStatus, LedgerStatus, TransferStatus, UpdateStatus};
use ledger_engine::DiffError;
use ledger_engine::OpenError;
use ledger_engine::backup::BackupError;
use ledger_engine::journal::RecoveryError;
use ledger_engine::restore::RestoreError;
use ledger_engine::snapshot::{SnapshotDamage, SnapshotError};
use ledger_engine::verify::VerifyError;
use ledger_server::ServeError;

use crate::advice::transfer_advice;
use crate::amount_text::AmountTextError;
use crate::books::problem::{Place, Problems};
use crate::clock_text::clock_text;
use crate::exit_code::ExitCode;
use crate::exporting::proof::Unproven;
use crate::id_text::ShownId;
use crate::refusal_text::call_text;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CommandError {
    /// A call to the server.
    #[error("{}", call_text(.0))]
    Call(ClientError),
    /// A call that named something new: with its id it can be made again.
    #[error("{}{}", call_text(.error), again_with(error, *.id))]
    CallWithId {
        /// What happened.
        error: ClientError,
        /// The id that was asked for.
        id: u128,
    },
    /// A file.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Standard output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// A file to import is not text.
    #[error("{}: not UTF-8 text; export the books again", path.display())]
    NotText {
        /// Which one.
        path: PathBuf,
    },
    /// A file's name does not say what it is.
    #[error("{}: say what it is with `--format postings-csv` or `--format beancount`", path.display())]
    FormatUnknown {
        /// Which one.
        path: PathBuf,
    },
    /// A file's name does not say in which form the books are to be.
    #[error("{}: say in which form with `--format postings-csv`, `beancount` or `jsonl`", path.display())]
    ExportFormatUnknown {
        /// Which one.
        path: PathBuf,
    },
    /// What was exported is not what accounts have.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// Books that are not sound.
    #[error("{0}")]
    Books(#[from] Problems),
    /// The ledger refused a transfer.
    #[error("transfer {} was refused: {status} ({}){}", ShownId(*.id), status.number(), transfer_advice(*.status, *.original))]
    TransferRefused {
        /// Its id.
        id: u128,
        /// Why.
        status: TransferStatus,
        /// Why its id was used up earlier.
        original: Option<TransferStatus>,
    },
    /// The ledger refused a transfer of a file.
    #[error("{place}: the ledger refused the transaction: {status} ({}){}; others may be posted by now: mend this and import the file again", status.number(), transfer_advice(*.status, *.original))]
    TransactionRefused {
        /// Where it is written.
        place: Place,
        /// Why.
        status: TransferStatus,
        /// Why its id was used up earlier.
        original: Option<TransferStatus>,
    },
    /// The ledger refused an account.
    #[error("account {} was refused: {status} ({})", ShownId(*.id), status.number())]
    AccountRefused {
        /// Its id.
        id: u128,
        /// Why.
        status: AccountStatus,
    },
    /// The ledger refused a change of an account.
    #[error("the change of account {} was refused: {status} ({})", ShownId(*.id), status.number())]
    UpdateRefused {
        /// The account.
        id: u128,
        /// Why.
        status: UpdateStatus,
    },
    /// A registration was refused.
    #[error("ledger {code} was refused: {status} ({}); `pacioli ledger list` shows what is registered", status.number())]
    LedgerRefused {
        /// Its code.
        code: Box<str>,
        /// Why.
        status: LedgerStatus,
    },
    /// A ledger that nobody registered.
    #[error(
        "no ledger has the code `{code}`: register it with `pacioli ledger register {code} --scale DECIMALS`"
    )]
    LedgerUnknown {
        /// As it was written.
        code: String,
    },
    /// Accounts that do not exist.
    #[error("no such account: {}; `pacioli account list` shows those that there are", .asked.join(", "))]
    AccountsNotFound {
        /// As they were asked for.
        asked: Vec<String>,
    },
    /// Accounts that did not exist at the point asked for.
    #[error("--at: these accounts were created later: {}", .asked.join(", "))]
    AccountsNotThen {
        /// As they were asked for.
        asked: Vec<String>,
    },
    /// Transfers that do not exist.
    #[error("no such transfer: {}", .asked.join(", "))]
    TransfersNotFound {
        /// As they were asked for.
        asked: Vec<String>,
    },
    /// An amount that is none.
    #[error("{option}: {source}")]
    Amount {
        /// The option that it was given to.
        option: &'static str,
        /// Why.
        source: AmountTextError,
    },
    /// Limits of an amount without a ledger whose decimals they have.
    #[error("{option} needs --ledger, and ledgers of equal decimals if there are several")]
    AmountWithoutLedger {
        /// The option.
        option: &'static str,
    },
    /// An address that anybody may reach.
    #[error(
        "{address} is not loopback, and there is no TLS and no authentication yet: add --insecure if nobody but you can reach it"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// An address that cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; name another with --listen, port 0 takes a free one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The signals cannot be taken over.
    #[error("the signals cannot be taken over: {0}")]
    Signals(#[source] io::Error),
    /// The threads of the runtime cannot be started.
    #[error("the threads of the runtime cannot be started: {0}")]
    Threads(#[source] io::Error),
    /// A server ended other than by being asked to.
    #[error("{}", serve_text(.0))]
    Serve(#[from] ServeError),
    /// The server process of a bench did not start.
    #[error("the server process did not start: {0}; see what it said above")]
    ServerProcess(#[source] io::Error),
    /// A directory without snapshots.
    #[error("{} holds no snapshot", dir.display())]
    NoSnapshots {
        /// The directory.
        dir: PathBuf,
    },
    /// A snapshot cannot be read.
    #[error("{}", snapshot_text(.0))]
    Snapshot(SnapshotError),
    /// Two snapshots cannot be compared.
    #[error(transparent)]
    Diff(DiffError),
    /// A backup was not taken, or does not verify.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Nothing was restored.
    #[error("{}{}", restore_option(.0), restore_text(.0))]
    Restore(Box<RestoreError>),
    /// Nothing could be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A bench gave no result.
    #[error(transparent)]
    Bench(#[from] BenchError),
}

impl CommandError {
    /// What the process ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Call(error) | Self::CallWithId { error, .. } => call_exit_code(error),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::Success,
            Self::File { .. }
            | Self::Output(_)
            | Self::Listen { .. }
            | Self::Signals(_)
            | Self::Threads(_)
            | Self::ServerProcess(_) => ExitCode::Failed,
            Self::NoSnapshots { .. } => ExitCode::NotFound,
            Self::Snapshot(error) => snapshot_exit_code(error),
            Self::Diff(_) => ExitCode::Failed,
            Self::Backup(error) => backup_exit_code(error),
            Self::Restore(error) => restore_exit_code(error),
            Self::Verify(VerifyError::NoDatabase { .. }) => ExitCode::NotFound,
            Self::Verify(VerifyError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                ExitCode::NotFound
            }
            Self::Verify(_) => ExitCode::Failed,
            Self::Serve(error) => serve_exit_code(error),
            Self::Bench(error) => bench_exit_code(error),
            Self::NotText { .. } | Self::Books(_) => ExitCode::BadFile,
            Self::FormatUnknown { .. }
            | Self::ExportFormatUnknown { .. }
            | Self::Amount { .. }
            | Self::AmountWithoutLedger { .. }
            | Self::NotLoopback { .. } => ExitCode::Usage,
            Self::Unproven(_) => ExitCode::Damaged,
            Self::TransferRefused { .. }
            | Self::TransactionRefused { .. }
            | Self::AccountRefused { .. }
            | Self::UpdateRefused { .. }
            | Self::LedgerRefused { .. } => ExitCode::Refused,
            Self::LedgerUnknown { .. }
            | Self::AccountsNotFound { .. }
            | Self::AccountsNotThen { .. }
            | Self::TransfersNotFound { .. } => ExitCode::NotFound,
        }
    }
}

fn snapshot_exit_code(error: &SnapshotError) -> ExitCode {
    match error {
        SnapshotError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            ExitCode::NotFound
        }
        SnapshotError::Io { .. } => ExitCode::Failed,
        _ => ExitCode::Damaged,
    }
}

fn backup_exit_code(error: &BackupError) -> ExitCode {
    match error {
        BackupError::NoBackup { .. } => ExitCode::NotFound,
        BackupError::Damaged { .. } => ExitCode::Damaged,
        _ => ExitCode::Failed,
    }
}

fn restore_exit_code(error: &RestoreError) -> ExitCode {
    match error {
        RestoreError::NoSource { .. } | RestoreError::BeyondEnd { .. } => ExitCode::NotFound,
        RestoreError::Manifest { .. }
        | RestoreError::Meta { .. }
        | RestoreError::Missing { .. }
        | RestoreError::Differs { .. }
        | RestoreError::Damaged { .. }
        | RestoreError::Audit { .. } => ExitCode::Damaged,
        _ => ExitCode::Failed,
    }
}

fn call_exit_code(error: &ClientError) -> ExitCode {
    match error {
        _ if error.is_outcome_unknown() => ExitCode::OutcomeUnknown,
        ClientError::Address { .. } => ExitCode::Usage,
        _ if error.is_retryable() => ExitCode::Unavailable,
        _ if error.reason() == Some(Reason::BeyondEnd) => ExitCode::NotFound,
        _ if !error.violations().is_empty() => ExitCode::Usage,
        _ => ExitCode::Failed,
    }
}

fn serve_exit_code(error: &ServeError) -> ExitCode {
    match error {
        ServeError::Open(OpenError::Config { .. }) => ExitCode::Usage,
        ServeError::Open(OpenError::Recovery(recovery)) => match recovery {
            RecoveryError::Locked { .. }
            | RecoveryError::NotEmpty { .. }
            | RecoveryError::Seal(_)
            | RecoveryError::Io { .. } => ExitCode::Failed,
            _ => ExitCode::Damaged,
        },
        ServeError::Open(_) | ServeError::Watch(_) => ExitCode::Failed,
        _ => ExitCode::Halted,
    }
}

fn bench_exit_code(error: &BenchError) -> ExitCode {
    match error {
        BenchError::TooFew { .. } | BenchError::TooMany { .. } => ExitCode::Usage,
        BenchError::Call(call) => call_exit_code(call),
        BenchError::Account { .. } | BenchError::Transfer { .. } => ExitCode::Refused,
        BenchError::Books { .. } | BenchError::Contradiction(_) => ExitCode::Damaged,
        _ => ExitCode::Failed,
    }
}

impl From<RestoreError> for CommandError {
    fn from(error: RestoreError) -> Self {
        Self::Restore(Box::new(error))
    }
}

fn again_with(source: &ClientError, id: u128) -> String {
    if source.is_outcome_unknown() {
        format!("; run the same command with --id {} again", ShownId(id))
    } else {
        String::new()
    }
}

/// The option that a refusal to restore is about, if it is about one.
fn restore_option(error: &RestoreError) -> &'static str {
    match error {
        RestoreError::NoSource { .. } | RestoreError::SourceInUse { .. } => "--from: ",
        RestoreError::TargetNotEmpty { .. } | RestoreError::TargetInUse { .. } => "--to: ",
        RestoreError::BeyondEnd { .. } => "--until-sequence: ",
        _ => "",
    }
}

/// With a clock that is not believed told in moments.
fn restore_text(error: &RestoreError) -> String {
    match *error {
        RestoreError::Clock { step, newest } => clock_text(step, newest, "restore"),
        _ => error.to_string(),
    }
}

/// With a clock that is not believed told in moments.
fn serve_text(error: &ServeError) -> String {
    match *error {
        ServeError::Open(OpenError::Clock { step, journal }) => clock_text(step, journal, "start"),
        _ => error.to_string(),
    }
}

/// Without the engine's advice, which is for the snapshots of a server: what is named at the
/// command line may be any file.
pub(crate) fn snapshot_text(error: &SnapshotError) -> String {
    match error {
        SnapshotError::Damaged {
            file,
            source: SnapshotDamage::NoMagic,
            ..
        } => format!("{} is no snapshot", file.display()),
        SnapshotError::Damaged {
            file,
            offset,
            source,
        } => format!("{} is damaged at byte {offset}: {source}", file.display()),
        SnapshotError::Io { file, source } => format!("{}: {source}", file.display()),
        other => other.to_string(),
    }
}

/// The text of a call's error tells its causes.
impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        Self::Call(error)
    }
}

impl From<SnapshotError> for CommandError {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

impl From<DiffError> for CommandError {
    fn from(error: DiffError) -> Self {
        match error {
            DiffError::Snapshot(error) => Self::Snapshot(error),
            other => Self::Diff(other),
        }
    }
}
