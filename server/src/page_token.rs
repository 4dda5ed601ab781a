//! Where the next page begins, as the client carries it: text that means nothing to it, bound to
//! the question and to the line of history.

use std::fmt::Write;

use ledger_core::LedgerId;
use ledger_proto::{Malformed, Refusal};

/// Where the next page begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PageToken {
    /// The line of history that the first page was of.
    pub(crate) epoch: u128,
    /// What was asked.
    pub(crate) question: u64,
    /// The sequence that every page is as of; 0 where pages are as of their own moment.
    pub(crate) sequence: u64,
    /// Where in the list the page begins.
    pub(crate) position: u64,
}

impl PageToken {
    const DIGITS: usize = 32 + 3 * 16;

    /// The token as the client carries it.
    pub(crate) fn text(&self) -> String {
        let Self {
            epoch,
            question,
            sequence,
            position,
        } = self;
        let mut text = String::with_capacity(Self::DIGITS);
        write!(
            text,
            "{epoch:032x}{question:016x}{sequence:016x}{position:016x}"
        )
        .expect("a string takes whatever is written");
        text
    }

    /// The token that a client brought back to ask `question` on, if it brought one.
    pub(crate) fn read(text: &str, question: u64, epoch: u128) -> Result<Option<Self>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let token = Self::parse(text)
            .filter(|token| token.question == question)
            .ok_or(Malformed::PageToken)?;
        if token.epoch != epoch {
            return Err(Refusal::EpochChanged { epoch, fork: None });
        }
        Ok(Some(token))
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::DIGITS || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = |from: usize| u64::from_str_radix(&text[from..from + 16], 16).ok();
        Some(Self {
            epoch: u128::from_str_radix(&text[..32], 16).ok()?,
            question: number(32)?,
            sequence: number(48)?,
            position: number(64)?,
        })
    }
}

/// Tells questions apart: FNV-1a over the name of the call and the ledgers it is about.
pub(crate) fn question(call: &str, ledgers: &[LedgerId]) -> u64 {
    let ledgers = ledgers.iter().flat_map(|ledger| ledger.get().to_le_bytes());
    call.bytes()
        .chain(ledgers)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests;
