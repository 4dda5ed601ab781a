//! Reads fields from a slice. Any bytes give a value or a [`Defect`]; none panic.

use crate::{
    Defect,
    wire::{Key, Kind},
};

/// How deep groups may nest in a field that is skipped.
const DEPTH_MAX: u32 = 100;

/// What is left to be read of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub(crate) const fn len(&self) -> usize {
        self.rest.len()
    }

    /// The next field's key, or `None` at the end of the message.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Option<Key>, Defect> {
        let key = match self.rest {
            [] => return Ok(None),
            [byte @ 0..0x80, rest @ ..] => {
                self.rest = rest;
                u32::from(*byte)
            }
            _ => u32::try_from(self.varint()?).map_err(|_| Defect::Key)?,
        };
        let key = Key::from_wire(key);
        if key.number() == 0 || key.kind() > 5 {
            return Err(Defect::Key);
        }
        Ok(Some(key))
    }

    /// A number of variable length.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Defect> {
        match self.rest {
            [byte @ 0..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Defect> {
        let mut value = 0;
        for (index, &byte) in self.rest.iter().enumerate() {
            if index == 9 && byte > 1 {
                return Err(Defect::Overlong);
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(Defect::Truncated)
    }

    /// A number of variable length, cut to 32 bits as protobuf has it.
    #[inline]
    pub(crate) fn varint32(&mut self) -> Result<u32, Defect> {
        let value = self.varint()?;
        Ok((value & u64::from(u32::MAX)) as u32)
    }

    /// The number of an enum's value, cut to 32 bits as protobuf has it.
    #[inline]
    pub(crate) fn enumeration(&mut self) -> Result<i32, Defect> {
        self.varint32().map(u32::cast_signed)
    }

    /// Eight bytes.
    #[inline]
    pub(crate) fn fixed64(&mut self) -> Result<u64, Defect> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Defect::Truncated)?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// As many bytes as the number before them says.
    #[inline]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Defect> {
        let length = usize::try_from(self.varint()?).map_err(|_| Defect::Truncated)?;
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Defect::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<&'a str, Defect> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Defect::Utf8)
    }

    /// A `Uint128`, merged into what the field held before, as protobuf has it.
    #[inline]
    pub(crate) fn uint128(&mut self, into: &mut u128) -> Result<(), Defect> {
        // Both halves in order is what every encoder writes of a large number, the low half alone
        // what it writes of a small one.
        if let [
            18,
            0x09,
            h0,
            h1,
            h2,
            h3,
            h4,
            h5,
            h6,
            h7,
            0x11,
            l0,
            l1,
            l2,
            l3,
            l4,
            l5,
            l6,
            l7,
            rest @ ..,
        ] = self.rest
        {
            *into = u128::from_le_bytes([
                *l0, *l1, *l2, *l3, *l4, *l5, *l6, *l7, *h0, *h1, *h2, *h3, *h4, *h5, *h6, *h7,
            ]);
            self.rest = rest;
            return Ok(());
        }
        if let [9, 0x11, l0, l1, l2, l3, l4, l5, l6, l7, rest @ ..] = self.rest {
            let low = u64::from_le_bytes([*l0, *l1, *l2, *l3, *l4, *l5, *l6, *l7]);
            *into = (*into >> 64 << 64) | u128::from(low);
            self.rest = rest;
            return Ok(());
        }
        self.any_uint128(into)
    }

    fn any_uint128(&mut self, into: &mut u128) -> Result<(), Defect> {
        const HIGH: Key = Key::new(1, Kind::Fixed64);
        const LOW: Key = Key::new(2, Kind::Fixed64);
        let mut fields = Reader::new(self.bytes()?);
        while let Some(key) = fields.key()? {
            match key {
                HIGH => {
                    *into = (u128::from(fields.fixed64()?) << 64) | (*into << 64 >> 64);
                }
                LOW => *into = (*into >> 64 << 64) | u128::from(fields.fixed64()?),
                _ if key.number() <= 2 => return Err(Defect::Kind),
                _ => fields.skip(key)?,
            }
        }
        Ok(())
    }

    /// Passes over a field that is not known here.
    pub(crate) fn skip(&mut self, key: Key) -> Result<(), Defect> {
        self.skip_at(key, DEPTH_MAX)
    }

    fn skip_at(&mut self, key: Key, depth: u32) -> Result<(), Defect> {
        match key.kind() {
            0 => self.varint().map(drop),
            1 => self.fixed64().map(drop),
            2 => self.bytes().map(drop),
            3 => {
                let depth = depth.checked_sub(1).ok_or(Defect::TooDeep)?;
                loop {
                    let inner = self.key()?.ok_or(Defect::Truncated)?;
                    if inner.kind() != 4 {
                        self.skip_at(inner, depth)?;
                    } else if inner.number() == key.number() {
                        return Ok(());
                    } else {
                        return Err(Defect::Group);
                    }
                }
            }
            4 => Err(Defect::Group),
            5 => {
                self.rest = self.rest.get(4..).ok_or(Defect::Truncated)?;
                Ok(())
            }
            _ => Err(Defect::Key),
        }
    }
}

#[cfg(test)]
mod tests;
