//! Integers of variable length, and the cursor that reads them.
//!
//! A number is one byte with the count of the bytes that follow, then that many bytes, the lowest
//! first, the highest of them not zero. So zero is the single byte `0`, 1 … 255 take two bytes,
//! and 2¹²⁸ − 1 takes seventeen. Each number has exactly one such form; every other is refused.
//! There are no loops in it, which is why it is not a base-128 one.

use super::DecodeError;

/// The longest form of a number.
pub(crate) const INTEGER_BYTES_MAX: usize = 17;

/// Writes a number at `*at`, which moves on.
#[inline]
pub(crate) fn put_integer(bytes: &mut [u8], at: &mut usize, value: u128) {
    let length = (128 - value.leading_zeros() as usize).div_ceil(8);
    bytes[*at] = length as u8;
    bytes[*at + 1..*at + 17].copy_from_slice(&value.to_le_bytes());
    *at += 1 + length;
}

/// Writes bytes as they are at `*at`, which moves on.
#[inline]
pub(crate) fn put_bytes(bytes: &mut [u8], at: &mut usize, value: &[u8]) {
    bytes[*at..*at + value.len()].copy_from_slice(value);
    *at += value.len();
}

/// For each length of at most eight bytes: the bits of a number of that length, and the smallest
/// number that has it.
const SHORT: [(u64, u64); 9] = [
    (0, 0),
    (0xff, 1),
    (0xffff, 1 << 8),
    (0xff_ffff, 1 << 16),
    (0xffff_ffff, 1 << 24),
    (0xff_ffff_ffff, 1 << 32),
    (0xffff_ffff_ffff, 1 << 40),
    (0xff_ffff_ffff_ffff, 1 << 48),
    (u64::MAX, 1 << 56),
];

/// Reads what was put, from front to back. It never panics, whatever the bytes are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    #[inline]
    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (part, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(part)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (part, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*part)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(self.array::<1>()?[0])
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u128(&mut self) -> Result<u128, DecodeError> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    /// Reads three numbers of 16 bytes at once.
    #[inline]
    pub(crate) fn u128s(&mut self) -> Result<[u128; 3], DecodeError> {
        let bytes = self.array::<48>()?;
        let number = |at| {
            bytes[at..]
                .first_chunk()
                .map_or(0, |part| u128::from_le_bytes(*part))
        };
        Ok([number(0), number(16), number(32)])
    }

    /// Reads a number of variable length.
    #[inline]
    pub(crate) fn integer(&mut self) -> Result<u128, DecodeError> {
        if let Some(value) = self.short_integer() {
            return Ok(u128::from(value));
        }
        let mut value = 0;
        self.longer_integer(&mut value)?;
        Ok(value)
    }

    /// Reads a number of at most eight bytes that is not among the last of all, as most are. `None`
    /// if the next one is something else; then it is not read.
    #[inline]
    pub(crate) fn short_integer(&mut self) -> Option<u64> {
        let &[length, ref low @ ..] = self.rest.first_chunk::<9>()?;
        let length = usize::from(length);
        let &(mask, smaller) = SHORT.get(length)?;
        let value = u64::from_le_bytes(*low) & mask;
        // In its one form a number has no fewer bytes.
        if value < smaller {
            return None;
        }
        self.rest = &self.rest[1 + length..];
        Some(value)
    }

    /// Reads any number. It does not give the number back but puts it where it belongs: a result of
    /// this size goes through memory in halves, for which [`Cursor::short_integer`] would wait too.
    #[inline(never)]
    pub(crate) fn longer_integer(&mut self, value: &mut u128) -> Result<(), DecodeError> {
        let length = usize::from(self.u8()?);
        if length > 16 {
            return Err(DecodeError::NotCanonical);
        }
        let number = self.bytes(length)?;
        if number.last() == Some(&0) {
            return Err(DecodeError::NotCanonical);
        }
        *value = number_of(number);
        Ok(())
    }

    /// Reads a number of variable length that must fit a smaller type.
    #[inline]
    pub(crate) fn narrow<T: TryFrom<u128>>(&mut self) -> Result<T, DecodeError> {
        let narrow = match self.short_integer() {
            Some(value) => T::try_from(u128::from(value)),
            None => T::try_from(self.integer()?),
        };
        narrow.map_err(|_| DecodeError::NotCanonical)
    }

    /// Reads text of `length` bytes.
    #[inline]
    pub(crate) fn text(&mut self, length: usize) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(length)?).map_err(|_| DecodeError::NotText)
    }

    /// Insists that everything was read.
    #[inline]
    pub(crate) const fn finish(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::TrailingBytes)
        }
    }
}

/// A number of at most 16 bytes. Its first and its last bytes overlap where it has fewer than both
/// together; a loop over each byte, or a copy of so many, would take longer.
#[inline]
fn number_of(number: &[u8]) -> u128 {
    let length = number.len();
    if let (Some(low), Some(high)) = (number.first_chunk::<8>(), number.last_chunk::<8>()) {
        let high = u128::from(u64::from_le_bytes(*high)) << (8 * (length - 8));
        return u128::from(u64::from_le_bytes(*low)) | high;
    }
    if let (Some(low), Some(high)) = (number.first_chunk::<4>(), number.last_chunk::<4>()) {
        let high = u64::from(u32::from_le_bytes(*high)) << (8 * (length - 4));
        return u128::from(u64::from(u32::from_le_bytes(*low)) | high);
    }
    // At most three bytes: the first, the one in the middle and the last are all of them.
    let byte = |at: usize| {
        number
            .get(at)
            .map_or(0, |&byte| u32::from(byte) << (8 * at))
    };
    u128::from(byte(0) | byte(length / 2) | byte(length.saturating_sub(1)))
}

#[cfg(test)]
mod tests;
