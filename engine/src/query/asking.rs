//! The questions, as the engine's callers ask them.

use std::sync::mpsc::sync_channel;

use ledger_core::{Account, AccountId, LedgerId};

use super::chunk::{Chunk, ChunkQuestion};
use super::past::Past;
use super::put_back::Aspect;
use super::view::View;
use super::work::Work;
use super::{
    AccountFilter, AccountPage, At, BalanceFilter, BalancePage, Balances, Moment, Paging, Position,
    Retraced, TransferFilter, TransferPage, accounts, balances, transfers,
};
use crate::queued::{Ask, Promise, Queued};
use crate::{
    Engine, Failure, QueryError, ReadError, Refused, TrialBalancePage, resolver, trial_balance,
};

/// What a question of a reader weighs in the queue.
const QUESTION_BYTES: usize = 256;

/// Accounts that were looked up by id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountsFound {
    /// What they are as of.
    pub as_of: Moment,
    /// Those there were, in the order asked.
    pub found: Vec<Account>,
    /// Ids that stood for nothing, in the order asked.
    pub missing: Vec<AccountId>,
}

/// Questions about the past. All of them block, and read files: for reader threads.
impl Engine {
    /// A page of the transfers that match a filter, each with what had become of it.
    ///
    /// # Cost
    /// See [`TransferFilter`]. Beside, for each reservation, and for each transfer whose value
    /// moved at once, a look into the index, and one more event if something became of it.
    ///
    /// # Errors
    /// [`QueryError::Filter`] for a filter that makes no sense; [`QueryError::Position`] for a
    /// position that no page told, or [`QueryError::Read`] with
    /// [`ReadError::BeyondEnd`](crate::ReadError::BeyondEnd) if it is as of an event that has not
    /// happened; [`QueryError::Index`] or [`QueryError::Read`] for files that cannot be read.
    pub fn list_transfers(
        &self,
        filter: &TransferFilter,
        paging: &Paging,
    ) -> Result<TransferPage, QueryError> {
        filter.check()?;
        self.check_position(paging.from)?;
        let past = self.past()?;
        let begin = self.begin(&past, paging);
        self.or_lost(transfers::page(&past, filter, paging, begin))
    }

    /// A page of the accounts that match a filter, in the order of their creation.
    ///
    /// # Cost
    /// See [`AccountFilter`].
    ///
    /// # Errors
    /// As [`Engine::list_transfers`]; and [`QueryError::Refused`] or [`QueryError::Failed`] if
    /// the writer takes no questions.
    pub fn list_accounts(
        &self,
        filter: &AccountFilter,
        paging: &Paging,
    ) -> Result<AccountPage, QueryError> {
        filter.check()?;
        self.check_position(paging.from)?;
        self.or_lost(accounts::page(self, filter, paging))
    }

    /// A page of the history of an account: its totals after each of its events.
    ///
    /// # Cost
    /// See [`BalanceFilter`].
    ///
    /// # Errors
    /// As [`Engine::list_transfers`].
    pub fn list_balances(
        &self,
        filter: &BalanceFilter,
        paging: &Paging,
    ) -> Result<BalancePage, QueryError> {
        filter.check()?;
        self.check_position(paging.from)?;
        let past = self.past()?;
        let begin = self.begin(&past, paging);
        self.or_lost(balances::history(&past, filter, paging, begin))
    }

    /// The totals of at most [`Paging::ROWS_MAX`] accounts, all at one moment.
    ///
    /// # Cost
    /// Now: a turn of the writer for each 4096 accounts. In the past: for each account a look
    /// into the index, which is a block of each run from that moment back to the account's last
    /// event before it, and one event.
    ///
    /// # Errors
    /// As [`Engine::list_accounts`]; and [`QueryError::NotYet`] for a time that has not come.
    pub fn balances_at(&self, accounts: &[AccountId], at: At) -> Result<Balances, QueryError> {
        self.or_lost(balances::at(self, accounts, at))
    }

    /// At most [`Paging::ROWS_MAX`] accounts as they are now, all at one moment. Their names are
    /// told by [`Engine::names`].
    ///
    /// # Cost
    /// A turn of the writer for each 4096 accounts. For each account that changed between two
    /// turns, a look into the index and an event, and more if it was updated or closed.
    ///
    /// # Errors
    /// As [`Engine::list_accounts`]; and [`QueryError::Limit`] if that takes more work than a page
    /// may take.
    pub fn lookup_accounts(&self, accounts: &[AccountId]) -> Result<AccountsFound, QueryError> {
        let named = balances::named(self, accounts, Aspect::Whole)?;
        Ok(AccountsFound {
            as_of: named.as_of,
            found: named.found,
            missing: named.missing,
        })
    }

    /// A page of at most `limit` accounts of the trial balance of `ledgers` (of all, if there are
    /// none), in the order of their creation, as of `at`; on further pages, which begin at
    /// `from`, as of the first one. The first page tells the proof of each ledger.
    ///
    /// # Cost
    /// A turn of the writer for each 4096 accounts, at most sixteen a page. For each account that
    /// changed since, a look into the index and an event. The proof of a moment in the past takes
    /// a scan of the events between it and the nearest moment whose sums are known: a snapshot,
    /// an end of the journal, or one that was asked for lately.
    ///
    /// # Errors
    /// As [`Engine::balances_at`].
    pub fn trial_balance(
        &self,
        ledgers: &[LedgerId],
        at: At,
        from: Option<Position>,
        limit: usize,
    ) -> Result<TrialBalancePage, QueryError> {
        self.check_position(from)?;
        self.or_lost(trial_balance::page(self, ledgers, at, from, limit))
    }

    /// A run that cannot be read is made again from the journal. Nothing is lost, so whoever met
    /// it is told to wait for that. One that cannot be read only for the moment stays.
    fn or_lost<T>(&self, asked: Result<T, QueryError>) -> Result<T, QueryError> {
        let parts = self.parts();
        let of = parts.live.through();
        let error = match asked {
            Err(QueryError::Index(error)) if !error.is_passing() => error,
            asked => return asked,
        };
        let done = parts.mending.mend(&error);
        Err(Refused::RebuildingIndex { done, of }.into())
    }

    /// Whether a page can have told this position: no page is as of a moment inside a request.
    fn check_position(&self, from: Option<Position>) -> Result<(), QueryError> {
        let Some(Position { as_of, .. }) = from else {
            return Ok(());
        };
        let parts = self.parts();
        let durable = parts.published.confirm_read().sequence;
        if as_of > durable {
            let sequence = as_of;
            return Err(ReadError::BeyondEnd { sequence, durable }.into());
        }
        let ended = parts.reader.request_end(as_of);
        let ended = ended.map_err(|source| ReadError::Journal {
            sequence: as_of,
            source,
        });
        if self.or_lost(ended.map_err(QueryError::from))? != as_of {
            return Err(QueryError::Position);
        }
        Ok(())
    }

    /// Where a list begins.
    fn begin(&self, past: &Past, paging: &Paging) -> Position {
        paging.from.unwrap_or(Position {
            as_of: past.durable.sequence,
            time: self.wall().max(past.durable.time),
            next: 0,
            retraced: Retraced::default(),
        })
    }

    /// What can be seen now.
    pub(crate) fn past(&self) -> Result<Past, QueryError> {
        let parts = self.parts();
        let durable = parts.published.confirm_read();
        let runs = || {
            // In this order: the recent ids are forgotten after the index has grown.
            let recent_from = parts.published.recent_from();
            let runs = parts.live.current();
            // Until the index reaches to what is in memory, the tail would be the whole journal.
            // It is these very runs that must: a run may be lost at any moment.
            match resolver::missing(runs.through(), recent_from) {
                Some((done, of)) => Err(Refused::RebuildingIndex { done, of }),
                None => Ok(runs),
            }
        };
        let caught_up = parts.tail.catch_up(&parts.reader, runs, durable.sequence);
        let (runs, tail) = self.or_lost(caught_up)?;
        Ok(Past {
            reader: parts.reader.clone(),
            view: View::new(runs, tail),
            durable,
            work: Work::new(parts.config.page_units_max),
        })
    }

    /// What can be seen now, and the moment that a question is about.
    pub(crate) fn past_at(&self, at: At) -> Result<(Past, Moment), QueryError> {
        let mut past = self.past()?;
        if let At::Time(time) = at
            && time > past.durable.time
        {
            // Nothing happens any more at or before the time that the writer tells, and what has
            // happened until then is durable when the answer is here.
            let now = self.ask(ChunkQuestion::Time(time))?.time;
            if now < time {
                return Err(QueryError::NotYet { time, now });
            }
            past = self.past()?;
            past.durable.time = past.durable.time.max(now);
        }
        let moment = past.moment(at)?;
        Ok((past, moment))
    }

    /// Asks the writer, and waits until the answer is durable.
    pub(crate) fn ask(&self, question: ChunkQuestion) -> Result<Chunk, QueryError> {
        let (answer, wait) = sync_channel(1);
        let promise = Promise::new(move |chunk| {
            // The channel has room for the one answer that comes.
            drop(answer.try_send(chunk));
        });
        self.parts().exchange.put(Queued {
            ask: Ask::Chunk { question, promise },
            weight_bytes: QUESTION_BYTES,
        })?;
        let chunk = wait.recv().unwrap_or(Err(Failure::OutcomeUnknown))?;
        Ok(chunk)
    }
}
