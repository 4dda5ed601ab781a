//! One request at a time: looked at, decided, recorded, and its answer put where it waits.

use ledger_core::{
    Account, AccountId, NewAccount, State, Timestamp, Transfer, TransferFlags, TransferId,
    Unreadable,
};

use super::room::Room;
use super::{Stop, Writer};
use crate::exchange::Phase;
use crate::journal::RequestContext;
use crate::query::take_chunk;
use crate::queued::{Answer, Ask, Queued, Ready};
use crate::recording::Recording;
use crate::resolver::Resolution;
use crate::{Body, Command, Context, Failure, Found, Halt, OpenHold};

impl From<Unreadable> for Stop {
    fn from(_: Unreadable) -> Self {
        Self::Halt(Halt::JournalUnreadable)
    }
}

impl Writer {
    /// Decides a request; its answer waits for the group that gathers.
    pub(super) fn take(&mut self, queued: Queued) -> Result<(), Stop> {
        if let Ask::Request { resolution, .. } = &queued.ask
            && !resolution.reaches(self.state.recent_from())
        {
            self.resolver.again(queued);
            return Ok(());
        }
        if let Ask::Request {
            command,
            resolution,
            ..
        } = &queued.ask
            && !resolution.is_foreseen()
        {
            let wanted = self.foresee(command, resolution)?;
            if !wanted.is_empty() {
                self.resolver.read(queued, wanted);
                return Ok(());
            }
        }
        let Queued { ask, weight_bytes } = queued;
        let answer = match ask {
            Ask::Chunk { question, promise } => {
                self.published.confirm_read();
                if let Some(time) = question.time() {
                    self.come_to(time);
                }
                Answer::Chunk {
                    chunk: take_chunk(&self.state, &question),
                    promise,
                }
            }
            Ask::Request {
                command,
                context,
                resolution,
                promise,
            } => {
                let result = match command {
                    Command::LookupAccounts(ids) | Command::GetBalances(ids) => {
                        self.published.confirm_read();
                        Ok(find_accounts(&self.state, &ids))
                    }
                    Command::FindTransfers(ids) => {
                        self.published.confirm_read();
                        Ok(self.find_transfers(&ids, &resolution)?)
                    }
                    Command::ListLedgers => {
                        self.published.confirm_read();
                        Ok(Body::LedgerList(self.state.ledgers().cloned().collect()))
                    }
                    write => self.write(&write, &context, &resolution)?,
                };
                let (sequence, time) = (self.state.sequence(), self.state.time());
                Answer::Reply {
                    result,
                    sequence,
                    time,
                    promise,
                }
            }
        };
        self.gathering.answer(Ready {
            weight_bytes,
            answer,
        });
        Ok(())
    }

    /// Decides a request that may record something.
    fn write(
        &mut self,
        command: &Command,
        context: &Context,
        resolution: &Resolution,
    ) -> Result<Result<Body, Failure>, Stop> {
        let events = self.events_max(command);
        let moment = match self.make_room(events)? {
            Room::At(moment) => moment,
            Room::TooLarge => {
                let limit = self.frame_bytes_max() as u64;
                return Ok(Err(Failure::Limit {
                    name: "frame_bytes_max",
                    limit,
                }));
            }
            Room::StorageFull => return Ok(Err(Failure::StorageFull)),
        };
        if let Some(failure) = self.limit_reached(command, resolution)? {
            return Ok(Err(failure));
        }
        if let Command::CreateTransfers { deadline, .. } = *command
            && !deadline.is_zero()
            && moment > deadline
        {
            self.depend_on_time(moment);
            return Ok(Err(Failure::NotDecided {
                deadline,
                time: moment,
            }));
        }
        self.gathering.frame.begin_request(&RequestContext {
            principal: context.principal.as_deref(),
            traceparent: context.traceparent.as_deref(),
            origin: context.origin.as_deref(),
            internal: false,
        });
        let decided = self.decide(command, moment, resolution);
        self.gathering.frame.end_request();
        let body = decided?;
        let depends_on_time = match &body {
            Body::Transfers(answers) => answers.depends_on_time,
            Body::Accounts(answers) => answers.iter().any(|answer| answer.status.depends_on_time()),
            _ => false,
        };
        if depends_on_time {
            // The last of them may have been judged a moment after the newest event.
            self.depend_on_time(moment.max(self.state.time().next()));
        }
        Ok(Ok(body))
    }

    fn decide(
        &mut self,
        command: &Command,
        moment: Timestamp,
        resolution: &Resolution,
    ) -> Result<Body, Unreadable> {
        let state = &mut self.state;
        let mut recording = Recording {
            gathering: &mut self.gathering,
            in_sync: self.in_sync.as_ref(),
            reader: &self.reader,
            resolution,
        };
        let journal = &mut recording;
        Ok(match command {
            Command::RegisterLedgers(ledgers) => {
                Body::Ledgers(state.register_ledgers(journal, moment, ledgers)?)
            }
            Command::CreateAccounts(accounts) => {
                Body::Accounts(state.create_accounts(journal, moment, accounts)?)
            }
            Command::UpdateAccounts(updates) => {
                Body::Updates(state.update_accounts(journal, moment, updates)?)
            }
            Command::CreateTransfers {
                transfers, options, ..
            } => Body::Transfers(state.create_transfers(journal, moment, transfers, *options)?),
            Command::LookupAccounts(_)
            | Command::GetBalances(_)
            | Command::FindTransfers(_)
            | Command::ListLedgers => unreachable!("questions record nothing"),
        })
    }

    /// An answer that depends on the time is given only when that time is durable; from here on
    /// nothing is decided at an earlier one.
    fn depend_on_time(&mut self, moment: Timestamp) {
        self.state.observe_time(moment);
        self.gathering.depend_on_time();
    }

    /// That an id is unknown is final after the deadline of the request that would create it, so
    /// such an answer depends on the time: nothing may be decided at an earlier one any more.
    fn find_transfers(
        &mut self,
        ids: &[TransferId],
        resolution: &Resolution,
    ) -> Result<Body, Unreadable> {
        let recording = Recording {
            gathering: &mut self.gathering,
            in_sync: self.in_sync.as_ref(),
            reader: &self.reader,
            resolution,
        };
        let mut found = Vec::with_capacity(ids.len());
        for &id in ids {
            let what = match self.state.find_transfer(&recording, id)? {
                None => Found::Unknown,
                Some(old) => Found::At {
                    sequence: old.sequence,
                    fenced: old.fenced,
                    act: old.act,
                    open: self.state.hold(id).map(|hold| OpenHold {
                        posted: hold.posted,
                        rest: hold.rest,
                    }),
                },
            };
            found.push((id, what));
        }
        if found.iter().any(|(_, what)| matches!(what, Found::Unknown)) {
            self.tell_time();
        }
        Ok(Body::TransfersFound(found))
    }

    /// A reader answers as of `time`: if that has come, nothing may be decided any more at an
    /// earlier one.
    fn come_to(&mut self, time: Timestamp) {
        if self.state.time() < time && time <= self.moment() {
            self.tell_time();
        }
    }

    /// An answer depends on the time that it is.
    fn tell_time(&mut self) {
        let moment = self.moment();
        // On a full disk reads go on, and nothing is decided that they could contradict.
        if self.has_room_for_time() {
            self.depend_on_time(moment);
        } else {
            self.state.observe_time(moment);
        }
    }

    /// The limit that this request would pass. What exists already counts for nothing, so that a
    /// retry gets its answer at the limit, too.
    fn limit_reached(
        &mut self,
        command: &Command,
        resolution: &Resolution,
    ) -> Result<Option<Failure>, Unreadable> {
        match command {
            Command::CreateAccounts(accounts) => {
                let limit = self.config.accounts_max;
                let reached = passes(self.state.account_count(), accounts.len(), limit)
                    && passes(
                        self.state.account_count(),
                        self.new_accounts(accounts),
                        limit,
                    );
                Ok(reached.then_some(Failure::Limit {
                    name: "accounts_max",
                    limit,
                }))
            }
            Command::CreateTransfers {
                transfers, options, ..
            } if !options.dry_run => {
                let limit = self.config.open_holds_max;
                // Mostly there is room for that many holds, and then nobody has to count them.
                let reached = passes(self.state.open_holds(), transfers.len(), limit)
                    && passes(
                        self.state.open_holds(),
                        self.new_holds(transfers, resolution)?,
                        limit,
                    );
                Ok(reached.then_some(Failure::Limit {
                    name: "open_holds_max",
                    limit,
                }))
            }
            _ => Ok(None),
        }
    }

    /// The most events that a request can record. In a dry run as well: later events see what the
    /// earlier ones wrote.
    fn events_max(&self, command: &Command) -> usize {
        let Command::CreateTransfers { transfers, .. } = command else {
            return command.len();
        };
        // A post or a void may find its reservation due, which is an event of its own. They are
        // counted only where it matters: the list is long.
        let twice = 2 * transfers.len();
        if self.gathering.frame.padded_bytes_with(twice) <= self.frame_bytes_max() {
            return twice;
        }
        let named = transfers
            .iter()
            .filter(|transfer| !transfer.pending_id.is_zero())
            .count();
        transfers.len() + named
    }

    fn new_accounts(&self, accounts: &[NewAccount]) -> usize {
        accounts
            .iter()
            .filter(|account| self.state.account(account.id).is_none())
            .count()
    }

    fn new_holds(
        &mut self,
        transfers: &[Transfer],
        resolution: &Resolution,
    ) -> Result<usize, Unreadable> {
        let recording = Recording {
            gathering: &mut self.gathering,
            in_sync: self.in_sync.as_ref(),
            reader: &self.reader,
            resolution,
        };
        let mut new = 0;
        for transfer in transfers.iter().filter(|transfer| is_hold(transfer)) {
            new += usize::from(self.state.find_transfer(&recording, transfer.id)?.is_none());
        }
        Ok(new)
    }

    /// Looks whether the engine still goes on, between two waits.
    pub(super) fn look_around(&mut self) -> Result<(), Stop> {
        match self.exchange.phase() {
            Phase::Serving | Phase::Draining => self.collect(),
            Phase::Abandoned | Phase::Ended(_) => Err(Stop::Ended),
        }
    }
}

fn is_hold(transfer: &Transfer) -> bool {
    transfer.flags.contains(TransferFlags::PENDING)
}

fn passes(have: usize, more: usize, limit: u64) -> bool {
    more != 0 && (have as u64).saturating_add(more as u64) > limit
}

fn find_accounts(state: &State, ids: &[AccountId]) -> Body {
    let mut found: Vec<Account> = Vec::with_capacity(ids.len());
    let mut missing = Vec::new();
    for &id in ids {
        match state.account(id) {
            Some(account) => found.push(account.clone()),
            None => missing.push(id),
        }
    }
    Body::AccountsFound { found, missing }
}
