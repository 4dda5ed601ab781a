//! Statuses: the business answer to one event. A status is data, never a failure of the call.
//!
//! Numbers and names are a contract. Those below 100 are TigerBeetle's, with its meaning; those
//! from 100 up are ours.

/// Defines a status enum from lines in order of precedence.
macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $number:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`, ", stringify!($number), ".")] $variant = $number,)*
        }

        impl $name {
            /// Every status: successes first, then refusals in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number on the wire and in the journal.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }

            /// The status with this number, if there is one.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name in the documents and on the wire, such as `exceeds_credits`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

statuses! {
    /// The answer to one transfer.
    TransferStatus {
        Created = 100, "created";
        Fenced = 101, "fenced";
        LinkedEventChainOpen = 2, "linked_event_chain_open";
        LinkedEventFailed = 1, "linked_event_failed";
        ImportedEventExpected = 56, "imported_event_expected";
        ImportedEventNotExpected = 57, "imported_event_not_expected";
        TimestampMustBeZero = 3, "timestamp_must_be_zero";
        ImportedEventTimestampOutOfRange = 58, "imported_event_timestamp_out_of_range";
        ImportedEventTimestampMustNotAdvance = 59, "imported_event_timestamp_must_not_advance";
        ReservedFlag = 4, "reserved_flag";
        IdMustNotBeZero = 5, "id_must_not_be_zero";
        IdMustNotBeIntMax = 6, "id_must_not_be_int_max";
        ReferenceTooLong = 105, "reference_too_long";
        ExistsWithDifferentFlags = 36, "exists_with_different_flags";
        ExistsWithDifferentPendingId = 40, "exists_with_different_pending_id";
        ExistsWithDifferentTimeout = 44, "exists_with_different_timeout";
        ExistsWithDifferentDebitAccountId = 37, "exists_with_different_debit_account_id";
        ExistsWithDifferentCreditAccountId = 38, "exists_with_different_credit_account_id";
        ExistsWithDifferentAmount = 39, "exists_with_different_amount";
        ExistsWithDifferentUserData128 = 41, "exists_with_different_user_data_128";
        ExistsWithDifferentUserData64 = 42, "exists_with_different_user_data_64";
        ExistsWithDifferentUserData32 = 43, "exists_with_different_user_data_32";
        ExistsWithDifferentLedger = 67, "exists_with_different_ledger";
        ExistsWithDifferentCode = 45, "exists_with_different_code";
        ExistsWithDifferentReversesId = 102, "exists_with_different_reverses_id";
        ExistsWithDifferentGroupId = 103, "exists_with_different_group_id";
        ExistsWithDifferentReference = 104, "exists_with_different_reference";
        Exists = 46, "exists";
        IdAlreadyFailed = 68, "id_already_failed";
        FlagsAreMutuallyExclusive = 7, "flags_are_mutually_exclusive";
        DebitAccountIdMustNotBeZero = 8, "debit_account_id_must_not_be_zero";
        DebitAccountIdMustNotBeIntMax = 9, "debit_account_id_must_not_be_int_max";
        CreditAccountIdMustNotBeZero = 10, "credit_account_id_must_not_be_zero";
        CreditAccountIdMustNotBeIntMax = 11, "credit_account_id_must_not_be_int_max";
        AccountsMustBeDifferent = 12, "accounts_must_be_different";
        PendingIdMustBeZero = 13, "pending_id_must_be_zero";
        PendingIdMustNotBeZero = 14, "pending_id_must_not_be_zero";
        PendingIdMustNotBeIntMax = 15, "pending_id_must_not_be_int_max";
        PendingIdMustBeDifferent = 16, "pending_id_must_be_different";
        TimeoutReservedForPendingTransfer = 17, "timeout_reserved_for_pending_transfer";
        ClosingTransferMustBePending = 64, "closing_transfer_must_be_pending";
        ReversesIdMustNotBeIntMax = 110, "reverses_id_must_not_be_int_max";
        ReversesIdMustBeDifferent = 111, "reverses_id_must_be_different";
        LedgerMustNotBeZero = 19, "ledger_must_not_be_zero";
        CodeMustNotBeZero = 20, "code_must_not_be_zero";
        GroupAlreadyPosted = 121, "group_already_posted";
        GroupAlreadyVoided = 122, "group_already_voided";
        DebitAccountNotFound = 21, "debit_account_not_found";
        CreditAccountNotFound = 22, "credit_account_not_found";
        AccountsMustHaveTheSameLedger = 23, "accounts_must_have_the_same_ledger";
        TransferMustHaveTheSameLedgerAsAccounts = 24, "transfer_must_have_the_same_ledger_as_accounts";
        PendingTransferNotFound = 25, "pending_transfer_not_found";
        PendingTransferNotPending = 26, "pending_transfer_not_pending";
        PendingTransferHasDifferentDebitAccountId = 27, "pending_transfer_has_different_debit_account_id";
        PendingTransferHasDifferentCreditAccountId = 28, "pending_transfer_has_different_credit_account_id";
        PendingTransferHasDifferentLedger = 29, "pending_transfer_has_different_ledger";
        PendingTransferHasDifferentCode = 30, "pending_transfer_has_different_code";
        PendingTransferHasDifferentGroupId = 123, "pending_transfer_has_different_group_id";
        ExceedsPendingTransferAmount = 31, "exceeds_pending_transfer_amount";
        PendingTransferHasDifferentAmount = 32, "pending_transfer_has_different_amount";
        PendingTransferAlreadyPosted = 33, "pending_transfer_already_posted";
        PendingTransferAlreadyVoided = 34, "pending_transfer_already_voided";
        PendingTransferExpired = 35, "pending_transfer_expired";
        ExceedsPendingRest = 119, "exceeds_pending_rest";
        ReversedTransferNotFound = 112, "reversed_transfer_not_found";
        ReversedTransferNotPosted = 113, "reversed_transfer_not_posted";
        ReversalHasDifferentDebitAccountId = 114, "reversal_has_different_debit_account_id";
        ReversalHasDifferentCreditAccountId = 115, "reversal_has_different_credit_account_id";
        ReversalHasDifferentLedger = 120, "reversal_has_different_ledger";
        ExceedsReversibleAmount = 116, "exceeds_reversible_amount";
        ImportedEventTimestampMustNotRegress = 60, "imported_event_timestamp_must_not_regress";
        ImportedEventTimestampMustPostdateDebitAccount = 61, "imported_event_timestamp_must_postdate_debit_account";
        ImportedEventTimestampMustPostdateCreditAccount = 62, "imported_event_timestamp_must_postdate_credit_account";
        ImportedEventTimeoutMustBeZero = 63, "imported_event_timeout_must_be_zero";
        DebitAccountAlreadyClosed = 65, "debit_account_already_closed";
        CreditAccountAlreadyClosed = 66, "credit_account_already_closed";
        GroupIsFull = 124, "group_is_full";
        OverflowsDebitsPending = 47, "overflows_debits_pending";
        OverflowsCreditsPending = 48, "overflows_credits_pending";
        OverflowsDebitsPosted = 49, "overflows_debits_posted";
        OverflowsCreditsPosted = 50, "overflows_credits_posted";
        OverflowsDebits = 51, "overflows_debits";
        OverflowsCredits = 52, "overflows_credits";
        OverflowsTimeout = 53, "overflows_timeout";
        ExceedsCredits = 54, "exceeds_credits";
        ExceedsDebits = 55, "exceeds_debits";
        ExceedsBalanceMax = 117, "exceeds_balance_max";
        RejectedByControl = 118, "rejected_by_control";
    }
}

impl TransferStatus {
    /// Whether a refusal with this status uses up the transfer's id: it depended on the state of
    /// the moment, so a delayed duplicate must not succeed after a "no".
    #[must_use]
    pub const fn uses_up_id(self) -> bool {
        matches!(
            self,
            Self::DebitAccountNotFound
                | Self::CreditAccountNotFound
                | Self::PendingTransferNotFound
                | Self::ReversedTransferNotFound
                | Self::DebitAccountAlreadyClosed
                | Self::CreditAccountAlreadyClosed
                | Self::ExceedsCredits
                | Self::ExceedsDebits
                | Self::ExceedsBalanceMax
                | Self::RejectedByControl
        )
    }

    /// Whether a refusal with this status would be another one at an earlier or later time.
    #[must_use]
    pub const fn depends_on_time(self) -> bool {
        matches!(
            self,
            Self::PendingTransferExpired
                | Self::ImportedEventTimestampMustNotAdvance
                | Self::OverflowsTimeout
        )
    }

    /// Whether the transfer took effect, or its fence did. Anything else breaks a chain.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Created | Self::Fenced)
    }
}

statuses! {
    /// The answer to one new account.
    AccountStatus {
        Created = 100, "created";
        LinkedEventChainOpen = 2, "linked_event_chain_open";
        LinkedEventFailed = 1, "linked_event_failed";
        ImportedEventExpected = 22, "imported_event_expected";
        ImportedEventNotExpected = 23, "imported_event_not_expected";
        TimestampMustBeZero = 3, "timestamp_must_be_zero";
        ImportedEventTimestampOutOfRange = 24, "imported_event_timestamp_out_of_range";
        ImportedEventTimestampMustNotAdvance = 25, "imported_event_timestamp_must_not_advance";
        ReservedFlag = 5, "reserved_flag";
        IdMustNotBeZero = 6, "id_must_not_be_zero";
        IdMustNotBeIntMax = 7, "id_must_not_be_int_max";
        ExistsWithDifferentFlags = 15, "exists_with_different_flags";
        ExistsWithDifferentUserData128 = 16, "exists_with_different_user_data_128";
        ExistsWithDifferentUserData64 = 17, "exists_with_different_user_data_64";
        ExistsWithDifferentUserData32 = 18, "exists_with_different_user_data_32";
        ExistsWithDifferentLedger = 19, "exists_with_different_ledger";
        ExistsWithDifferentCode = 20, "exists_with_different_code";
        ExistsWithDifferentOverdraftLimit = 101, "exists_with_different_overdraft_limit";
        ExistsWithDifferentBalanceMax = 102, "exists_with_different_balance_max";
        ExistsWithDifferentName = 103, "exists_with_different_name";
        Exists = 21, "exists";
        FlagsAreMutuallyExclusive = 8, "flags_are_mutually_exclusive";
        DebitsPendingMustBeZero = 9, "debits_pending_must_be_zero";
        DebitsPostedMustBeZero = 10, "debits_posted_must_be_zero";
        CreditsPendingMustBeZero = 11, "credits_pending_must_be_zero";
        CreditsPostedMustBeZero = 12, "credits_posted_must_be_zero";
        LedgerMustNotBeZero = 13, "ledger_must_not_be_zero";
        CodeMustNotBeZero = 14, "code_must_not_be_zero";
        NameTooLong = 104, "name_too_long";
        ImportedEventTimestampMustNotRegress = 26, "imported_event_timestamp_must_not_regress";
    }
}

impl AccountStatus {
    /// Whether a refusal with this status would be another one at an earlier or later time.
    #[must_use]
    pub const fn depends_on_time(self) -> bool {
        matches!(self, Self::ImportedEventTimestampMustNotAdvance)
    }
}

statuses! {
    /// The answer to one change of an account.
    UpdateStatus {
        Updated = 100, "updated";
        UpdateIdMustNotBeZero = 105, "update_id_must_not_be_zero";
        IdMustNotBeZero = 6, "id_must_not_be_zero";
        IdMustNotBeIntMax = 7, "id_must_not_be_int_max";
        Exists = 21, "exists";
        ExistsWithDifferentFields = 107, "exists_with_different_fields";
        NothingToUpdate = 106, "nothing_to_update";
        NameTooLong = 104, "name_too_long";
        AccountNotFound = 108, "account_not_found";
    }
}

statuses! {
    /// The answer to one registration of a ledger.
    LedgerStatus {
        Registered = 100, "registered";
        IdMustNotBeZero = 1, "id_must_not_be_zero";
        CodeInvalid = 2, "code_invalid";
        ScaleTooLarge = 3, "scale_too_large";
        ExistsWithDifferentCode = 4, "exists_with_different_code";
        ExistsWithDifferentScale = 5, "exists_with_different_scale";
        Exists = 6, "exists";
        CodeTaken = 7, "code_taken";
    }
}
