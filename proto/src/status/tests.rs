use ledger_core::{AccountFlags, TransferFlags};

use super::*;

/// Holds an enum of the contract against the core's: the same numbers, and the same names behind
/// the prefix.
fn agrees<S: Copy + std::fmt::Display>(
    prefix: &str,
    statuses: &[S],
    number: impl Fn(S) -> u8,
    wire_name: impl Fn(i32) -> Option<&'static str>,
) {
    let mut numbers: Vec<i32> = statuses
        .iter()
        .map(|&status| number(status).into())
        .collect();
    for (&status, &number) in statuses.iter().zip(&numbers) {
        let name = format!("{prefix}_{status}").to_uppercase();
        assert_eq!(wire_name(number), Some(name.as_str()), "{number}");
    }
    // Nothing on the wire that the core does not know, but the absent one.
    numbers.push(0);
    numbers.sort_unstable();
    let wire: Vec<i32> = (-1..70_000)
        .filter(|&number| wire_name(number).is_some())
        .collect();
    assert_eq!(wire, numbers);
}

#[test]
fn the_contract_has_the_statuses_of_the_core() {
    agrees(
        "TRANSFER_STATUS",
        TransferStatus::ALL,
        TransferStatus::number,
        |number| {
            v1::TransferStatus::try_from(number)
                .ok()
                .map(|status| status.as_str_name())
        },
    );
    agrees(
        "ACCOUNT_STATUS",
        AccountStatus::ALL,
        AccountStatus::number,
        |number| {
            v1::AccountStatus::try_from(number)
                .ok()
                .map(|status| status.as_str_name())
        },
    );
    agrees(
        "UPDATE_STATUS",
        UpdateStatus::ALL,
        UpdateStatus::number,
        |number| {
            v1::UpdateStatus::try_from(number)
                .ok()
                .map(|status| status.as_str_name())
        },
    );
    agrees(
        "LEDGER_STATUS",
        LedgerStatus::ALL,
        LedgerStatus::number,
        |number| {
            v1::LedgerStatus::try_from(number)
                .ok()
                .map(|status| status.as_str_name())
        },
    );
}

#[test]
fn the_contract_has_the_flags_of_the_core() {
    for bit in 0..31u32 {
        let known = !TransferFlags::from_bits(1 << bit).has_reserved();
        assert_eq!(
            v1::TransferFlag::try_from(1 << bit).is_ok(),
            known,
            "bit {bit}"
        );
        let known = !AccountFlags::from_bits(1 << bit).has_reserved();
        assert_eq!(
            v1::AccountFlag::try_from(1 << bit).is_ok(),
            known,
            "bit {bit}"
        );
    }
    assert_eq!(v1::TransferFlag::Fence as u32, TransferFlags::FENCE.bits());
    assert_eq!(
        v1::TransferFlag::KeepOpen as u32,
        TransferFlags::KEEP_OPEN.bits()
    );
    assert_eq!(
        v1::TransferFlag::Imported as u32,
        TransferFlags::IMPORTED.bits()
    );
    assert_eq!(v1::AccountFlag::Closed as u32, AccountFlags::CLOSED.bits());
}

#[test]
fn a_status_of_a_newer_version_is_no_status_here() {
    for number in [0, 18, 127, 255, 256, -1, i32::MAX] {
        let error = transfer(number, FieldPath::item("results", 1).with("status"));
        assert_eq!(
            error.expect_err("unknown").at().to_string(),
            "results[1].status"
        );
    }
}
