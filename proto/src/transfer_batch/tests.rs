use proptest::{collection::vec, prelude::*, strategy::ValueTree};
use prost::Message as _;

use super::*;
use crate::{
    oracle::{broken, soup, transfer, varint},
    v1,
};

/// The way over the generated message, which the hand-written codec is held against.
fn by_the_generated_message(bytes: &[u8]) -> Option<TransferBatch> {
    let request = v1::CreateTransfersRequest::decode(bytes).ok()?;
    let transfers = request.transfers.into_iter().enumerate();
    Some(TransferBatch {
        transfers: transfers
            .map(|(index, transfer)| transfer.read(FieldPath::item(TRANSFERS, index)))
            .collect::<Result<_, _>>()
            .ok()?,
        deadline: Timestamp::new(request.deadline),
        dry_run: request.dry_run,
        return_balances: request.return_balances,
        origin: request.origin.into(),
    })
}

fn request() -> impl Strategy<Value = v1::CreateTransfersRequest> {
    (
        vec(transfer(), 0..5),
        any::<u64>(),
        any::<bool>(),
        any::<bool>(),
        "[a-zé]{0,20}",
    )
        .prop_map(|(transfers, deadline, dry_run, return_balances, origin)| {
            v1::CreateTransfersRequest {
                transfers,
                deadline,
                dry_run,
                return_balances,
                origin,
            }
        })
}

/// A request whose fields are a soup, as are those of its transfers.
fn requests_of_soup() -> impl Strategy<Value = Vec<u8>> {
    let transfer =
        soup().prop_map(|bytes| [vec![0x0a], varint(bytes.len() as u64), bytes].concat());
    (vec(transfer, 0..4), soup()).prop_map(|(transfers, rest)| [transfers.concat(), rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn decoding_agrees_with_the_generated_message(request in request()) {
        let bytes = request.encode_to_vec();
        prop_assert_eq!(TransferBatch::decode(&bytes).ok(), by_the_generated_message(&bytes));
    }

    #[test]
    fn encoding_agrees_with_the_generated_message(request in request()) {
        if let Some(batch) = by_the_generated_message(&request.encode_to_vec()) {
            let mut bytes = Vec::new();
            batch.encode(&mut bytes);
            prop_assert_eq!(TransferBatch::decode(&bytes), Ok(batch.clone()));
            prop_assert_eq!(by_the_generated_message(&bytes), Some(batch.clone()));
            let generated = v1::CreateTransfersRequest {
                transfers: batch.transfers.iter().map(Into::into).collect(),
                ..request
            };
            prop_assert_eq!(generated.encode_to_vec(), bytes);
        }
    }

    #[test]
    fn unknown_fields_and_nonsense_are_judged_as_the_generated_message_judges_them(
        bytes in requests_of_soup()
    ) {
        prop_assert_eq!(TransferBatch::decode(&bytes).ok(), by_the_generated_message(&bytes));
    }

    #[test]
    fn broken_bytes_are_judged_as_the_generated_message_judges_them(
        bytes in request().prop_flat_map(|request| broken(request.encode_to_vec()))
    ) {
        prop_assert_eq!(TransferBatch::decode(&bytes).ok(), by_the_generated_message(&bytes));
    }
}

#[test]
fn every_cut_of_a_request_is_judged() {
    let request = v1::CreateTransfersRequest {
        transfers: vec![
            v1::Transfer {
                id: Some(7.into()),
                amount: Some(u128::MAX.into()),
                reference: "order 7".into(),
                ..Default::default()
            };
            3
        ],
        deadline: 5,
        ..Default::default()
    };
    let bytes = request.encode_to_vec();
    for end in 0..bytes.len() {
        let bytes = &bytes[..end];
        assert_eq!(
            TransferBatch::decode(bytes).ok(),
            by_the_generated_message(bytes),
            "{end}"
        );
    }
}

#[test]
fn the_field_at_fault_is_named() {
    let transfer = |code, reference: &str| v1::Transfer {
        code,
        reference: reference.into(),
        ..Default::default()
    };
    let error = |transfers| {
        let request = v1::CreateTransfersRequest {
            transfers,
            ..Default::default()
        };
        let error = TransferBatch::decode(&request.encode_to_vec()).expect_err("malformed");
        (error.at().to_string(), error.to_string())
    };
    let (at, text) = error(vec![
        transfer(1, ""),
        transfer(65535, ""),
        transfer(65536, ""),
    ]);
    assert_eq!(at, "transfers[2].code");
    assert_eq!(text, "transfers[2].code is 65536, and the most is 65535");
    let (at, _) = error(vec![
        transfer(1, &"x".repeat(4096)),
        transfer(1, &"x".repeat(4097)),
    ]);
    assert_eq!(at, "transfers[1].reference");

    let origin = v1::CreateTransfersRequest {
        origin: "x".repeat(4097),
        ..Default::default()
    };
    let error = TransferBatch::decode(&origin.encode_to_vec()).expect_err("too long");
    assert_eq!(error.at().to_string(), "origin");

    let mut bytes = vec![0x0a, 0, 0x0a, 2, 0x72, 5];
    let error = TransferBatch::decode(&bytes).expect_err("cut off");
    assert_eq!(
        error.to_string(),
        "transfers[1]: the bytes end inside a field"
    );
    bytes.splice(2.., [0x0a, 3, 0x72, 1, 0xff]);
    let error = TransferBatch::decode(&bytes).expect_err("not UTF-8");
    assert_eq!(error.to_string(), "transfers[1]: a text is not UTF-8");
}

#[test]
fn a_request_of_millions_of_empty_transfers_is_refused_early() {
    let mut bytes = [0x0a, 0].repeat(EVENTS_PER_REQUEST_MAX);
    let batch = TransferBatch::decode(&bytes).expect("as many as there may be");
    assert_eq!(batch.transfers.len(), EVENTS_PER_REQUEST_MAX);
    bytes.extend([0x0a, 0]);
    assert_eq!(
        TransferBatch::decode(&bytes),
        Err(Malformed::TooMany {
            list: "transfers",
            count_max: EVENTS_PER_REQUEST_MAX
        })
    );
}

#[test]
fn an_ordinary_transfer_takes_less_than_a_hundred_bytes() {
    let batch = TransferBatch {
        transfers: vec![Transfer {
            id: ledger_core::TransferId::new(u128::MAX / 3),
            debit_account_id: ledger_core::AccountId::new(u128::MAX / 5),
            credit_account_id: ledger_core::AccountId::new(u128::MAX / 7),
            amount: ledger_core::Amount::new(1),
            ledger: ledger_core::LedgerId::new(1),
            code: 1,
            ..Transfer::default()
        }],
        ..TransferBatch::default()
    };
    let mut bytes = Vec::new();
    batch.encode(&mut bytes);
    assert!(bytes.len() < 100, "{}", bytes.len());
    assert!(bytes.len() <= batch.room());
}

#[test]
fn the_soup_holds_requests_of_both_sorts() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let soups: Vec<_> = (0..500)
        .map(|_| {
            requests_of_soup()
                .new_tree(&mut runner)
                .expect("a soup")
                .current()
        })
        .collect();
    let understood = soups
        .iter()
        .filter(|bytes| TransferBatch::decode(bytes).is_ok())
        .count();
    assert!(
        (50..450).contains(&understood),
        "{understood} of 500 are understood"
    );
}
