//! Where the next page begins, as the client carries it: text that means nothing to it, bound to
//! the question, to the line of history, and to the sequence that all pages are as of.
//!
//! | digits | field | what it is |
//! | --- | --- | --- |
//! | 32 | epoch | the line of history that the first page was of |
//! | 16 | question | see [`question`] |
//! | 16 | as of | the sequence that every page is as of; 0 where pages are of their own moment |
//! | 16 | time | the moment of the first page; 0 where no page depends on it |
//! | 16 | next | where in the list the page begins |
//! | 0 or 96 | retraced | how far the account with which the page begins was looked at, if that began on the page before: see [`Retraced`], 16 digits each |
//! | 16 | check | FNV-1a over the digits before, against mistakes and not against malice |

use ledger_core::{Sequence, Timestamp};
use ledger_engine::{Engine, Lineage, Position, Retraced};
use ledger_proto::{FieldPath, Malformed, Refusal};
use prost::Message;

/// Where the next page begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PageToken {
    /// The line of history that the first page was of.
    pub(crate) epoch: u128,
    /// What was asked.
    pub(crate) question: u64,
    /// Where the page begins, and what it is as of.
    pub(crate) position: Position,
}

impl PageToken {
    const NUMBERS: usize = 4;
    const NUMBERS_OF_RETRACED: usize = 6;
    const CHECK_DIGITS: usize = 16;
    const DIGITS: usize = 32 + Self::NUMBERS * 16 + Self::CHECK_DIGITS;
    const DIGITS_WITH_RETRACED: usize = Self::DIGITS + Self::NUMBERS_OF_RETRACED * 16;

    /// The token as the client carries it.
    pub(crate) fn text(&self) -> String {
        let Self {
            epoch,
            question,
            position,
        } = self;
        let [as_of, time] = [position.as_of.get(), position.time.get()];
        let next = position.next;
        let mut text = format!("{epoch:032x}{question:016x}{as_of:016x}{time:016x}{next:016x}");
        if position.retraced != Retraced::default() {
            for number in numbers_of(position.retraced) {
                text.push_str(&format!("{number:016x}"));
            }
        }
        let check = fnv(text.as_bytes());
        text.push_str(&format!("{check:016x}"));
        text
    }

    /// The token that a client brought back to ask `question` on, if it brought one.
    pub(crate) fn read(
        text: &str,
        question: u64,
        lineage: &Lineage,
    ) -> Result<Option<Self>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let token = Self::parse(text)
            .filter(|token| token.question == question)
            .ok_or(Malformed::PageToken)?;
        if token.epoch == lineage.epoch() {
            return Ok(Some(token));
        }
        // No page of another line of history is continued, even from before the fork: whoever
        // reads a list is to hear of the restore.
        let fork = match lineage.place(token.epoch, Sequence::new(u64::MAX)) {
            Ok(()) => None,
            Err(changed) => changed.fork,
        };
        Err(Refusal::EpochChanged {
            epoch: lineage.epoch(),
            fork,
        })
    }

    fn parse(text: &str) -> Option<Self> {
        // As it was written: in small letters.
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let lengths = [Self::DIGITS, Self::DIGITS_WITH_RETRACED];
        if !lengths.contains(&text.len()) || !text.bytes().all(is_digit) {
            return None;
        }
        let number = |digits: &str| u64::from_str_radix(digits, 16).ok();
        let (checked, check) = text.split_at(text.len() - Self::CHECK_DIGITS);
        if number(check)? != fnv(checked.as_bytes()) {
            return None;
        }
        let (epoch, numbers) = checked.split_at(32);
        let number_at = |index: usize| number(&numbers[index * 16..][..16]);
        let retraced = if text.len() == Self::DIGITS {
            Retraced::default()
        } else {
            let sequence_at = |index: usize| number_at(Self::NUMBERS + index).map(Sequence::new);
            Retraced {
                next: sequence_at(0)?,
                updates: number_at(Self::NUMBERS + 1)? != 0,
                closed: sequence_at(2)?,
                overdraft_limit: sequence_at(3)?,
                balance_max: sequence_at(4)?,
                name: sequence_at(5)?,
            }
        };
        Some(Self {
            epoch: u128::from_str_radix(epoch, 16).ok()?,
            question: number_at(0)?,
            position: Position {
                as_of: Sequence::new(number_at(1)?),
                time: Timestamp::new(number_at(2)?),
                next: number_at(3)?,
                retraced,
            },
        })
    }
}

/// The numbers of it, in their order.
fn numbers_of(retraced: Retraced) -> [u64; PageToken::NUMBERS_OF_RETRACED] {
    let Retraced {
        next,
        updates,
        closed,
        overdraft_limit,
        balance_max,
        name,
    } = retraced;
    [
        next.get(),
        updates.into(),
        closed.get(),
        overdraft_limit.get(),
        balance_max.get(),
        name.get(),
    ]
}

/// A list that is asked for page by page.
pub(crate) struct Pages {
    epoch: u128,
    question: u64,
    /// Where this page begins; `None` for the first.
    pub(crate) from: Option<Position>,
}

impl Pages {
    /// The page at `page_token` of what `request`, without its token and its page size, asks of
    /// `call`.
    pub(crate) fn of(
        engine: &Engine,
        call: &str,
        request: &impl Message,
        page_token: &str,
    ) -> Result<Self, Refusal> {
        let lineage = engine.lineage();
        let question = question(call, request);
        let token = PageToken::read(page_token, question, &lineage)?;
        Ok(Self {
            epoch: lineage.epoch(),
            question,
            from: token.map(|token| token.position),
        })
    }

    /// The line of history that the pages are of.
    pub(crate) fn epoch(&self) -> u128 {
        self.epoch
    }

    /// The text of the token of the next page; empty at the end.
    pub(crate) fn next(&self, position: Option<Position>) -> String {
        position.map_or_else(String::new, |position| {
            PageToken {
                epoch: self.epoch,
                question: self.question,
                position,
            }
            .text()
        })
    }

    /// The field that says what the page is as of, if it is beyond the end.
    pub(crate) fn point(&self, at: &'static str) -> FieldPath {
        FieldPath::of(match self.from {
            Some(_) => "page_token",
            None => at,
        })
    }
}

/// Tells questions apart: FNV-1a over the name of the call and the request. Two encodings of one
/// request are equal, since it is encoded here.
pub(crate) fn question(call: &str, request: &impl Message) -> u64 {
    let mut bytes = call.as_bytes().to_vec();
    bytes.push(0);
    request
        .encode(&mut bytes)
        .expect("a buffer that grows has room");
    fnv(&bytes)
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
