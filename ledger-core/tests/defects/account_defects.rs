//! For each status of an account a way, or several, to make a new account deserve it.

use ledger_core::{
    AccountFlags as F, AccountId, AccountStatus as S, Amount, LedgerId, NewAccount, Timestamp,
};

use crate::books::Books;
use crate::core_books::CoreBooks;
use crate::model::{Place, World};

const START: u64 = 6_000_000_000_000_000_000;

/// A world and a new account in it.
#[derive(Clone)]
pub struct AccountSituation {
    /// The account that has the id already.
    pub prior: Option<NewAccount>,
    /// Whether a member of its chain was refused before it.
    pub chain_broken: bool,
    /// Whether the first of the request is imported; as the account is, unless told.
    pub first_imported: Option<bool>,
    pub asked: NewAccount,
    /// Whether its timestamp lies just before the clock.
    pub fine_stamp: bool,
}

fn base() -> NewAccount {
    NewAccount {
        id: AccountId::new(1),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    }
}

impl AccountSituation {
    /// An account that would be created.
    pub fn in_order() -> Self {
        Self {
            prior: None,
            chain_broken: false,
            first_imported: None,
            asked: base(),
            fine_stamp: false,
        }
    }

    fn the_prior(&mut self) -> &mut NewAccount {
        self.prior.get_or_insert_with(base)
    }

    fn add_flags(&mut self, flags: F) {
        self.asked.flags = self.asked.flags.with(flags);
    }

    fn import(&mut self, stamp: u64) {
        self.add_flags(F::IMPORTED);
        self.asked.timestamp = Timestamp::new(stamp);
    }

    fn play<B: Books>(&self, books: &mut B) -> Timestamp {
        let now = Timestamp::new(START);
        // Something that is newer than an old timestamp.
        let other = NewAccount {
            id: AccountId::new(9),
            ..base()
        };
        books.create_accounts(now, &[other]);
        if let Some(prior) = &self.prior {
            let now = Timestamp::new(START + 1_000);
            let mut prior = prior.clone();
            let mut closing = NewAccount {
                id: AccountId::new(8),
                ..base()
            };
            if prior.flags.contains(F::IMPORTED) {
                prior.timestamp = Timestamp::new(START + 500);
                closing.timestamp = Timestamp::new(START + 501);
                closing.flags = F::IMPORTED;
            }
            let mut request = vec![prior.clone()];
            if prior.flags.contains(F::LINKED) {
                request.push(closing);
            }
            books.create_accounts(now, &request);
        }
        Timestamp::new(START + 2_000)
    }

    fn request(&self) -> (Vec<NewAccount>, usize) {
        let mut asked = self.asked.clone();
        if self.fine_stamp {
            asked.timestamp = Timestamp::new(START + 1_995);
        }
        if !self.chain_broken && self.first_imported.is_none() {
            return (vec![asked], 0);
        }
        let mut flags = F::NONE;
        if self.chain_broken {
            flags = flags.with(F::LINKED);
        }
        if self
            .first_imported
            .unwrap_or(asked.flags.contains(F::IMPORTED))
        {
            flags = flags.with(F::IMPORTED);
        }
        // Its id is zero, so it is refused.
        (
            vec![
                NewAccount {
                    flags,
                    ..NewAccount::default()
                },
                asked,
            ],
            1,
        )
    }

    /// All that is wrong with the account, by the model, in order of precedence.
    pub fn defects(&self) -> Vec<S> {
        let mut world = World::default();
        let now = self.play(&mut world);
        let (request, index) = self.request();
        let place = Place {
            first_imported: request[0].flags.contains(F::IMPORTED),
            leaves_chain_open: request[index].flags.contains(F::LINKED),
            chain_broken: self.chain_broken,
        };
        world.account_refusals(now, &request[index], place)
    }

    /// What the ledger core answers.
    pub fn answered_by_core(&self) -> S {
        let mut books = CoreBooks::new(5);
        let now = self.play(&mut books);
        let (request, index) = self.request();
        books.create_accounts(now, &request)[index].status
    }
}

/// A status, and the ways to deserve it.
pub struct AccountDefect {
    pub status: S,
    pub ways: &'static [fn(&mut AccountSituation)],
}

const fn defect(status: S, ways: &'static [fn(&mut AccountSituation)]) -> AccountDefect {
    AccountDefect { status, ways }
}

/// The generators of every status, in order of precedence.
pub const ACCOUNT_DEFECTS: &[AccountDefect] = &[
    defect(S::LinkedEventChainOpen, &[|s| s.add_flags(F::LINKED)]),
    defect(S::LinkedEventFailed, &[|s| s.chain_broken = true]),
    defect(
        S::ImportedEventExpected,
        &[|s| s.first_imported = Some(true)],
    ),
    defect(
        S::ImportedEventNotExpected,
        &[|s| {
            s.first_imported = Some(false);
            s.add_flags(F::IMPORTED);
            if s.asked.timestamp.is_zero() {
                s.fine_stamp = true;
            }
        }],
    ),
    defect(
        S::TimestampMustBeZero,
        &[|s| s.asked.timestamp = Timestamp::new(7)],
    ),
    defect(
        S::ImportedEventTimestampOutOfRange,
        &[|s| s.import(0), |s| s.import(1 << 63)],
    ),
    defect(
        S::ImportedEventTimestampMustNotAdvance,
        &[|s| s.import((1 << 63) - 1)],
    ),
    defect(S::ReservedFlag, &[|s| s.add_flags(F::from_bits(1 << 6))]),
    defect(S::IdMustNotBeZero, &[|s| s.asked.id = AccountId::ZERO]),
    defect(S::IdMustNotBeIntMax, &[|s| s.asked.id = AccountId::MAX]),
    defect(
        S::ExistsWithDifferentFlags,
        &[|s| {
            let prior = s.the_prior();
            prior.flags = F::from_bits(prior.flags.bits() ^ F::HISTORY.bits());
        }],
    ),
    defect(
        S::ExistsWithDifferentUserData128,
        &[|s| s.the_prior().user_data_128 = 9],
    ),
    defect(
        S::ExistsWithDifferentUserData64,
        &[|s| s.the_prior().user_data_64 = 9],
    ),
    defect(
        S::ExistsWithDifferentUserData32,
        &[|s| s.the_prior().user_data_32 = 9],
    ),
    defect(
        S::ExistsWithDifferentLedger,
        &[|s| s.the_prior().ledger = LedgerId::new(9)],
    ),
    defect(S::ExistsWithDifferentCode, &[|s| s.the_prior().code = 9]),
    defect(
        S::ExistsWithDifferentOverdraftLimit,
        &[|s| s.the_prior().overdraft_limit = Amount::new(9)],
    ),
    defect(
        S::ExistsWithDifferentBalanceMax,
        &[|s| s.the_prior().balance_max = Amount::new(9)],
    ),
    defect(
        S::ExistsWithDifferentName,
        &[|s| s.the_prior().name = "Till".into()],
    ),
    defect(
        S::Exists,
        // Totals are not compared, nor is the timestamp.
        &[|s| {
            s.prior = Some(NewAccount {
                totals: base().totals,
                ..s.asked.clone()
            })
        }],
    ),
    defect(
        S::FlagsAreMutuallyExclusive,
        &[|s| {
            s.add_flags(F::DEBITS_MUST_NOT_EXCEED_CREDITS);
            s.add_flags(F::CREDITS_MUST_NOT_EXCEED_DEBITS);
        }],
    ),
    defect(
        S::DebitsPendingMustBeZero,
        &[|s| s.asked.totals.debits_pending = Amount::new(1)],
    ),
    defect(
        S::DebitsPostedMustBeZero,
        &[|s| s.asked.totals.debits_posted = Amount::new(1)],
    ),
    defect(
        S::CreditsPendingMustBeZero,
        &[|s| s.asked.totals.credits_pending = Amount::new(1)],
    ),
    defect(
        S::CreditsPostedMustBeZero,
        &[|s| s.asked.totals.credits_posted = Amount::new(1)],
    ),
    defect(
        S::LedgerMustNotBeZero,
        &[|s| s.asked.ledger = LedgerId::ZERO],
    ),
    defect(S::CodeMustNotBeZero, &[|s| s.asked.code = 0]),
    defect(S::NameTooLong, &[|s| s.asked.name = "x".repeat(256).into()]),
    defect(
        S::ImportedEventTimestampMustNotRegress,
        &[
            |s| s.import(START - 1),
            |s| {
                let prior = s.the_prior();
                prior.flags = prior.flags.with(F::IMPORTED);
                s.import(START - 1);
            },
        ],
    ),
];
