//! Which transfers a list is to hold.

use ledger_core::{AccountId, Amount, GroupId, LedgerId, Timestamp, TransferId};

use crate::{
    FieldPath, Malformed, Range, TransferState,
    transfer::{code16, text},
    v1,
};

/// Which transfers: those that took effect, of every kind, and fences. What is set must all hold;
/// of several values of one field, at most 128, any may. Nothing set means all.
///
/// ```
/// use ledger_core::{AccountId, Amount};
/// use ledger_proto::{Range, TransferFilter, TransferState};
///
/// // What has been reserved on an account for more than an hour, and is not small.
/// let stuck = TransferFilter {
///     debit_accounts: vec![AccountId::new(7)],
///     states: vec![TransferState::Pending],
///     age_s: Range { min: Some(3600), max: None },
///     amount: Range { min: Some(Amount::new(100)), max: None },
///     ..TransferFilter::default()
/// };
/// # assert_ne!(stuck, TransferFilter::default());
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransferFilter {
    /// Accounts on either side.
    pub accounts: Vec<AccountId>,
    /// Accounts that are debited.
    pub debit_accounts: Vec<AccountId>,
    /// Accounts that are credited.
    pub credit_accounts: Vec<AccountId>,
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
    /// Whole references, not parts of them; none may be empty.
    pub references: Vec<Box<str>>,
    /// Groups.
    pub groups: Vec<GroupId>,
    /// Reservations: finds what posted, voided or fenced them.
    pub pending_ids: Vec<TransferId>,
    /// Transfers: finds what reversed or fenced them.
    pub reverses_ids: Vec<TransferId>,
    /// What became of them, at the sequence of the list.
    pub states: Vec<TransferState>,
    /// How many whole seconds before the first page they were decided.
    pub age_s: Range<u64>,
    /// When they were decided, in journal time.
    pub time: Range<Timestamp>,
    /// What was actually moved, or reserved at first.
    pub amount: Range<Amount>,
}

impl From<&TransferFilter> for v1::TransferFilter {
    fn from(filter: &TransferFilter) -> Self {
        Self {
            account_ids: wire(&filter.accounts, |id| id.get().into()),
            debit_account_ids: wire(&filter.debit_accounts, |id| id.get().into()),
            credit_account_ids: wire(&filter.credit_accounts, |id| id.get().into()),
            ledgers: wire(&filter.ledgers, |id| id.get()),
            codes: wire(&filter.codes, |&code| code.into()),
            user_data_128: wire(&filter.user_data_128, |&data| data.into()),
            user_data_64: filter.user_data_64.clone(),
            user_data_32: filter.user_data_32.clone(),
            references: wire(&filter.references, ToString::to_string),
            group_ids: wire(&filter.groups, |id| id.get().into()),
            pending_ids: wire(&filter.pending_ids, |id| id.get().into()),
            reverses_ids: wire(&filter.reverses_ids, |id| id.get().into()),
            states: wire(&filter.states, |state| state.wire().into()),
            age_s_min: filter.age_s.min.unwrap_or(0),
            age_s_max: filter.age_s.max,
            time: filter.time.wire(),
            amount: filter.amount.wire(),
        }
    }
}

impl v1::TransferFilter {
    /// The filter that this message is, as the field `filter` of a request.
    ///
    /// # Errors
    /// A field that can never hold anything is named.
    pub fn read(self) -> Result<TransferFilter, Malformed> {
        let codes = self.codes.into_iter().enumerate();
        let states = self.states.into_iter().enumerate();
        Ok(TransferFilter {
            accounts: ids("filter.account_ids", self.account_ids, AccountId::new)?,
            debit_accounts: ids(
                "filter.debit_account_ids",
                self.debit_account_ids,
                AccountId::new,
            )?,
            credit_accounts: ids(
                "filter.credit_account_ids",
                self.credit_account_ids,
                AccountId::new,
            )?,
            ledgers: not_zero("filter.ledgers", self.ledgers, LedgerId::new)?,
            codes: codes
                .map(|(index, number)| code(number, FieldPath::item("filter.codes", index)))
                .collect::<Result<_, _>>()?,
            user_data_128: ids("filter.user_data_128", self.user_data_128, |data| data)?,
            user_data_64: not_zero("filter.user_data_64", self.user_data_64, |data| data)?,
            user_data_32: not_zero("filter.user_data_32", self.user_data_32, |data| data)?,
            references: references(self.references)?,
            groups: ids("filter.group_ids", self.group_ids, GroupId::new)?,
            pending_ids: ids("filter.pending_ids", self.pending_ids, TransferId::new)?,
            reverses_ids: ids("filter.reverses_ids", self.reverses_ids, TransferId::new)?,
            states: states
                .map(|(index, number)| {
                    TransferState::of(number, FieldPath::item("filter.states", index))
                })
                .collect::<Result<_, _>>()?,
            age_s: Range::<u64>::read(
                self.age_s_min,
                self.age_s_max,
                FieldPath::of("filter.age_s_max"),
            )?,
            time: Range::<Timestamp>::read(self.time, FieldPath::of("filter.time"))?,
            amount: Range::<Amount>::read(self.amount, FieldPath::of("filter.amount"))?,
        })
    }
}

/// A list of the core's as it goes over the wire.
pub(crate) fn wire<T, W>(list: &[T], to: impl FnMut(&T) -> W) -> Vec<W> {
    list.iter().map(to).collect()
}

/// Ids, none of which may be 0: nothing has that id.
pub(crate) fn ids<T>(
    list: &'static str,
    wire: Vec<v1::Uint128>,
    new: impl Fn(u128) -> T,
) -> Result<Vec<T>, Malformed> {
    not_zero(list, wire.into_iter().map(u128::from), new)
}

/// Numbers, none of which may be 0: nothing has that, or too much to look for.
pub(crate) fn not_zero<N: Default + PartialEq, T>(
    list: &'static str,
    wire: impl IntoIterator<Item = N>,
    new: impl Fn(N) -> T,
) -> Result<Vec<T>, Malformed> {
    wire.into_iter()
        .enumerate()
        .map(|(index, number)| {
            if number == N::default() {
                return Err(Malformed::Senseless {
                    at: FieldPath::item(list, index),
                    why: "it is 0, which stands for nothing that could be listed",
                });
            }
            Ok(new(number))
        })
        .collect()
}

/// A code, which is 1 to 65535.
pub(crate) fn code(number: u32, at: FieldPath) -> Result<u16, Malformed> {
    match code16(number, at)? {
        0 => Err(Malformed::Senseless {
            at,
            why: "it is 0, and no code is",
        }),
        code => Ok(code),
    }
}

fn references(wire: Vec<String>) -> Result<Vec<Box<str>>, Malformed> {
    wire.into_iter()
        .enumerate()
        .map(|(index, reference)| {
            let at = FieldPath::item("filter.references", index);
            text(&reference, at)?;
            if reference.is_empty() {
                return Err(Malformed::Senseless {
                    at,
                    why: "it is empty, which no list looks for",
                });
            }
            Ok(reference.into_boxed_str())
        })
        .collect()
}

#[cfg(test)]
mod tests;
