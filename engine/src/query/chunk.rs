//! What readers ask of the writer: the newest state of a few thousand accounts, in one turn.

use ledger_core::{Account, AccountFlags, AccountId, Ledger, LedgerId, Sequence, State, Timestamp};

use super::{AccountFilter, Direction};

/// The most accounts that the writer looks at in one turn.
pub(super) const ACCOUNTS_PER_TURN: usize = crate::Config::ACCOUNTS_PER_TURN;

/// What a reader asks of the writer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ChunkQuestion {
    /// The next accounts in the order of their creation.
    Next {
        screen: Box<Screen>,
        /// Ascending, the first rank to look at; descending, the one after it.
        rank: usize,
        direction: Direction,
        /// The most rows to give.
        rows_max: usize,
        /// Whether to tell the sums of the ledgers.
        ledgers: bool,
    },
    /// Accounts by id, at most [`ACCOUNTS_PER_TURN`].
    Named(Box<[AccountId]>),
    /// Nothing but that journal time comes to this, if the clock has.
    Time(Timestamp),
}

/// What of an account never changes, as far as it is asked for.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Screen {
    pub(crate) ledgers: Box<[LedgerId]>,
    pub(crate) codes: Box<[u16]>,
    pub(crate) user_data_128: Box<[u128]>,
    pub(crate) user_data_64: Box<[u64]>,
    pub(crate) user_data_32: Box<[u32]>,
    pub(crate) flags: AccountFlags,
    pub(crate) without_flags: AccountFlags,
    /// The first event that may have created it.
    pub(crate) created_from: Sequence,
    /// The last event that may have created it.
    pub(crate) created_through: Sequence,
}

/// Accounts as they stand at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chunk {
    pub(crate) sequence: Sequence,
    pub(crate) time: Timestamp,
    /// Accounts with their ranks: their places in the order of creation.
    pub(crate) rows: Vec<(usize, Account)>,
    pub(crate) ledgers: Vec<Ledger>,
    /// The rank to go on with, if there may be more.
    pub(crate) next: Option<usize>,
}

/// The flag that an account can gain and lose.
pub(super) const CHANGING: AccountFlags = AccountFlags::CLOSED;

impl Screen {
    /// What a filter asks for, but for what changes and for the times of creation.
    pub(super) fn new(filter: &AccountFilter) -> Self {
        Self {
            ledgers: filter.ledgers.as_slice().into(),
            codes: filter.codes.as_slice().into(),
            user_data_128: filter.user_data_128.as_slice().into(),
            user_data_64: filter.user_data_64.as_slice().into(),
            user_data_32: filter.user_data_32.as_slice().into(),
            flags: filter.flags.without(CHANGING),
            without_flags: filter.without_flags.without(CHANGING),
            created_from: Sequence::ZERO,
            created_through: Sequence::new(u64::MAX),
        }
    }

    fn passes(&self, account: &Account) -> bool {
        is_asked(&self.ledgers, &account.ledger)
            && is_asked(&self.codes, &account.code)
            && is_asked(&self.user_data_128, &account.user_data_128)
            && is_asked(&self.user_data_64, &account.user_data_64)
            && is_asked(&self.user_data_32, &account.user_data_32)
            && account.flags.contains(self.flags)
            && account.flags.bits() & self.without_flags.bits() == 0
    }
}

/// Whether a value is among those asked for; if none is asked for, all are.
pub(super) fn is_asked<T: PartialEq>(asked: &[T], value: &T) -> bool {
    asked.is_empty() || asked.contains(value)
}

impl ChunkQuestion {
    /// The time that journal time is to come to before the answer, if any.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(*time),
            _ => None,
        }
    }
}

/// The writer's part: accounts as they stand.
pub(crate) fn take_chunk(state: &State, question: &ChunkQuestion) -> Chunk {
    let mut chunk = Chunk {
        sequence: state.sequence(),
        time: state.time(),
        rows: Vec::new(),
        ledgers: Vec::new(),
        next: None,
    };
    match question {
        ChunkQuestion::Next {
            screen,
            rank,
            direction,
            rows_max,
            ledgers,
        } => {
            match direction {
                Direction::Ascending => take_ascending(state, screen, *rank, *rows_max, &mut chunk),
                Direction::Descending => {
                    take_descending(state, screen, *rank, *rows_max, &mut chunk);
                }
            }
            if *ledgers {
                chunk.ledgers = state.ledgers().cloned().collect();
            }
        }
        ChunkQuestion::Named(ids) => {
            let found = ids.iter().filter_map(|&id| state.account(id));
            chunk.rows = found.map(|account| (0, account.clone())).collect();
        }
        ChunkQuestion::Time(_) => {}
    }
    chunk
}

/// The ranks of the accounts that these events may have created.
fn ranks(state: &State, screen: &Screen) -> std::ops::Range<usize> {
    let first_from = |sequence: Sequence| {
        let (mut older, mut end) = (0, state.account_count());
        while older < end {
            let middle = older + (end - older) / 2;
            let account = state.accounts_from(middle).next();
            if account.is_some_and(|account| account.created < sequence) {
                older = middle + 1;
            } else {
                end = middle;
            }
        }
        older
    };
    let end = match screen.created_through.get().checked_add(1) {
        Some(after) => first_from(Sequence::new(after)),
        None => state.account_count(),
    };
    first_from(screen.created_from)..end
}

fn take_ascending(state: &State, screen: &Screen, rank: usize, rows_max: usize, to: &mut Chunk) {
    let ranks = ranks(state, screen);
    let mut rank = rank.max(ranks.start);
    let end = rank.saturating_add(ACCOUNTS_PER_TURN).min(ranks.end);
    for account in state.accounts_from(rank.min(end)) {
        if rank >= end || to.rows.len() >= rows_max {
            break;
        }
        if screen.passes(account) {
            to.rows.push((rank, account.clone()));
        }
        rank += 1;
    }
    to.next = (rank < ranks.end).then_some(rank);
}

fn take_descending(state: &State, screen: &Screen, rank: usize, rows_max: usize, to: &mut Chunk) {
    let ranks = ranks(state, screen);
    let mut rank = rank.min(ranks.end);
    let end = rank.saturating_sub(ACCOUNTS_PER_TURN).max(ranks.start);
    let looked_at = rank.saturating_sub(end);
    let accounts: Vec<_> = state.accounts_from(end).take(looked_at).collect();
    for account in accounts.into_iter().rev() {
        if to.rows.len() >= rows_max {
            break;
        }
        rank -= 1;
        if screen.passes(account) {
            to.rows.push((rank, account.clone()));
        }
    }
    to.next = (rank > ranks.start).then_some(rank);
}
