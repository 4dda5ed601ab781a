//! Where in a message something is.

use std::fmt;

/// A field of a message, such as `transfers[3].code`, `ids[7]` or `deadline`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FieldPath {
    list: Option<(&'static str, usize)>,
    field: &'static str,
}

impl FieldPath {
    /// A field of the message itself.
    #[must_use]
    pub const fn of(field: &'static str) -> Self {
        Self { list: None, field }
    }

    /// The item at `index` of the list `list`, as a whole.
    #[must_use]
    pub const fn item(list: &'static str, index: usize) -> Self {
        Self {
            list: Some((list, index)),
            field: "",
        }
    }

    /// The field `field` of what this path leads to.
    #[must_use]
    pub const fn with(self, field: &'static str) -> Self {
        Self {
            list: self.list,
            field,
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list {
            None => f.write_str(self.field),
            Some((list, index)) if self.field.is_empty() => write!(f, "{list}[{index}]"),
            Some((list, index)) => write!(f, "{list}[{index}].{}", self.field),
        }
    }
}
