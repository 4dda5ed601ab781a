//! How much of a list is wanted.

use ledger_client::{Direction, ListOptions};

/// How much of a list is wanted, and in which order.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct LengthArguments {
    /// The most rows
    #[arg(long, default_value_t = 100, value_name = "ROWS")]
    limit: u64,
    /// All rows, however many
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// The newest first
    #[arg(long)]
    newest_first: bool,
}

impl LengthArguments {
    /// How the list is asked for.
    pub(crate) fn options(self) -> ListOptions {
        // One more than is shown, to know whether there are more.
        let wanted = self.most().saturating_add(1).min(8192);
        ListOptions {
            direction: match self.newest_first {
                true => Direction::NewestFirst,
                false => Direction::OldestFirst,
            },
            ..ListOptions::default().page_size(u32::try_from(wanted).unwrap_or(8192))
        }
    }

    /// The most rows.
    pub(crate) fn most(self) -> u64 {
        match self.all {
            true => u64::MAX,
            false => self.limit,
        }
    }

    /// Says on standard error, where it disturbs no program, that there are more.
    pub(crate) fn tell_of_more(self) {
        let limit = self.limit;
        eprintln!("there are more than these {limit}: --limit or --all shows them");
    }
}
