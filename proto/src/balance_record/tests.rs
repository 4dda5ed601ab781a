use ledger_core::Amount;

use super::*;

#[test]
fn a_record_comes_back_as_it_went() {
    let record = BalanceRecord {
        sequence: Sequence::new(1),
        time: Timestamp::new(2),
        transfer_id: TransferId::new(3),
        totals: Totals {
            debits_pending: Amount::new(4),
            debits_posted: Amount::new(u128::MAX),
            credits_pending: Amount::new(0),
            credits_posted: Amount::new(5),
        },
    };
    assert_eq!(
        BalanceRecord::from(v1::BalanceRecord::from(&record)),
        record
    );
}
