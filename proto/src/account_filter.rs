//! Which accounts a list is to hold.

use ledger_core::{AccountFlags, LedgerId, Timestamp};

use crate::{
    FieldPath, Malformed, Range,
    transfer::text,
    transfer_filter::{code, ids, not_zero, wire},
    v1,
};

/// Which accounts. What is set must all hold; of several values of one field, at most 128, any may.
/// Nothing set means all.
///
/// ```
/// use ledger_core::{AccountFlags, LedgerId};
/// use ledger_proto::AccountFilter;
///
/// let open_assets = AccountFilter {
///     ledgers: vec![LedgerId::new(840)],
///     name_prefix: "Assets:".into(),
///     flags_clear: AccountFlags::CLOSED,
///     ..AccountFilter::default()
/// };
/// # assert_ne!(open_assets, AccountFilter::default());
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AccountFilter {
    /// Ledgers.
    pub ledgers: Vec<LedgerId>,
    /// Codes.
    pub codes: Vec<u16>,
    /// The client's; none may be 0.
    pub user_data_128: Vec<u128>,
    /// The client's; none may be 0.
    pub user_data_64: Vec<u64>,
    /// The client's; none may be 0.
    pub user_data_32: Vec<u32>,
    /// What the name begins with, byte for byte; empty means any name.
    pub name_prefix: Box<str>,
    /// Flags that must all be set, at the sequence of the list.
    pub flags_set: AccountFlags,
    /// Flags none of which may be set, at the sequence of the list.
    pub flags_clear: AccountFlags,
    /// When they were created, in journal time.
    pub created: Range<Timestamp>,
}

impl From<&AccountFilter> for v1::AccountFilter {
    fn from(filter: &AccountFilter) -> Self {
        Self {
            ledgers: wire(&filter.ledgers, |id| id.get()),
            codes: wire(&filter.codes, |&code| code.into()),
            user_data_128: wire(&filter.user_data_128, |&data| data.into()),
            user_data_64: filter.user_data_64.clone(),
            user_data_32: filter.user_data_32.clone(),
            name_prefix: filter.name_prefix.to_string(),
            flags_set: filter.flags_set.bits(),
            flags_clear: filter.flags_clear.bits(),
            created: filter.created.wire(),
        }
    }
}

impl v1::AccountFilter {
    /// The filter that this message is, as the field `filter` of a request.
    ///
    /// # Errors
    /// A field that can never hold anything is named.
    pub fn read(self) -> Result<AccountFilter, Malformed> {
        let flags = |bits, at| {
            let flags = AccountFlags::from_bits(bits);
            match flags.has_reserved() {
                true => Err(Malformed::Senseless {
                    at: FieldPath::of(at),
                    why: "a bit without a meaning is set",
                }),
                false => Ok(flags),
            }
        };
        text(&self.name_prefix, FieldPath::of("filter.name_prefix"))?;
        let flags_set = flags(self.flags_set, "filter.flags_set")?;
        let flags_clear = flags(self.flags_clear, "filter.flags_clear")?;
        if self.flags_set & self.flags_clear != 0 {
            return Err(Malformed::Senseless {
                at: FieldPath::of("filter.flags_clear"),
                why: "a bit is to be set and not to be set",
            });
        }
        let codes = self.codes.into_iter().enumerate();
        Ok(AccountFilter {
            ledgers: not_zero("filter.ledgers", self.ledgers, LedgerId::new)?,
            codes: codes
                .map(|(index, number)| code(number, FieldPath::item("filter.codes", index)))
                .collect::<Result<_, _>>()?,
            user_data_128: ids("filter.user_data_128", self.user_data_128, |data| data)?,
            user_data_64: not_zero("filter.user_data_64", self.user_data_64, |data| data)?,
            user_data_32: not_zero("filter.user_data_32", self.user_data_32, |data| data)?,
            name_prefix: self.name_prefix.into_boxed_str(),
            flags_set,
            flags_clear,
            created: Range::<Timestamp>::read(self.created, FieldPath::of("filter.created"))?,
        })
    }
}

#[cfg(test)]
mod tests;
