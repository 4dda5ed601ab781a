use ledger_core::{AccountFlags, AccountId, Amount, LedgerId, NewAccount, Timestamp, Totals};
use prost::Message as _;

use super::*;

#[test]
fn the_longest_account_is_no_longer_than_is_said() {
    let longest = NewAccount {
        id: AccountId::new(u128::MAX),
        ledger: LedgerId::new(u32::MAX),
        code: u16::MAX,
        flags: AccountFlags::from_bits(u32::MAX),
        user_data_128: u128::MAX,
        user_data_64: u64::MAX,
        user_data_32: u32::MAX,
        overdraft_limit: Amount::MAX,
        balance_max: Amount::MAX,
        name: "x".repeat(NewAccount::NAME_BYTES_MAX).into(),
        timestamp: Timestamp::new(u64::MAX),
        totals: Totals {
            debits_pending: Amount::MAX,
            debits_posted: Amount::MAX,
            credits_pending: Amount::MAX,
            credits_posted: Amount::MAX,
        },
    };
    let answer = v1::ListAccountsResponse {
        accounts: vec![(&longest).into()],
        ..Default::default()
    };
    assert!(
        answer.encoded_len() <= ACCOUNT_BYTES_MAX,
        "{}",
        answer.encoded_len()
    );
}
