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

    /// Reads a number of variable length.
    #[inline]
    pub(crate) fn integer(&mut self) -> Result<u128, DecodeError> {
        let length = usize::from(self.u8()?);
        if length == 0 {
            return Ok(0);
        }
        if length > 16 {
            return Err(DecodeError::NotCanonical);
        }
        // Mostly there are sixteen bytes to load at once; what is too much is masked off.
        let value = match self.rest.first_chunk::<16>() {
            Some(bytes) => u128::from_le_bytes(*bytes) & (u128::MAX >> (128 - 8 * length)),
            None => {
                let mut bytes = [0; 16];
                let part = self.rest.get(..length).ok_or(DecodeError::Truncated)?;
                bytes[..length].copy_from_slice(part);
                u128::from_le_bytes(bytes)
            }
        };
        self.rest = &self.rest[length..];
        if value >> (8 * (length - 1)) == 0 {
            return Err(DecodeError::NotCanonical);
        }
        Ok(value)
    }

    /// Reads a number of variable length that must fit a smaller type.
    #[inline]
    pub(crate) fn narrow<T: TryFrom<u128>>(&mut self) -> Result<T, DecodeError> {
        T::try_from(self.integer()?).map_err(|_| DecodeError::NotCanonical)
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

#[cfg(test)]
mod tests;
