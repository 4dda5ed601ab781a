//! A history with everything in it that a later request may ask for again, and what must be
//! answered however old it is.

use std::sync::Arc;
use std::time::Duration;

use ledger_core::{
    AccountId, AccountUpdate, Amount, GroupId, Timestamp, Transfer, TransferAnswer, TransferFlags,
    TransferId, TransferStatus as S, UpdateId, UpdateStatus,
};
use ledger_engine::journal::Preparation;
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Body, Command, Config, SimulatedClock};

use crate::teller::{Teller, config, create, hold, post, transfer, wait};

/// Segments so small that a few requests fill one.
pub(crate) fn small() -> Config {
    Config {
        segment_bytes: 64 << 10,
        ..config()
    }
}

/// The same with threads that seal, index and merge.
pub(crate) fn threaded() -> Config {
    Config {
        preparation: Preparation::Background,
        ..small()
    }
}

/// What was answered once.
pub(crate) struct History {
    first: Vec<(Transfer, TransferAnswer)>,
    update: (AccountUpdate, Timestamp),
    /// Filler that was written so far.
    filler: u128,
}

fn void(id: u128, pending_id: u128) -> Transfer {
    Transfer {
        amount: Amount::ZERO,
        flags: TransferFlags::VOID_PENDING_TRANSFER,
        ..post(id, pending_id)
    }
}

fn reversal(id: u128, reverses_id: u128, amount: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        reverses_id: TransferId::new(reverses_id),
        amount: Amount::new(amount),
        code: 7,
        ..Transfer::default()
    }
}

fn update(update_id: u128, name: &str) -> AccountUpdate {
    AccountUpdate {
        update_id: UpdateId::new(update_id),
        id: AccountId::new(1),
        name: Some(name.into()),
        ..AccountUpdate::default()
    }
}

/// Ids that do not grow with time.
fn scattered(n: u128) -> u128 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) | 1
}

impl History {
    /// Plays it, into accounts 1 and 2, which are made.
    pub(crate) fn play(teller: &Teller, clock: &Arc<SimulatedClock>) -> Self {
        teller.open_accounts(2);
        let requests: Vec<(Transfer, S)> = vec![
            (transfer(1, 10), S::Created),
            (transfer(scattered(1), 10), S::Created),
            (hold(2, 100, 0), S::Created),
            (hold(3, 50, 0), S::Created),
            (hold(4, 50, 1), S::Created),
            (hold(5, 70, 0), S::Created),
            (post(20, 2), S::Created),
            (void(30, 3), S::Created),
            // No such reservation: the id is used up.
            (post(40, 777), S::PendingTransferNotFound),
            (
                Transfer {
                    pending_id: TransferId::new(778),
                    flags: TransferFlags::VOID_PENDING_TRANSFER.with(TransferFlags::FENCE),
                    ..transfer(50, 5)
                },
                S::Fenced,
            ),
            (transfer(6, 100), S::Created),
            (reversal(60, 6, 60), S::Created),
        ];
        let mut first = Vec::new();
        for (transfer, expected) in requests {
            let answer = teller.create_transfer(transfer.clone());
            assert_eq!(answer.status, expected, "{transfer:?}");
            first.push((transfer, answer));
        }
        clock.advance(Duration::from_secs(5));
        let changed = update(1, "Till");
        let (status, time) = Self::change(teller, &changed);
        assert_eq!(status, UpdateStatus::Updated);
        Self {
            first,
            update: (changed, time),
            filler: 0,
        }
    }

    fn change(teller: &Teller, update: &AccountUpdate) -> (UpdateStatus, Timestamp) {
        let reply = teller.ask(Command::UpdateAccounts(vec![update.clone()]));
        let Body::Updates(answers) = reply.expect("an answer").body else {
            panic!("not updates")
        };
        (answers[0].status, answers[0].timestamp)
    }

    /// Writes so many requests of fifty transfers behind it.
    pub(crate) fn bury(&mut self, teller: &Teller, requests: u128) {
        for _ in 0..requests {
            assert!(self.try_bury(teller), "nothing is in the way");
        }
    }

    /// Writes one such request; whether it was answered.
    pub(crate) fn try_bury(&mut self, teller: &Teller) -> bool {
        let ids = self.filler * 50..(self.filler + 1) * 50;
        let transfers = ids.map(|n| transfer(scattered(1_000_000 + n), 1)).collect();
        let Ok(pending) = teller.start(create(transfers)) else {
            return false;
        };
        let reply = wait(&pending);
        if reply.is_err() {
            return false;
        }
        let answers = crate::teller::transfer_answers(reply).answers;
        assert!(answers.iter().all(|answer| answer.status == S::Created));
        self.filler += 1;
        true
    }

    /// Writes one such request, asking for it again where it is refused.
    pub(crate) fn bury_patiently(&mut self, teller: &Teller) {
        let is_answered = (0..10).any(|_| self.try_bury(teller));
        assert!(is_answered, "a refusal passes");
    }

    /// How many requests were written behind it.
    pub(crate) fn requests(&self) -> u128 {
        self.filler
    }

    /// Questions that together look up everything in the index that a write can ask for.
    pub(crate) fn questions(&self) -> Vec<Command> {
        let own = self.first.iter().map(|(transfer, _)| transfer.id);
        let filler = (0..self.filler * 50).map(|n| TransferId::new(scattered(1_000_000 + n)));
        let ids: Vec<_> = own.chain(filler).collect();
        let finds = ids
            .chunks(5000)
            .map(|ids| Command::FindTransfers(ids.to_vec()));
        let update = Command::UpdateAccounts(vec![self.update.0.clone()]);
        finds.chain([update]).collect()
    }

    /// Asks for everything again, and for what only something old forbids.
    pub(crate) fn check(&self, teller: &Teller) {
        for (transfer, first) in &self.first {
            let again = teller.create_transfer(transfer.clone());
            if first.status.uses_up_id() {
                assert_eq!(again.status, S::IdAlreadyFailed, "{transfer:?}");
                assert_eq!(again.original_status, Some(first.status));
            } else {
                assert_eq!(again.status, S::Exists, "{transfer:?}");
            }
            assert_eq!(again.timestamp, first.timestamp, "{transfer:?}");
            assert_eq!(again.amount, first.amount, "{transfer:?}");
        }
        let many = (0..self.filler * 50).step_by(7);
        for n in many {
            let filler = transfer(scattered(1_000_000 + n), 1);
            assert_eq!(teller.status_of(filler), S::Exists, "filler {n}");
        }
        self.check_what_is_forbidden(teller);
        let (changed, time) = &self.update;
        assert_eq!(Self::change(teller, changed), (UpdateStatus::Exists, *time));
        let other = Self::change(teller, &update(1, "Another"));
        assert_eq!(other.0, UpdateStatus::ExistsWithDifferentFields);
    }

    fn check_what_is_forbidden(&self, teller: &Teller) {
        let mut differing = transfer(1, 11);
        assert_eq!(
            teller.status_of(differing.clone()),
            S::ExistsWithDifferentAmount
        );
        differing.code = 2;
        differing.amount = Amount::new(10);
        assert_eq!(teller.status_of(differing), S::ExistsWithDifferentCode);
        // In a dry run, so that asking again and again changes nothing and uses up no id.
        let forbidden = [
            (post(901, 2), S::PendingTransferAlreadyPosted),
            (void(902, 2), S::PendingTransferAlreadyPosted),
            (post(903, 3), S::PendingTransferAlreadyVoided),
            (post(904, 4), S::PendingTransferExpired),
            (post(905, 1), S::PendingTransferNotPending),
            (hold(778, 5, 0), S::PendingTransferAlreadyVoided),
            (post(906, 778), S::PendingTransferAlreadyVoided),
            (reversal(907, 6, 41), S::ExceedsReversibleAmount),
            (reversal(908, 6, 40), S::Created),
            (reversal(909, 2, 1), S::ReversedTransferNotPosted),
            (post(910, 5), S::Created),
            (reversal(911, 20, 100), S::Created),
            (reversal(912, 20, 101), S::ExceedsReversibleAmount),
        ];
        for (transfer, expected) in forbidden {
            let reply = teller.ask(Command::CreateTransfers {
                transfers: vec![transfer.clone()],
                options: ledger_core::TransferOptions {
                    dry_run: true,
                    ..ledger_core::TransferOptions::default()
                },
                deadline: Timestamp::ZERO,
            });
            let answers = crate::teller::transfer_answers(reply);
            assert_eq!(answers.answers[0].status, expected, "{transfer:?}");
        }
    }
}

/// A reservation in a group.
pub(crate) fn hold_in_group(id: u128, group: u128) -> Transfer {
    Transfer {
        group_id: GroupId::new(group),
        ..hold(id, 1, 0)
    }
}

/// The files of a kind.
pub(crate) fn files(vfs: &MemoryVfs, ending: &str) -> Vec<std::path::PathBuf> {
    let mut paths = vfs.paths();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths
}
