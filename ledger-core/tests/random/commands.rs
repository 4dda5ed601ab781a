//! Random commands. Ids come from small spaces and amounts from the edges, so that collisions,
//! retries, chains, partial posts and overflows happen often. What refers to earlier events does
//! so by their place, and is made concrete when the command is given.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A whole run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Where the clock begins.
    pub start: u64,
    /// Whether a group is filled to its limit first.
    pub fills_a_group: bool,
    pub opening: Vec<AccountSpec>,
    pub commands: Vec<Command>,
}

/// One request, and how far the clock moved before it.
#[derive(Clone, Debug)]
pub struct Command {
    pub clock: ClockStep,
    pub request: Request,
}

#[derive(Clone, Copy, Debug)]
pub enum ClockStep {
    Forward(u64),
    Back(u64),
}

#[derive(Clone, Debug)]
pub enum Request {
    Ledgers(Vec<LedgerSpec>),
    Accounts {
        specs: Vec<AccountSpec>,
        imported: bool,
    },
    Updates(Vec<UpdateSpec>),
    Transfers {
        specs: Vec<TransferSpec>,
        imported: bool,
        dry_run: bool,
        balances: bool,
    },
    /// All transfers of an earlier request once more, as they were.
    Again {
        which: Index,
        dry_run: bool,
    },
    Expire(usize),
    /// Nothing is asked; what is in memory changes, and no answer may.
    Memory(MemoryStep),
}

/// How what the ledger core has in memory changes. Places in the history are so many parts of 256
/// from its begin.
#[derive(Clone, Copy, Debug)]
pub enum MemoryStep {
    /// Recent ids go to a new table from here on.
    Begin,
    /// Those up to a place are forgotten, as far as whole tables go.
    Forget(u8),
    /// The process starts again from the records of a snapshot at the newest event, and notes the
    /// ids of events from a place on, if any.
    Restored(Option<u8>),
    /// The process starts again and replays everything, noting ids from a place on.
    Replayed(u8),
}

#[derive(Clone, Debug)]
pub struct LedgerSpec {
    pub id: u32,
    pub code: &'static str,
    pub scale: u32,
}

/// An account: made up anew, or an earlier one again.
#[derive(Clone, Debug)]
pub struct AccountSpec {
    pub again: Option<Index>,
    pub id: u128,
    pub ledger: u32,
    pub flags: u32,
    pub overdraft_limit: u128,
    pub balance_max: u128,
    pub name: &'static str,
    pub linked: bool,
    pub stamp: Stamp,
    pub change: Option<AccountChange>,
}

/// A timestamp of an imported event.
#[derive(Clone, Copy, Debug)]
pub enum Stamp {
    /// So many nanoseconds before the clock.
    Before(u64),
    /// So many after it.
    After(u64),
    /// So many after the newest timestamp of its kind.
    AfterNewest(u64),
    /// So many before the newest account.
    BeforeNewestAccount(u64),
    /// As it is.
    Exactly(u64),
}

#[derive(Clone, Copy, Debug)]
pub enum AccountChange {
    Id(u128),
    Ledger(u32),
    Code(u16),
    Flags(u32),
    UserData128(u128),
    UserData64(u64),
    UserData32(u32),
    OverdraftLimit(u128),
    BalanceMax(u128),
    LongName,
    Timestamp(u64),
    Imported,
    DebitsPending,
    DebitsPosted,
    CreditsPending,
    CreditsPosted,
}

#[derive(Clone, Debug)]
pub struct UpdateSpec {
    pub again: Option<Index>,
    pub update_id: u128,
    pub account: u128,
    pub overdraft_limit: Option<u128>,
    pub balance_max: Option<u128>,
    pub name: Option<&'static str>,
}

/// A transfer: made up anew, or an earlier one again.
#[derive(Clone, Debug)]
pub struct TransferSpec {
    pub again: Option<Index>,
    pub shape: Shape,
    pub id: u128,
    pub debit: u128,
    pub credit: u128,
    pub amount: u128,
    pub timeout: u32,
    pub group: u128,
    pub user_data: u32,
    pub reference: &'static str,
    pub linked: bool,
    pub stamp: Stamp,
    pub changes: Vec<TransferChange>,
}

#[derive(Clone, Debug)]
pub enum Shape {
    Single,
    Pending,
    Post {
        target: Target,
        keep_open: bool,
        share: Share,
    },
    Void {
        target: Target,
        fence: bool,
    },
    Reversal {
        target: Target,
        fence: bool,
        share: Share,
    },
    BalancingDebit {
        pending: bool,
    },
    BalancingCredit {
        pending: bool,
    },
    Closing {
        debit: bool,
        credit: bool,
    },
    /// One that was created, again, with the same or another amount.
    Retry {
        which: Index,
        amount: Option<u128>,
    },
}

/// How much of its target a post or reversal asks for.
#[derive(Clone, Copy, Debug)]
pub enum Share {
    /// An amount that has nothing to do with it.
    Any,
    Half,
    Whole,
    All,
}

/// What a post, void or reversal names.
#[derive(Clone, Debug)]
pub enum Target {
    /// One of the newest suitable transfers that were created.
    Created(Index),
    /// One of the newest suitable transfers that were asked for, also in the same request.
    Suitable(Index),
    /// Any transfer asked for earlier.
    Any(Index),
    /// An id, whatever it stands for.
    Id(u128),
}

#[derive(Clone, Copy, Debug)]
pub enum TransferChange {
    Id(u128),
    Debit(u128),
    Credit(u128),
    Amount(u128),
    PendingId(u128),
    ReversesId(u128),
    PendingIdOwn,
    ReversesIdOwn,
    Group(u128),
    UserData128(u128),
    UserData64(u64),
    UserData32(u32),
    LongReference,
    Reference(&'static str),
    Timeout(u32),
    Ledger(u32),
    Code(u16),
    FlipFlags(u32),
    Timestamp(u64),
}

const NANOSECONDS: u64 = 1_000_000_000;
const END_OF_TIME: u64 = i64::MAX as u64;

fn amount() -> impl Strategy<Value = u128> {
    let max = u128::MAX;
    prop_oneof![
        6 => select(vec![0, 1, 2, 3, 5, 8, 10, 20, 50]),
        1 => Just(max),
        1 => select(vec![max - 1, max - 5, max / 2, max / 2 + 1]),
    ]
}

fn account_id() -> impl Strategy<Value = u128> {
    prop_oneof![40 => 1..=6_u128, 2 => 7..=9_u128, 1 => select(vec![0, u128::MAX])]
}

fn transfer_id() -> impl Strategy<Value = u128> {
    prop_oneof![60 => 1..=200_u128, 1 => select(vec![0, u128::MAX])]
}

fn group() -> impl Strategy<Value = u128> {
    prop_oneof![5 => Just(0), 1 => 1..=2_u128]
}

fn stamp() -> impl Strategy<Value = Stamp> {
    prop_oneof![
        6 => (0..40_u64).prop_map(Stamp::AfterNewest),
        3 => (0..2_000_u64).prop_map(Stamp::Before),
        3 => (0..4_u64).prop_map(Stamp::BeforeNewestAccount),
        1 => (0..20_u64).prop_map(Stamp::After),
        1 => select(vec![0, 1, 10, END_OF_TIME, END_OF_TIME + 1]).prop_map(Stamp::Exactly),
    ]
}

fn account_flags() -> impl Strategy<Value = u32> {
    prop_oneof![6 => Just(0), 3 => Just(0b10), 3 => Just(0b100), 1 => Just(0b1000),
        1 => select(vec![0b110, 0b10_0000, 0b100_0000, 1 << 31])]
}

fn account_change() -> impl Strategy<Value = AccountChange> {
    use AccountChange as C;
    prop_oneof![
        select(vec![0, u128::MAX, 3]).prop_map(C::Id),
        select(vec![0, 1, 2]).prop_map(C::Ledger),
        select(vec![0, 1, 9]).prop_map(C::Code),
        account_flags().prop_map(C::Flags),
        (0..2_u128).prop_map(C::UserData128),
        (0..2_u64).prop_map(C::UserData64),
        (0..2_u32).prop_map(C::UserData32),
        amount().prop_map(C::OverdraftLimit),
        amount().prop_map(C::BalanceMax),
        Just(C::LongName),
        (0..2_u64).prop_map(C::Timestamp),
        Just(C::Imported),
        Just(C::DebitsPending),
        Just(C::DebitsPosted),
        Just(C::CreditsPending),
        Just(C::CreditsPosted),
    ]
}

fn account() -> impl Strategy<Value = AccountSpec> {
    let limits = (
        prop_oneof![4 => Just(0), 1 => amount()],
        prop_oneof![5 => Just(0), 1 => amount()],
    );
    (
        option::weighted(0.3, any::<Index>()),
        prop_oneof![30 => 1..=9_u128, 1 => select(vec![0, u128::MAX])],
        prop_oneof![7 => Just(1), 2 => Just(2), 1 => Just(0)],
        account_flags(),
        limits,
        select(vec!["", "Till", "Bank"]),
        prop::bool::weighted(0.2),
        stamp(),
        option::weighted(0.5, account_change()),
    )
        .prop_map(
            |(again, id, ledger, flags, limits, name, linked, stamp, change)| AccountSpec {
                again,
                id,
                ledger,
                flags,
                overdraft_limit: limits.0,
                balance_max: limits.1,
                name,
                linked,
                stamp,
                change,
            },
        )
}

/// An account that is created in any case, so that most transfers find theirs.
fn opening_account(id: u128) -> impl Strategy<Value = AccountSpec> {
    let limits = (
        prop_oneof![3 => Just(0), 1 => amount()],
        prop_oneof![5 => Just(0), 1 => amount()],
    );
    let ledger = if id == 6 { 2 } else { 1 };
    let flags = prop_oneof![3 => Just(0), 1 => Just(0b10), 1 => Just(0b100)];
    (flags, limits).prop_map(move |(flags, limits)| AccountSpec {
        again: None,
        id,
        ledger,
        flags,
        overdraft_limit: limits.0,
        balance_max: limits.1,
        name: "",
        linked: false,
        stamp: Stamp::Exactly(0),
        change: None,
    })
}

fn update() -> impl Strategy<Value = UpdateSpec> {
    (
        option::weighted(0.25, any::<Index>()),
        prop_oneof![20 => 1..=30_u128, 1 => Just(0)],
        account_id(),
        option::weighted(0.5, amount()),
        option::weighted(0.4, prop_oneof![Just(0), amount()]),
        option::weighted(0.3, select(vec!["", "Till", "long"])),
    )
        .prop_map(
            |(again, update_id, account, overdraft_limit, balance_max, name)| UpdateSpec {
                again,
                update_id,
                account,
                overdraft_limit,
                balance_max,
                name,
            },
        )
}

fn ledger() -> impl Strategy<Value = LedgerSpec> {
    let code = select(vec!["", "USD", "EUR", "long", "a\tb"]);
    let scale = prop_oneof![4 => Just(2), 1 => select(vec![0, 38, 39])];
    (0..4_u32, code, scale).prop_map(|(id, code, scale)| LedgerSpec { id, code, scale })
}

fn share() -> impl Strategy<Value = Share> {
    select(vec![
        Share::Any,
        Share::Half,
        Share::Half,
        Share::Whole,
        Share::All,
    ])
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        6 => any::<Index>().prop_map(Target::Created),
        4 => any::<Index>().prop_map(Target::Suitable),
        2 => any::<Index>().prop_map(Target::Any),
        1 => transfer_id().prop_map(Target::Id),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        6 => Just(Shape::Single),
        6 => Just(Shape::Pending),
        5 => (target(), any::<bool>(), share())
            .prop_map(|(target, keep_open, share)| Shape::Post { target, keep_open, share }),
        3 => (target(), prop::bool::weighted(0.3))
            .prop_map(|(target, fence)| Shape::Void { target, fence }),
        3 => (target(), prop::bool::weighted(0.3), share())
            .prop_map(|(target, fence, share)| Shape::Reversal { target, fence, share }),
        1 => any::<bool>().prop_map(|pending| Shape::BalancingDebit { pending }),
        1 => any::<bool>().prop_map(|pending| Shape::BalancingCredit { pending }),
        2 => (any::<Index>(), option::of(prop_oneof![Just(u128::MAX), amount()]))
            .prop_map(|(which, amount)| Shape::Retry { which, amount }),
        1 => any::<(bool, bool)>().prop_map(|(debit, credit)| Shape::Closing { debit, credit }),
    ]
}

fn transfer_change() -> impl Strategy<Value = TransferChange> {
    use TransferChange as C;
    prop_oneof![
        select(vec![0, u128::MAX]).prop_map(C::Id),
        account_id().prop_map(C::Debit),
        account_id().prop_map(C::Credit),
        select(vec![0, u128::MAX]).prop_map(C::Debit),
        select(vec![0, u128::MAX]).prop_map(C::Credit),
        amount().prop_map(C::Amount),
        amount().prop_map(C::Amount),
        prop_oneof![transfer_id(), select(vec![0, u128::MAX])].prop_map(C::PendingId),
        prop_oneof![transfer_id(), select(vec![0, u128::MAX])].prop_map(C::ReversesId),
        Just(C::PendingIdOwn),
        Just(C::ReversesIdOwn),
        Just(C::Amount(u128::MAX)),
        (0..3_u128).prop_map(C::Group),
        (0..3_u128).prop_map(C::Group),
        (0..3_u128).prop_map(C::UserData128),
        (0..3_u64).prop_map(C::UserData64),
        (0..3_u32).prop_map(C::UserData32),
        Just(C::LongReference),
        select(vec!["", "a", "b"]).prop_map(C::Reference),
        select(vec![0, 1, 2, u32::MAX]).prop_map(C::Timeout),
        (0..3_u32).prop_map(C::Ledger),
        (0..3_u32).prop_map(C::Ledger),
        account_id().prop_map(C::Credit),
        (0..3_u16).prop_map(C::Code),
        (0..3_u16).prop_map(C::Code),
        (0..16_u32).prop_map(|bit| C::FlipFlags(1 << bit)),
        (0..16_u32).prop_map(|bit| C::FlipFlags(1 << bit)),
        (0..2_u64).prop_map(C::Timestamp),
    ]
}

fn transfer() -> impl Strategy<Value = TransferSpec> {
    let changes = prop_oneof![
        5 => Just(Vec::new()),
        2 => vec(transfer_change(), 1),
        1 => vec(transfer_change(), 2),
    ];
    let fields = (
        prop_oneof![4 => Just(0), 1 => 1..=2_u32],
        select(vec!["", "", "", "a", "b"]),
        prop::bool::weighted(0.25),
        stamp(),
    );
    (
        option::weighted(0.2, any::<Index>()),
        shape(),
        transfer_id(),
        (account_id(), account_id()),
        amount(),
        prop_oneof![3 => Just(0), 3 => 1..=3_u32, 1 => select(vec![1_000, u32::MAX])],
        group(),
        fields,
        changes,
    )
        .prop_map(
            |(again, shape, id, (debit, credit), amount, timeout, group, fields, changes)| {
                let (user_data, reference, linked, stamp) = fields;
                TransferSpec {
                    again,
                    shape,
                    id,
                    debit,
                    credit,
                    amount,
                    timeout,
                    group,
                    user_data,
                    reference,
                    linked,
                    stamp,
                    changes,
                }
            },
        )
}

fn memory() -> impl Strategy<Value = MemoryStep> {
    prop_oneof![
        4 => Just(MemoryStep::Begin),
        4 => any::<u8>().prop_map(MemoryStep::Forget),
        1 => option::of(any::<u8>()).prop_map(MemoryStep::Restored),
        1 => any::<u8>().prop_map(MemoryStep::Replayed),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let imported = || prop::bool::weighted(0.15);
    let dry_run = || prop::bool::weighted(0.15);
    prop_oneof![
        2 => vec(ledger(), 1..4).prop_map(Request::Ledgers),
        5 => (vec(account(), 1..5), imported())
            .prop_map(|(specs, imported)| Request::Accounts { specs, imported }),
        2 => vec(update(), 1..4).prop_map(Request::Updates),
        20 => (vec(transfer(), 0..7), imported(), dry_run(), any::<bool>()).prop_map(
            |(specs, imported, dry_run, balances)| Request::Transfers {
                specs,
                imported,
                dry_run,
                balances,
            },
        ),
        2 => (any::<Index>(), dry_run())
            .prop_map(|(which, dry_run)| Request::Again { which, dry_run }),
        3 => select(vec![0, 1, 2, 8192]).prop_map(Request::Expire),
        6 => memory().prop_map(Request::Memory),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let clock = prop_oneof![
        4 => Just(ClockStep::Forward(0)),
        3 => (1..2_000_u64).prop_map(ClockStep::Forward),
        3 => (1..3_u64).prop_map(|seconds| ClockStep::Forward(seconds * NANOSECONDS)),
        1 => (NANOSECONDS - 3..NANOSECONDS + 3).prop_map(ClockStep::Forward),
        1 => (1..5_u64).prop_map(|seconds| ClockStep::Back(seconds * NANOSECONDS)),
    ];
    (clock, request()).prop_map(|(clock, request)| Command { clock, request })
}

/// A whole run.
pub fn scenario() -> impl Strategy<Value = Scenario> {
    let start = prop_oneof![
        6 => Just(1_700_000_000 * NANOSECONDS),
        1 => Just(100 * NANOSECONDS),
        1 => Just(END_OF_TIME - 600 * NANOSECONDS),
    ];
    let opening = (1..=6_u128).map(opening_account).collect::<Vec<_>>();
    (
        start,
        prop::bool::weighted(0.005),
        opening,
        vec(command(), 1..40),
    )
        .prop_map(|(start, fills_a_group, opening, commands)| Scenario {
            start,
            fills_a_group,
            opening,
            commands,
        })
}
