use proptest::{collection::vec, prelude::*};
use prost::Message as _;

use super::*;
use crate::oracle::{broken, soup, uint128, varint};

/// The way over the generated message, which the hand-written codec is held against.
fn by_the_generated_message(bytes: &[u8]) -> Option<TransferBatchAnswer> {
    let answer = v1::CreateTransfersResponse::decode(bytes).ok()?;
    let result = |result: v1::TransferResult| {
        let at = FieldPath::of("result");
        let original = result.original_status;
        Some(TransferResult {
            status: status::transfer(result.status, at).ok()?,
            timestamp: Timestamp::new(result.timestamp),
            amount: result.amount.map(|amount| Amount::new(amount.into())),
            original_status: match original {
                0 => None,
                number => Some(status::transfer(number, at).ok()?),
            },
        })
    };
    let balances = |balances: v1::TransferBalances| {
        if balances == v1::TransferBalances::default() {
            return None;
        }
        let (debit_account_id, debit) = balances.debit.unwrap_or_default().read();
        let (credit_account_id, credit) = balances.credit.unwrap_or_default().read();
        Some(BalancesAfter {
            debit_account_id,
            debit,
            credit_account_id,
            credit,
        })
    };
    let answer = TransferBatchAnswer {
        receipt: Receipt::read(answer.receipt).ok()?,
        results: answer
            .results
            .into_iter()
            .map(result)
            .collect::<Option<_>>()?,
        balances: answer.balances.into_iter().map(balances).collect(),
    };
    (answer.balances.is_empty() || answer.balances.len() == answer.results.len()).then_some(answer)
}

fn receipt() -> impl Strategy<Value = v1::Receipt> {
    (uint128(), any::<u64>(), any::<u64>(), any::<[u8; 32]>()).prop_map(
        |(epoch, sequence, time, frame_hash)| v1::Receipt {
            epoch,
            sequence,
            time,
            frame_hash: frame_hash.to_vec(),
        },
    )
}

fn account() -> impl Strategy<Value = Option<v1::AccountBalances>> {
    let numbers = [(); 5].map(|()| uint128());
    prop::option::of(numbers.prop_map(
        |[
            account_id,
            debits_pending,
            debits_posted,
            credits_pending,
            credits_posted,
        ]| {
            v1::AccountBalances {
                account_id,
                debits_pending,
                debits_posted,
                credits_pending,
                credits_posted,
            }
        },
    ))
}

fn answer() -> impl Strategy<Value = v1::CreateTransfersResponse> {
    let known = TransferStatus::ALL
        .iter()
        .map(|status| i32::from(status.number()));
    let status = prop::sample::select(known.collect::<Vec<_>>());
    let original = prop_oneof![3 => Just(0), 1 => status.clone()];
    let result = (status, any::<u64>(), uint128(), original).prop_map(
        |(status, timestamp, amount, original_status)| v1::TransferResult {
            status,
            timestamp,
            amount,
            original_status,
        },
    );
    let balances =
        (account(), account()).prop_map(|(debit, credit)| v1::TransferBalances { debit, credit });
    let entries = vec((result, balances), 0..6);
    (receipt(), entries, any::<bool>()).prop_map(|(receipt, entries, told)| {
        let (results, balances): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        v1::CreateTransfersResponse {
            receipt: Some(receipt),
            results,
            balances: if told { balances } else { Vec::new() },
        }
    })
}

fn answers_of_soup() -> impl Strategy<Value = Vec<u8>> {
    let entry = (1..4u8, soup()).prop_map(|(number, bytes)| {
        [vec![number << 3 | 2], varint(bytes.len() as u64), bytes].concat()
    });
    (receipt(), vec(entry, 0..4), soup()).prop_map(|(receipt, entries, rest)| {
        let receipt = v1::CreateTransfersResponse {
            receipt: Some(receipt),
            ..Default::default()
        };
        [receipt.encode_to_vec(), entries.concat(), rest].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn decoding_agrees_with_the_generated_message(answer in answer()) {
        let bytes = answer.encode_to_vec();
        prop_assert!(TransferBatchAnswer::decode(&bytes).is_ok());
        prop_assert_eq!(TransferBatchAnswer::decode(&bytes).ok(), by_the_generated_message(&bytes));
    }

    #[test]
    fn encoding_agrees_with_the_generated_message(answer in answer()) {
        let answer = by_the_generated_message(&answer.encode_to_vec()).expect("well-formed");
        let mut bytes = Vec::new();
        answer.encode(&mut bytes);
        prop_assert_eq!(TransferBatchAnswer::decode(&bytes), Ok(answer.clone()));
        prop_assert_eq!(by_the_generated_message(&bytes), Some(answer));
    }

    #[test]
    fn unknown_fields_and_nonsense_are_judged_as_the_generated_message_judges_them(
        bytes in answers_of_soup()
    ) {
        prop_assert_eq!(TransferBatchAnswer::decode(&bytes).ok(), by_the_generated_message(&bytes));
    }

    #[test]
    fn broken_bytes_are_judged_as_the_generated_message_judges_them(
        bytes in answer().prop_flat_map(|answer| broken(answer.encode_to_vec()))
    ) {
        prop_assert_eq!(TransferBatchAnswer::decode(&bytes).ok(), by_the_generated_message(&bytes));
    }
}

#[test]
fn an_amount_is_told_only_where_it_differs() {
    let answer = |status, amount| TransferAnswer {
        status,
        timestamp: Timestamp::new(5),
        amount: Amount::new(amount),
        original_status: None,
    };
    let cases = [
        (TransferStatus::Created, 7, 7, None),
        (TransferStatus::Created, 7, 9, Some(7)),
        (TransferStatus::Created, 0, 9, Some(0)),
        (TransferStatus::Exists, 7, u128::MAX, Some(7)),
        (TransferStatus::Fenced, 0, 9, Some(0)),
        (TransferStatus::ExceedsCredits, 0, 9, None),
        (TransferStatus::IdAlreadyFailed, 0, 0, None),
    ];
    for (status, amount, asked, told) in cases {
        let (answer, asked) = (answer(status, amount), Amount::new(asked));
        let result = TransferResult::tell(&answer, asked);
        assert_eq!(result.amount, told.map(Amount::new), "{status}");
        assert_eq!(result.answer(asked), answer, "{status}");
    }
}

#[test]
fn a_full_answer_with_balances_stays_below_the_largest_message() {
    let totals = Totals {
        debits_pending: Amount::MAX,
        debits_posted: Amount::MAX,
        credits_pending: Amount::MAX,
        credits_posted: Amount::MAX,
    };
    let account = AccountId::new(u128::MAX - 1);
    let answer = TransferBatchAnswer {
        receipt: Receipt {
            epoch: u128::MAX,
            sequence: ledger_core::Sequence::new(u64::MAX),
            ..Receipt::default()
        },
        results: vec![
            TransferResult {
                status: TransferStatus::IdAlreadyFailed,
                timestamp: Timestamp::MAX,
                amount: Some(Amount::MAX),
                original_status: Some(TransferStatus::RejectedByControl),
            };
            EVENTS_PER_REQUEST_MAX
        ],
        balances: vec![
            Some(BalancesAfter {
                debit_account_id: account,
                debit: totals,
                credit_account_id: account,
                credit: totals,
            });
            EVENTS_PER_REQUEST_MAX
        ],
    };
    let mut bytes = Vec::new();
    answer.encode(&mut bytes);
    assert!(bytes.len() < 3_670_016, "{}", bytes.len());
    assert_eq!(TransferBatchAnswer::decode(&bytes), Ok(answer));
}
