//! Whether a filter makes sense, before anything is looked up.

use ledger_core::{AccountFlags, NewAccount, Transfer};

use super::{AccountFilter, BalanceFilter, Between, FilterError, TransferFilter, TransferState};

/// Checks the fields of one filter.
struct Fields {
    values_max: usize,
}

impl Fields {
    /// A list of at most so many values, none of which is one that nothing can have.
    fn values<T>(
        &self,
        field: &'static str,
        values: &[T],
        is_impossible: impl Fn(&T) -> bool,
    ) -> Result<(), FilterError> {
        if values.len() > self.values_max {
            return Err(FilterError::TooManyValues {
                field,
                values: values.len(),
                values_max: self.values_max,
            });
        }
        if values.iter().any(is_impossible) {
            return Err(FilterError::ImpossibleValue { field });
        }
        Ok(())
    }

    fn range<T: Ord>(field: &'static str, range: &Between<T>) -> Result<(), FilterError> {
        if range.is_empty() {
            return Err(FilterError::EmptyRange { field });
        }
        Ok(())
    }

    fn text(field: &'static str, text: &str, bytes_max: usize) -> Result<(), FilterError> {
        if text.len() > bytes_max {
            return Err(FilterError::TooLong {
                field,
                bytes: text.len(),
                bytes_max,
            });
        }
        Ok(())
    }
}

impl TransferFilter {
    /// Whether the filter makes sense.
    ///
    /// # Errors
    /// [`FilterError`], with the name of the field.
    pub fn check(&self) -> Result<(), FilterError> {
        let fields = Fields {
            values_max: Self::VALUES_MAX,
        };
        for (field, accounts) in [
            ("accounts", &self.accounts),
            ("debit_accounts", &self.debit_accounts),
            ("credit_accounts", &self.credit_accounts),
        ] {
            fields.values(field, accounts, |id| id.is_zero() || id.is_max())?;
        }
        fields.values("ledgers", &self.ledgers, |ledger| ledger.is_zero())?;
        fields.values("codes", &self.codes, |&code| code == 0)?;
        fields.values("user_data_128", &self.user_data_128, |&value| value == 0)?;
        fields.values("user_data_64", &self.user_data_64, |&value| value == 0)?;
        fields.values("user_data_32", &self.user_data_32, |&value| value == 0)?;
        fields.values("references", &self.references, |text| text.is_empty())?;
        for reference in &self.references {
            Fields::text("references", reference, Transfer::REFERENCE_BYTES_MAX)?;
        }
        fields.values("groups", &self.groups, |group| group.is_zero())?;
        for (field, ids) in [
            ("pending_ids", &self.pending_ids),
            ("reverses_ids", &self.reverses_ids),
        ] {
            fields.values(field, ids, |id| id.is_zero() || id.is_max())?;
        }
        fields.values("states", &self.states, |_| false)?;
        Fields::range("age_s", &self.age_s)?;
        Fields::range("times", &self.times)?;
        Fields::range("amounts", &self.amounts)?;
        self.check_sides()?;
        self.check_kinds()
    }

    /// The fields that name accounts must leave two different ones.
    fn check_sides(&self) -> Result<(), FilterError> {
        let (debits, credits) = (&self.debit_accounts, &self.credit_accounts);
        if debits.is_empty() || credits.is_empty() {
            return Ok(());
        }
        let mut sides = debits
            .iter()
            .flat_map(|debit| credits.iter().map(move |credit| (debit, credit)))
            .filter(|(debit, credit)| debit != credit)
            .peekable();
        if sides.peek().is_none() {
            return Err(FilterError::Exclusive {
                field: "debit_accounts",
                with: "credit_accounts",
            });
        }
        let either = &self.accounts;
        if !either.is_empty()
            && !sides.any(|(debit, credit)| either.contains(debit) || either.contains(credit))
        {
            return Err(FilterError::Exclusive {
                field: "accounts",
                with: "debit_accounts",
            });
        }
        Ok(())
    }

    /// Each of these fields is of some kinds of transfers only; together they must leave one.
    fn check_kinds(&self) -> Result<(), FilterError> {
        let set = [
            (
                "accounts",
                !self.accounts.is_empty(),
                Kind::TOUCHES_ACCOUNTS,
            ),
            (
                "debit_accounts",
                !self.debit_accounts.is_empty(),
                Kind::TOUCHES_ACCOUNTS,
            ),
            (
                "credit_accounts",
                !self.credit_accounts.is_empty(),
                Kind::TOUCHES_ACCOUNTS,
            ),
            (
                "pending_ids",
                !self.pending_ids.is_empty(),
                Kind::ACTS_ON_HOLD,
            ),
            (
                "reverses_ids",
                !self.reverses_ids.is_empty(),
                Kind::REVERSES,
            ),
            (
                "states",
                !self.states.is_empty(),
                Kind::with_states(&self.states),
            ),
        ];
        let set = set.iter().filter(|(_, is_set, _)| *is_set);
        for (index, &(field, _, kinds)) in set.clone().enumerate() {
            for &(with, _, others) in set.clone().skip(index + 1) {
                if kinds & others == 0 {
                    return Err(FilterError::Exclusive { field, with });
                }
            }
        }
        Ok(())
    }
}

/// Kinds of transfers, as a set of bits.
struct Kind;

impl Kind {
    const SINGLE: u8 = 1 << 0;
    const HOLD: u8 = 1 << 1;
    const POST: u8 = 1 << 2;
    const VOID: u8 = 1 << 3;
    const REVERSAL: u8 = 1 << 4;
    const FENCING_VOID: u8 = 1 << 5;
    const FENCING_REVERSAL: u8 = 1 << 6;

    const TOUCHES_ACCOUNTS: u8 =
        Self::SINGLE | Self::HOLD | Self::POST | Self::VOID | Self::REVERSAL;
    const ACTS_ON_HOLD: u8 = Self::POST | Self::VOID | Self::FENCING_VOID;
    const REVERSES: u8 = Self::REVERSAL | Self::FENCING_REVERSAL;

    /// The kinds that can come to one of these states.
    fn with_states(states: &[TransferState]) -> u8 {
        let kinds = |state: &TransferState| match state {
            TransferState::Pending | TransferState::Expired => Self::HOLD,
            TransferState::Posted => Self::SINGLE | Self::HOLD | Self::POST | Self::REVERSAL,
            TransferState::Voided => Self::HOLD | Self::VOID,
            TransferState::Reversed => Self::SINGLE | Self::POST | Self::REVERSAL,
            TransferState::Fenced => Self::FENCING_VOID | Self::FENCING_REVERSAL,
        };
        states.iter().map(kinds).fold(0, |all, kinds| all | kinds)
    }
}

impl AccountFilter {
    /// Whether the filter makes sense.
    ///
    /// # Errors
    /// [`FilterError`], with the name of the field.
    pub fn check(&self) -> Result<(), FilterError> {
        let fields = Fields {
            values_max: Self::VALUES_MAX,
        };
        fields.values("ledgers", &self.ledgers, |ledger| ledger.is_zero())?;
        fields.values("codes", &self.codes, |&code| code == 0)?;
        fields.values("user_data_128", &self.user_data_128, |&value| value == 0)?;
        fields.values("user_data_64", &self.user_data_64, |&value| value == 0)?;
        fields.values("user_data_32", &self.user_data_32, |&value| value == 0)?;
        Fields::text("name_prefix", &self.name_prefix, NewAccount::NAME_BYTES_MAX)?;
        for (field, flags) in [("flags", self.flags), ("without_flags", self.without_flags)] {
            if flags.has_reserved() {
                return Err(FilterError::ReservedFlag { field });
            }
        }
        let both_limits = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS
            .with(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
        if self.flags.contains(both_limits) {
            return Err(FilterError::ImpossibleValue { field: "flags" });
        }
        if self.flags.bits() & self.without_flags.bits() != 0 {
            return Err(FilterError::Exclusive {
                field: "flags",
                with: "without_flags",
            });
        }
        Fields::range("created", &self.created)
    }
}

impl BalanceFilter {
    /// Whether the filter makes sense.
    ///
    /// # Errors
    /// [`FilterError`], with the name of the field.
    pub fn check(&self) -> Result<(), FilterError> {
        if self.account.is_zero() || self.account.is_max() {
            return Err(FilterError::ImpossibleValue { field: "account" });
        }
        Fields::range("sequences", &self.sequences)?;
        Fields::range("times", &self.times)
    }
}

#[cfg(test)]
mod tests;
