use ledger_core::{
    AccountId, Amount, GroupId, LedgerId, Sequence, Timestamp, Transfer, TransferFlags, TransferId,
};
use prost::Message as _;

use super::*;

#[test]
fn the_longest_record_is_no_longer_than_is_said() {
    let longest = ListedTransfer {
        sequence: Sequence::new(u64::MAX),
        time: Timestamp::new(u64::MAX),
        transfer: Transfer {
            id: TransferId::new(u128::MAX),
            debit_account_id: AccountId::new(u128::MAX),
            credit_account_id: AccountId::new(u128::MAX),
            amount: Amount::MAX,
            pending_id: TransferId::new(u128::MAX),
            reverses_id: TransferId::new(u128::MAX),
            group_id: GroupId::new(u128::MAX),
            user_data_128: u128::MAX,
            user_data_64: u64::MAX,
            user_data_32: u32::MAX,
            reference: "x".repeat(Transfer::REFERENCE_BYTES_MAX).into(),
            timeout: u32::MAX,
            ledger: LedgerId::new(u32::MAX),
            code: u16::MAX,
            flags: TransferFlags::from_bits(u32::MAX),
            timestamp: Timestamp::new(u64::MAX),
        },
        state: ledger_engine::TransferState::Fenced,
        posted: Amount::MAX,
        released: Amount::MAX,
        reversed: Amount::MAX,
        act: Sequence::new(u64::MAX),
    };
    let answer = v1::ListTransfersResponse {
        transfers: vec![record(longest).expect("a state that is known")],
        ..Default::default()
    };
    assert!(
        answer.encoded_len() <= RECORD_BYTES_MAX,
        "{}",
        answer.encoded_len()
    );
}
