//! Writes fields into a small array on the stack, so that a whole message reaches the buffer, with
//! its length before it, in one go.

use crate::wire::{Key, Kind};

/// A few fields, encoded. A field that is 0 is left out, as protobuf has it.
///
/// `CAPACITY` is the most that the fields written to it can take; writing more is a programmer's
/// mistake and panics.
#[derive(Debug)]
pub(crate) struct Piece<const CAPACITY: usize> {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl<const CAPACITY: usize> Piece<CAPACITY> {
    /// The most that a `Uint128` takes under a number up to 2047.
    pub(crate) const UINT128: usize = 2 + 1 + 18;
    /// The most that a number of 64 bits takes under a number up to 2047.
    pub(crate) const UINT64: usize = 2 + 10;

    #[inline]
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            length: 0,
        }
    }

    /// What was written.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// How much was written.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.bytes[self.length..self.length + N].copy_from_slice(&bytes);
        self.length += N;
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
    pub(crate) fn key(&mut self, number: u32, kind: Kind) {
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
        let (high, low) = ((value >> 64) as u64, value as u64);
        self.put([if high == 0 { 0 } else { 9 } + if low == 0 { 0 } else { 9 }]);
        self.fixed64(1, high);
        self.fixed64(2, low);
    }

    /// A message, encoded before.
    #[inline]
    pub(crate) fn message<const INNER: usize>(&mut self, number: u32, message: &Piece<INNER>) {
        self.key(number, Kind::Length);
        self.varint(message.length as u64);
        self.bytes[self.length..self.length + message.length].copy_from_slice(message.bytes());
        self.length += message.length;
    }
}

/// How many bytes a number of variable length takes.
#[inline]
pub(crate) const fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// The key of a message in a list and its length.
#[inline]
pub(crate) fn put_len(number: u32, length: usize) -> Piece<16> {
    let mut piece = Piece::new();
    piece.key(number, Kind::Length);
    piece.varint(length as u64);
    piece
}
