//! Generated messages at random, and bytes that are almost messages: what the hand-written codecs
//! are held against.

use proptest::{collection::vec, option, prelude::*};

use crate::v1;

/// Mostly numbers at the edges.
pub(crate) fn uint128() -> impl Strategy<Value = Option<v1::Uint128>> {
    let half = || prop_oneof![Just(0), Just(1), Just(u64::MAX), any::<u64>()];
    option::of((half(), half()).prop_map(|(high, low)| v1::Uint128 { high, low }))
}

fn uint32() -> impl Strategy<Value = u32> + Clone {
    prop_oneof![Just(0), 1..200u32, Just(u32::MAX), any::<u32>()]
}

fn uint64() -> impl Strategy<Value = u64> + Clone {
    prop_oneof![Just(0), 1..200u64, Just(u64::MAX), any::<u64>()]
}

pub(crate) fn transfer() -> impl Strategy<Value = v1::Transfer> {
    let ids = [(); 7].map(|()| uint128());
    let code = prop_oneof![8 => 0..=65535u32, 1 => any::<u32>()];
    let reference = prop_oneof![Just(String::new()), "[a-zé☃]{0,80}"];
    let numbers = (
        uint64(),
        uint32(),
        uint32(),
        uint32(),
        code,
        uint32(),
        uint64(),
    );
    (ids, numbers, reference).prop_map(|(ids, numbers, reference)| {
        let [id, debit, credit, amount, pending, data, group] = ids;
        let (user_data_64, user_data_32, timeout, ledger, code, flags, timestamp) = numbers;
        v1::Transfer {
            id,
            debit_account_id: debit,
            credit_account_id: credit,
            amount,
            pending_id: pending,
            user_data_128: data,
            user_data_64,
            user_data_32,
            timeout,
            ledger,
            code,
            flags,
            group_id: group,
            reference,
            reverses_id: group.filter(|_| flags % 2 == 0),
            timestamp,
        }
    })
}

/// Fields of known and unknown numbers and of right and wrong kinds, one after another, some cut
/// off in the middle.
pub(crate) fn soup() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![8 => 1..19u32, 1 => 0..3000u32];
    let inner =
        (1..19u32, 0..3u32, any::<[u8; 18]>()).prop_map(|(number, kind, bytes)| match kind {
            0 => [&key(number, 0)[..], &[bytes[0] & 0x7f]].concat(),
            1 => [&key(number, 1)[..], &bytes[..8]].concat(),
            _ => [
                &key(number, 2)[..],
                &[18, 9],
                &bytes[..8],
                &[0x11],
                &bytes[8..16],
            ]
            .concat(),
        });
    let content = prop_oneof![
        1 => vec(any::<u8>(), 0..24),
        4 => vec(inner, 0..6).prop_map(|fields| fields.concat()),
        4 => Just([&[9][..], &[7; 8], &[0x11], &[5; 8]].concat()),
    ];
    // Half of the soups have every field of the kind that a transfer's has.
    let field = (number, 0..8u32, uint64(), content);
    let field = move |proper: bool| {
        field
            .clone()
            .prop_map(move |(number, kind, value, content)| {
                let kind = match number {
                    _ if !proper => kind,
                    1..=6 | 13 | 14 | 16 => 2,
                    7..=12 => 0,
                    17 => 1,
                    _ => [0, 1, 2, 5][kind as usize % 4],
                };
                field_bytes(number.max(u32::from(proper)), kind, value, content)
            })
    };
    let fields = any::<bool>().prop_flat_map(move |proper| vec(field(proper), 0..8));
    (fields, 0..80usize).prop_map(|(fields, cut)| {
        let mut bytes = fields.concat();
        if cut < 8 {
            bytes.truncate(bytes.len().saturating_sub(cut));
        }
        bytes
    })
}

fn field_bytes(number: u32, kind: u32, value: u64, content: Vec<u8>) -> Vec<u8> {
    let key = key(number, kind);
    match kind {
        0 => [key, varint(value)].concat(),
        1 => [key, value.to_le_bytes().to_vec()].concat(),
        2 | 6 | 7 => [key, varint(content.len() as u64), content].concat(),
        5 => [key, vec![1, 2, 3, 4]].concat(),
        _ => key,
    }
}

/// An encoded message in which some bytes are other ones, or after which something is missing.
pub(crate) fn broken(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let edits = vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (
        Just(bytes),
        edits,
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(mut bytes, edits, end, cut)| {
            if bytes.is_empty() {
                return bytes;
            }
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            bytes
        })
}

fn key(number: u32, kind: u32) -> Vec<u8> {
    varint(u64::from(number << 3 | kind))
}

/// A number of variable length.
pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
