//! Writes fields into a small array on the stack, so that a whole message reaches the buffer, with
//! its length before it, in one go.

use crate::wire::{Key, Kind};

/// Room before the fields for the key of the message in its list, and for its length.
const HEAD_BYTES: usize = 4;

/// The fields of one message, encoded. A field that is 0 is left out, as protobuf has it.
///
/// `CAPACITY` is [`Piece::HEAD`] and the most that the fields written to it can take; writing more
/// is a programmer's mistake and panics. One piece is used for all messages of a list, since making
/// a new array costs more than filling one.
#[derive(Debug)]
pub(crate) struct Piece<const CAPACITY: usize> {
    bytes: [u8; CAPACITY],
    end: usize,
}

impl Piece<0> {
    /// What every piece needs besides its fields.
    pub(crate) const HEAD: usize = HEAD_BYTES;
    /// The most that a `Uint128` takes under a number up to 2047.
    pub(crate) const UINT128: usize = 2 + 1 + 18;
    /// The most that a number of 64 bits takes under a number up to 2047.
    pub(crate) const UINT64: usize = 2 + 10;

    /// The most that a text or a message of `length` bytes takes under a number up to 2047.
    pub(crate) const fn bytes_of(length: usize) -> usize {
        2 + varint_len(length as u64) + length
    }
}

impl<const CAPACITY: usize> Piece<CAPACITY> {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            end: HEAD_BYTES,
        }
    }

    /// Begins another message.
    #[inline]
    pub(crate) const fn clear(&mut self) {
        self.end = HEAD_BYTES;
    }

    /// The fields that were written.
    #[inline]
    pub(crate) fn fields(&self) -> &[u8] {
        &self.bytes[HEAD_BYTES..self.end]
    }

    /// The message as it stands in the list `number`, which is at most 15: its key, its length,
    /// its fields.
    #[inline]
    pub(crate) fn entry(&mut self, number: u32) -> &[u8] {
        let length = self.end - HEAD_BYTES;
        let key = Key::new(number, Kind::Length).wire() as u8;
        let low = (length & 0x7f) as u8;
        let start = if length < 1 << 7 {
            self.bytes[2..HEAD_BYTES].copy_from_slice(&[key, low]);
            2
        } else {
            assert!(length < 1 << 14, "a piece is small");
            let head = [key, low | 0x80, (length >> 7) as u8];
            self.bytes[1..HEAD_BYTES].copy_from_slice(&head);
            1
        };
        &self.bytes[start..self.end]
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.bytes[self.end..self.end + N].copy_from_slice(&bytes);
        self.end += N;
    }

    #[inline]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.put([(value & 0x7f) as u8 | 0x80]);
            value >>= 7;
        }
        self.put([value as u8]);
    }

    #[inline]
    fn key(&mut self, number: u32, kind: Kind) {
        self.varint(u64::from(Key::new(number, kind).wire()));
    }

    /// A number of variable length.
    #[inline]
    pub(crate) fn uint64(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.key(number, Kind::Varint);
            self.varint(value);
        }
    }

    /// A number of eight bytes.
    #[inline]
    pub(crate) fn fixed64(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.key(number, Kind::Fixed64);
            self.put(value.to_le_bytes());
        }
    }

    /// A `Uint128`.
    #[inline]
    pub(crate) fn uint128(&mut self, number: u32, value: u128) {
        if value != 0 {
            self.present_uint128(number, value);
        }
    }

    /// A `Uint128` that is there even if it is 0.
    #[inline]
    pub(crate) fn present_uint128(&mut self, number: u32, value: u128) {
        self.key(number, Kind::Length);
        let [
            l0,
            l1,
            l2,
            l3,
            l4,
            l5,
            l6,
            l7,
            h0,
            h1,
            h2,
            h3,
            h4,
            h5,
            h6,
            h7,
        ] = value.to_le_bytes();
        match ((value >> 64) as u64, value as u64) {
            (0, 0) => self.put([0]),
            (0, _) => self.put([9, 0x11, l0, l1, l2, l3, l4, l5, l6, l7]),
            (_, 0) => self.put([9, 0x09, h0, h1, h2, h3, h4, h5, h6, h7]),
            _ => self.put([
                18, 0x09, h0, h1, h2, h3, h4, h5, h6, h7, 0x11, l0, l1, l2, l3, l4, l5, l6, l7,
            ]),
        }
    }

    /// A text, or a message that was encoded before; there even if it is empty.
    #[inline]
    pub(crate) fn bytes(&mut self, number: u32, bytes: &[u8]) {
        self.key(number, Kind::Length);
        self.varint(bytes.len() as u64);
        self.bytes[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }
}

/// How many bytes a number of variable length takes.
pub(crate) const fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}
