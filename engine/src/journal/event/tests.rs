use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, EpochBegan, Event, Fact, GroupId, HoldAfter,
    LedgerId, NewAccount, NewLedger, Sequence, Timestamp, Totals, Transfer, TransferCreated,
    TransferExpired, TransferFlags, TransferId, TransferRejected, TransferStatus, UpdateId,
};
use proptest::prelude::*;

use super::*;
use crate::journal::integer::Cursor;
use crate::journal::payload::{DecodeError, next_item};

/// A number that is often zero, often small, sometimes at the very end.
fn number() -> impl Strategy<Value = u128> {
    prop_oneof![
        3 => Just(0),
        4 => 0..1_000_000u128,
        2 => any::<u128>(),
        1 => Just(u128::MAX),
    ]
}

fn amount() -> impl Strategy<Value = Amount> {
    number().prop_map(Amount::new)
}

fn totals() -> impl Strategy<Value = Totals> {
    (amount(), amount(), amount(), amount()).prop_map(|(a, b, c, d)| Totals {
        debits_pending: a,
        debits_posted: b,
        credits_pending: c,
        credits_posted: d,
    })
}

fn text(bytes_max: usize) -> impl Strategy<Value = Box<str>> {
    prop_oneof![Just(String::new()), "[a-zäß€ ]{0,20}", "x{0,300}"].prop_map(move |mut text| {
        while text.len() > bytes_max {
            text.pop();
        }
        text.into_boxed_str()
    })
}

fn transfer(time: Timestamp) -> impl Strategy<Value = Transfer> {
    let ids = (number(), number(), number(), number(), number(), number());
    let user_data = (number(), number(), number());
    let rest = (
        text(Transfer::REFERENCE_BYTES_MAX),
        any::<u32>(),
        any::<u32>(),
        any::<u16>(),
    );
    let moment = prop_oneof![3 => Just(time), 1 => any::<u64>().prop_map(Timestamp::new)];
    (ids, amount(), user_data, rest, number(), moment).prop_map(
        |(ids, amount, user_data, (reference, timeout, flags, code), ledger, timestamp)| Transfer {
            id: TransferId::new(ids.0),
            debit_account_id: AccountId::new(ids.1),
            credit_account_id: AccountId::new(ids.2),
            amount,
            pending_id: TransferId::new(ids.3),
            reverses_id: TransferId::new(ids.4),
            group_id: GroupId::new(ids.5),
            user_data_128: user_data.0,
            user_data_64: user_data.1 as u64,
            user_data_32: user_data.2 as u32,
            reference,
            timeout: if timeout % 2 == 0 { 0 } else { timeout },
            ledger: LedgerId::new(ledger as u32),
            code,
            flags: TransferFlags::from_bits(if flags % 2 == 0 { 0 } else { flags }),
            timestamp,
        },
    )
}

fn created(time: Timestamp) -> impl Strategy<Value = TransferCreated> {
    let hold = (amount(), amount(), amount()).prop_map(|(posted, released, rest)| HoldAfter {
        posted,
        released,
        rest,
    });
    (
        transfer(time),
        any::<bool>(),
        hold,
        amount(),
        totals(),
        totals(),
    )
        .prop_map(
            |(transfer, took_all, hold, reversed, debit_after, credit_after)| TransferCreated {
                transfer,
                took_all,
                hold,
                reversed,
                debit_after,
                credit_after,
            },
        )
}

fn account(time: Timestamp) -> impl Strategy<Value = NewAccount> {
    let numbers = (number(), number(), number(), number(), number());
    let moment = prop_oneof![3 => Just(time), 1 => any::<u64>().prop_map(Timestamp::new)];
    let name = text(NewAccount::NAME_BYTES_MAX);
    (numbers, amount(), amount(), name, any::<u16>(), moment).prop_map(
        |(numbers, overdraft_limit, balance_max, name, code, timestamp)| NewAccount {
            id: AccountId::new(numbers.0),
            ledger: LedgerId::new(numbers.1 as u32),
            code,
            flags: AccountFlags::from_bits(numbers.2 as u32),
            user_data_128: numbers.3,
            user_data_64: numbers.4 as u64,
            user_data_32: numbers.3 as u32,
            overdraft_limit,
            balance_max,
            name,
            timestamp,
            totals: Totals::ZERO,
        },
    )
}

fn update() -> impl Strategy<Value = AccountUpdate> {
    let name = proptest::option::of(text(NewAccount::NAME_BYTES_MAX));
    let limits = (
        proptest::option::of(amount()),
        proptest::option::of(amount()),
    );
    (number(), number(), limits, name).prop_map(|(update_id, id, limits, name)| AccountUpdate {
        update_id: UpdateId::new(update_id),
        id: AccountId::new(id),
        overdraft_limit: limits.0,
        balance_max: limits.1,
        name,
    })
}

fn expired() -> impl Strategy<Value = TransferExpired> {
    let ids = (number(), number(), number(), any::<u32>());
    (ids, amount(), amount(), totals(), totals()).prop_map(
        |(ids, posted, released, debit_after, credit_after)| TransferExpired {
            pending_id: TransferId::new(ids.0),
            debit_account_id: AccountId::new(ids.1),
            credit_account_id: AccountId::new(ids.2),
            ledger: LedgerId::new(ids.3),
            posted,
            released,
            debit_after,
            credit_after,
        },
    )
}

fn rejected() -> impl Strategy<Value = TransferRejected> {
    let status = proptest::sample::select(TransferStatus::ALL);
    (number(), status, number()).prop_map(|(id, status, control_id)| TransferRejected {
        id: TransferId::new(id),
        status,
        control_id,
    })
}

fn ledger() -> impl Strategy<Value = NewLedger> {
    (any::<u32>(), text(NewLedger::CODE_BYTES_MAX), any::<u32>()).prop_map(|(id, code, scale)| {
        NewLedger {
            id: LedgerId::new(id),
            code,
            scale,
        }
    })
}

/// Any fact, at the given time, whether or not the rules would allow it.
pub(in crate::journal) fn any_fact(time: Timestamp) -> impl Strategy<Value = Fact> {
    prop_oneof![
        4 => created(time).prop_map(Fact::TransferCreated).boxed(),
        1 => expired().prop_map(Fact::TransferExpired).boxed(),
        1 => rejected().prop_map(Fact::TransferRejected).boxed(),
        1 => transfer(time).prop_map(Fact::TransferFenced).boxed(),
        1 => account(time).prop_map(Fact::AccountCreated).boxed(),
        1 => update().prop_map(Fact::AccountUpdated).boxed(),
        1 => ledger().prop_map(Fact::LedgerRegistered).boxed(),
    ]
}

fn any_event() -> impl Strategy<Value = (Event, Timestamp)> {
    let base = 0..Timestamp::MAX.get() - 1_000_000;
    (base, 0..1_000_000u64, any::<u64>(), any::<bool>()).prop_flat_map(
        |(base, after, sequence, chained)| {
            let time = Timestamp::new(base + after);
            any_fact(time).prop_map(move |fact| {
                let sequence = Sequence::new(sequence);
                let event = Event {
                    sequence,
                    time,
                    chained,
                    fact,
                };
                (event, Timestamp::new(base))
            })
        },
    )
}

fn encode(event: &Event, base: Timestamp) -> Vec<u8> {
    // What is left in the memory from before must not show.
    let mut bytes = vec![0xa5; EVENT_ROOM_BYTES];
    let length = put_event(&mut bytes, event, base);
    bytes.truncate(length);
    bytes
}

fn decode(bytes: &[u8], sequence: Sequence, base: Timestamp) -> Result<Event, DecodeError> {
    let mut cursor = Cursor::new(bytes);
    let item = next_item(&mut cursor)?.ok_or(DecodeError::Truncated)?;
    let event = read_event(&item, sequence, base)?;
    cursor.finish()?;
    Ok(event)
}

proptest! {
    #[test]
    fn every_event_reads_back((event, base) in any_event()) {
        let bytes = encode(&event, base);
        prop_assert!(bytes.len() <= EVENT_BYTES_MAX);
        prop_assert_eq!(decode(&bytes, event.sequence, base), Ok(event));
    }

    #[test]
    fn no_event_has_two_forms((event, base) in any_event(), at: usize, to: u8) {
        let mut bytes = encode(&event, base);
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(other) = decode(&bytes, event.sequence, base) {
            prop_assert_eq!(encode(&other, base), bytes);
        }
    }

    #[test]
    fn hostile_bytes_are_refused(mut bytes: Vec<u8>, item_type in 0u8..20) {
        if let Some(first) = bytes.first_mut() {
            *first = item_type;
        }
        let _ = decode(&bytes, Sequence::new(1), Timestamp::MAX);
    }

    #[test]
    fn a_shortened_event_is_refused((event, base) in any_event(), cut: usize) {
        let bytes = encode(&event, base);
        let cut = cut % bytes.len();
        prop_assert!(decode(&bytes[..cut], event.sequence, base).is_err());
    }
}

const EVERYTHING: Totals = Totals {
    debits_pending: Amount::MAX,
    debits_posted: Amount::MAX,
    credits_pending: Amount::MAX,
    credits_posted: Amount::MAX,
};

#[test]
fn the_largest_event_fits_its_room() {
    let transfer = Transfer {
        id: TransferId::MAX,
        debit_account_id: AccountId::MAX,
        credit_account_id: AccountId::MAX,
        amount: Amount::MAX,
        pending_id: TransferId::MAX,
        reverses_id: TransferId::MAX,
        group_id: GroupId::MAX,
        user_data_128: u128::MAX,
        user_data_64: u64::MAX,
        user_data_32: u32::MAX,
        reference: "r".repeat(Transfer::REFERENCE_BYTES_MAX).into(),
        timeout: u32::MAX,
        ledger: LedgerId::new(u32::MAX),
        code: u16::MAX,
        flags: TransferFlags::from_bits(u32::MAX),
        timestamp: Timestamp::new(u64::MAX),
    };
    let event = Event {
        sequence: Sequence::new(u64::MAX),
        time: Timestamp::MAX,
        chained: true,
        fact: Fact::TransferCreated(TransferCreated {
            transfer,
            took_all: true,
            hold: HoldAfter {
                posted: Amount::MAX,
                released: Amount::MAX,
                rest: Amount::MAX,
            },
            reversed: Amount::MAX,
            debit_after: EVERYTHING,
            credit_after: EVERYTHING,
        }),
    };
    let bytes = encode(&event, Timestamp::ZERO);
    assert!(bytes.len() <= EVENT_BYTES_MAX, "{}", bytes.len());
    assert_eq!(decode(&bytes, event.sequence, Timestamp::ZERO), Ok(event));
}

#[test]
fn a_plain_transfer_is_short() {
    let event = plain_transfer();
    assert!(encode(&event, event.time).len() <= 100);
}

fn plain_transfer() -> Event {
    let time = Timestamp::new(1_700_000_000_000_000_000);
    Event {
        sequence: Sequence::new(7),
        time,
        chained: false,
        fact: Fact::TransferCreated(TransferCreated {
            transfer: Transfer {
                id: TransferId::new(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
                debit_account_id: AccountId::new(1),
                credit_account_id: AccountId::new(2),
                amount: Amount::new(1250),
                ledger: LedgerId::new(840),
                code: 3,
                timestamp: time,
                ..Transfer::default()
            },
            took_all: false,
            hold: HoldAfter::default(),
            reversed: Amount::ZERO,
            debit_after: Totals {
                debits_posted: Amount::new(1_000_000),
                ..Totals::ZERO
            },
            credit_after: Totals {
                credits_posted: Amount::new(1250),
                ..Totals::ZERO
            },
        }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One event of each kind, byte for byte. A change here is a change of the format: it needs a new
/// format version, and the old one must stay readable.
#[test]
fn the_layout_is_what_it_was() {
    let base = Timestamp::new(1_699_999_999_999_999_000);
    let time = Timestamp::new(1_700_000_000_000_000_000);
    let with = |fact| Event {
        chained: true,
        fact,
        ..plain_transfer()
    };
    let hold = Transfer {
        id: TransferId::new(5),
        pending_id: TransferId::new(4),
        group_id: GroupId::new(9),
        user_data_64: 20_260_131,
        reference: "rent".into(),
        flags: TransferFlags::POST_PENDING_TRANSFER,
        timestamp: Timestamp::new(3),
        ..Transfer::default()
    };
    let rows = [
        (
            plain_transfer(),
            "05450002e803000082100f0e0d0c0b0a0908070605040302010100000000000000000000\
             000000000002000000000000000000000000000000030002480302e2040340420f02e204",
        ),
        (
            with(Fact::TransferFenced(hold)),
            "88670002e803550305000000000000000000000000000000000000000000000000000000\
             000000000000000000000000000000000000000000000000040000000000000000000000\
             000000000900000000000000000000000000000004232535010472656e7401040103",
        ),
        (
            with(Fact::TransferExpired(TransferExpired {
                pending_id: TransferId::new(4),
                debit_account_id: AccountId::new(1),
                credit_account_id: AccountId::new(2),
                ledger: LedgerId::new(1),
                posted: Amount::ZERO,
                released: Amount::new(10),
                debit_after: Totals::ZERO,
                credit_after: EVERYTHING,
            })),
            "867d0002e803f00400000000000000000000000000000001000000000000000000000000\
             00000002000000000000000000000000000000010100010a10ffffffffffffffffffffff\
             ffffffffff10ffffffffffffffffffffffffffffffff10ffffffffffffffffffffffffff\
             ffffff10ffffffffffffffffffffffffffffffff",
        ),
        (
            with(Fact::TransferRejected(TransferRejected {
                id: TransferId::new(4),
                status: TransferStatus::ExceedsCredits,
                control_id: 0,
            })),
            "87150002e803040000000000000000000000000000003600",
        ),
        (
            with(Fact::AccountCreated(NewAccount {
                id: AccountId::new(1),
                ledger: LedgerId::new(840),
                code: 2,
                flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                overdraft_limit: Amount::new(500),
                name: "Cash".into(),
                timestamp: time,
                ..NewAccount::default()
            })),
            "83230002e80351010000000000000000000000000000000200024803010202f401044361\
             7368",
        ),
        (
            with(Fact::AccountUpdated(AccountUpdate {
                update_id: UpdateId::new(6),
                id: AccountId::new(1),
                overdraft_limit: None,
                balance_max: Some(Amount::ZERO),
                name: Some("Till".into()),
            })),
            "842a0002e803060600000000000000000000000000000001000000000000000000000000\
             000000000454696c6c",
        ),
        (
            with(Fact::LedgerRegistered(NewLedger {
                id: LedgerId::new(840),
                code: "USD".into(),
                scale: 2,
            })),
            "820c0002e803024803010203555344",
        ),
        (
            with(Fact::EpochBegan(EpochBegan {
                epoch: 0x0102,
                parent: 0x03,
                fork: Sequence::new(41),
            })),
            "91250002e8030201000000000000000000000000000003000000000000000000000000000000\
             0129",
        ),
    ];
    for (event, expected) in rows {
        let bytes = encode(&event, base);
        assert_eq!(hex(&bytes), expected, "{event:?}");
        assert_eq!(decode(&bytes, event.sequence, base), Ok(event));
    }
}

#[test]
fn reserved_and_unknown_types_are_named() {
    let unknown = |item_type: u8| decode(&[item_type, 0, 0], Sequence::new(1), Timestamp::ZERO);
    let error = unknown(9).unwrap_err();
    let expected = DecodeError::UnknownType {
        found: 9,
        name: Some("group_resolved"),
        version: 1,
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("(group_resolved)"));
    assert!(error.to_string().contains("version 1"));
    for (item_type, name) in [
        (16, Some("membership_changed")),
        (18, None),
        (127, None),
        (0, None),
    ] {
        let expected = DecodeError::UnknownType {
            found: item_type,
            name,
            version: 1,
        };
        assert_eq!(unknown(item_type), Err(expected));
    }
}
