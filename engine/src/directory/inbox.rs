//! What waits for the directory's thread. Bounded: names that do not fit are dropped, and the
//! thread reads them from the journal instead.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ledger_core::Sequence;

use super::{NameGiven, Question, Stand};

/// The most names that wait.
const NAMES_WAITING_MAX: usize = 65_536;
/// The most questions that wait.
const QUESTIONS_WAITING_MAX: usize = 1024;

pub(super) struct Inbox {
    box_: Mutex<Contents>,
    filled: Condvar,
}

struct Contents {
    names: VecDeque<NameGiven>,
    /// All names given up to here were published.
    through: Sequence,
    /// Names were dropped since the thread last looked.
    lost: bool,
    questions: VecDeque<Question>,
    closing: Option<Closing>,
    stand: Stand,
    count: u64,
    incomplete: bool,
}

/// How the thread is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Closing {
    /// Cleanly, with everything up to this sequence applied.
    At(Sequence),
    /// At once.
    Now,
}

/// What the thread takes out in one go.
pub(super) struct Taken {
    pub(super) names: VecDeque<NameGiven>,
    pub(super) through: Sequence,
    pub(super) lost: bool,
    pub(super) questions: VecDeque<Question>,
    pub(super) closing: Option<Closing>,
}

impl Inbox {
    pub(super) fn new(through: Sequence) -> Self {
        Self {
            box_: Mutex::new(Contents {
                names: VecDeque::new(),
                through,
                lost: false,
                questions: VecDeque::new(),
                closing: None,
                stand: Stand::CatchingUp {
                    at: Sequence::ZERO,
                    of: through,
                },
                count: 0,
                incomplete: false,
            }),
            filled: Condvar::new(),
        }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.box_.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn publish(&self, names: &mut Vec<NameGiven>, through: Sequence) {
        let mut contents = self.contents();
        contents.through = through;
        if contents.names.len() + names.len() > NAMES_WAITING_MAX {
            contents.names.clear();
            names.clear();
            contents.lost = true;
        }
        let wake = !names.is_empty() || !contents.questions.is_empty();
        contents.names.extend(names.drain(..));
        drop(contents);
        if wake {
            self.filled.notify_one();
        }
    }

    /// Puts a question in, unless too many wait or the thread is ending.
    pub(super) fn ask(&self, question: Question) -> bool {
        let mut contents = self.contents();
        if contents.closing.is_some() || contents.questions.len() >= QUESTIONS_WAITING_MAX {
            return false;
        }
        contents.questions.push_back(question);
        drop(contents);
        self.filled.notify_one();
        true
    }

    pub(super) fn close(&self, end: Option<Sequence>) {
        self.contents().closing = Some(end.map_or(Closing::Now, Closing::At));
        self.filled.notify_one();
    }

    /// Takes everything out; waits for something to come if `patience` is not zero.
    pub(super) fn take(&self, patience: Duration) -> Taken {
        let mut contents = self.contents();
        let empty = |contents: &mut Contents| {
            contents.names.is_empty()
                && !contents.lost
                && contents.questions.is_empty()
                && contents.closing.is_none()
        };
        if !patience.is_zero() {
            contents = self
                .filled
                .wait_timeout_while(contents, patience, empty)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        Taken {
            names: mem::take(&mut contents.names),
            through: contents.through,
            lost: mem::take(&mut contents.lost),
            questions: mem::take(&mut contents.questions),
            closing: contents.closing,
        }
    }

    /// Puts questions back that cannot be answered yet.
    pub(super) fn put_back(&self, questions: VecDeque<Question>) {
        let mut contents = self.contents();
        let newer = mem::replace(&mut contents.questions, questions);
        contents.questions.extend(newer);
    }

    pub(super) fn set_stand(&self, stand: Stand, count: u64, incomplete: bool) {
        let mut contents = self.contents();
        contents.stand = stand;
        contents.count = count;
        contents.incomplete = incomplete;
    }

    pub(super) fn stand(&self) -> Stand {
        self.contents().stand
    }

    pub(super) fn count(&self) -> (u64, bool) {
        let contents = self.contents();
        (contents.count, contents.incomplete)
    }
}
