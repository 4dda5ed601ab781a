//! Which events deciding a request will ask for, so that they are read before and elsewhere.
//!
//! What the index runs know of a request was read before it was queued. What is newer is known to
//! the writer alone: where a recent id stands, and when an account was created. So a request that
//! names such events goes back to the resolver once, which reads them.
//!
//! Almost no request does, and this must cost it nothing: of transfers the first one alone is looked
//! at, since a request that is sent again is sent again whole, and reversals come together. What is
//! not foreseen is read while it is decided, mostly from the page cache.

use ledger_core::{NewAccount, Sequence, Transfer, TransferId, Unreadable};

use super::Writer;
use crate::Command;
use crate::recording::Recording;
use crate::resolver::Resolution;

impl Writer {
    /// The events that are in files alone and that deciding this will ask for.
    pub(super) fn foresee(
        &mut self,
        command: &Command,
        resolution: &Resolution,
    ) -> Result<Vec<Sequence>, Unreadable> {
        let mut wanted = Vec::new();
        match command {
            Command::CreateAccounts(accounts) => self.foresee_accounts(accounts, &mut wanted),
            Command::CreateTransfers { transfers, .. } => {
                self.foresee_transfers(transfers, resolution, &mut wanted)?;
            }
            _ => {}
        }
        let durable = self.published.newest().sequence;
        wanted.retain(|&sequence| {
            // What is newer is still in memory.
            let is_written = sequence > Sequence::ZERO && sequence <= durable;
            is_written && resolution.event(sequence).is_none()
        });
        Ok(wanted)
    }

    /// An account that exists and was asked for with other fields: its creation tells which.
    fn foresee_accounts(&self, accounts: &[NewAccount], wanted: &mut Vec<Sequence>) {
        for account in accounts {
            if let Some(known) = self.state.account(account.id)
                && !known.is_same_creation(account)
            {
                wanted.push(known.created);
            }
        }
    }

    /// A retry is compared with what its id stands for; a reversal takes from its target what is
    /// left, and so on.
    fn foresee_transfers(
        &mut self,
        transfers: &[Transfer],
        resolution: &Resolution,
        wanted: &mut Vec<Sequence>,
    ) -> Result<(), Unreadable> {
        let recording = Recording {
            gathering: &mut self.gathering,
            in_sync: self.in_sync.as_ref(),
            reader: &self.reader,
            resolution,
        };
        let state = &self.state;
        let mut want = |transfer: &Transfer| -> Result<bool, Unreadable> {
            let before = wanted.len();
            if let Some(known) = state.find_transfer(&recording, transfer.id)? {
                wanted.push(known.sequence);
            }
            // Of a reservation that is open, all that is asked for is in memory.
            let is_open = state.hold(transfer.pending_id).is_some();
            let pending = (!is_open).then_some(transfer.pending_id);
            for target in pending.into_iter().chain([transfer.reverses_id]) {
                if target != TransferId::ZERO
                    && let Some(known) = state.find_transfer(&recording, target)?
                {
                    wanted.extend([known.sequence, known.act]);
                }
            }
            Ok(wanted.len() > before)
        };
        let Some((first, others)) = transfers.split_first() else {
            return Ok(());
        };
        if want(first)? {
            for transfer in others {
                want(transfer)?;
            }
        }
        Ok(())
    }
}
