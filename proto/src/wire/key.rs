//! What stands before each field: its number and the kind of its bytes.

/// The kinds of bytes that a field may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
}

/// A field's number with its kind, as it stands on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key(u32);

impl Key {
    /// The key of the field `number`.
    pub(crate) const fn new(number: u32, kind: Kind) -> Self {
        Self((number << 3) | kind as u32)
    }

    /// A key as it came.
    pub(crate) const fn from_wire(key: u32) -> Self {
        Self(key)
    }

    /// The key as it goes.
    pub(crate) const fn wire(self) -> u32 {
        self.0
    }

    /// The field's number.
    pub(crate) const fn number(self) -> u32 {
        self.0 >> 3
    }

    /// The number that stands for the kind.
    pub(crate) const fn kind(self) -> u32 {
        self.0 & 7
    }
}
