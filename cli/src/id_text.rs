//! Ids as people write them.

use std::fmt;
use std::str::FromStr;

use ledger_client::id_from_reference;

/// An id as it may be given at the terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum IdText {
    /// A number, or a UUID.
    Number(u128),
    /// `ref:TEXT`: the id that follows from another system's own id or name.
    Reference(String),
}

/// A text that is no id.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "write a number, 0x and hexadecimal digits, a UUID, or ref:TEXT for the id that follows from TEXT"
)]
pub(crate) struct NotAnId;

impl IdText {
    /// The id; a reference is read in `namespace`.
    pub(crate) fn resolve(&self, namespace: &str) -> u128 {
        match self {
            Self::Number(number) => *number,
            Self::Reference(text) => id_from_reference(namespace, text),
        }
    }
}

/// As it was written, or as ids are shown.
impl fmt::Display for IdText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => ShownId(*number).fmt(f),
            Self::Reference(text) => write!(f, "ref:{text}"),
        }
    }
}

impl FromStr for IdText {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if let Some(reference) = text.strip_prefix("ref:") {
            return match reference {
                "" => Err(NotAnId),
                _ => Ok(Self::Reference(reference.to_owned())),
            };
        }
        let hexadecimal = match text.strip_prefix("0x") {
            Some(digits) => Some(digits.to_owned()),
            None if is_uuid(text) => Some(text.replace('-', "")),
            None => None,
        };
        let (digits, radix) = match &hexadecimal {
            Some(digits) => (digits.as_str(), 16),
            None => (text, 10),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAnId);
        }
        let number = u128::from_str_radix(digits, radix).map_err(|_| NotAnId)?;
        Ok(Self::Number(number))
    }
}

fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// An id as it is shown: small ones as numbers, others in the form of a UUID, which is how ids
/// that other systems made are known there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShownId(pub(crate) u128);

impl fmt::Display for ShownId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(small) = u64::try_from(self.0) {
            return write!(f, "{small}");
        }
        let digits = format!("{:032x}", self.0);
        write!(
            f,
            "{}-{}-{}-{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..]
        )
    }
}

#[cfg(test)]
mod tests;
