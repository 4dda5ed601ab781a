use std::collections::HashSet;

use ledger_core::{Amount, TransferFlags};

use super::Generator;
use crate::{BenchOptions, IdOrder, Workload};

fn options(workload: Workload, id_order: IdOrder) -> BenchOptions {
    BenchOptions {
        workload,
        id_order,
        accounts: 50,
        batch: 10,
        ..BenchOptions::new("")
    }
}

#[test]
fn the_same_seed_gives_the_same_transfers_in_any_order_of_asking() {
    for &workload in Workload::ALL {
        for &id_order in IdOrder::ALL {
            let one = Generator::new(&options(workload, id_order));
            let other = Generator::new(&options(workload, id_order));
            let second = other.transfers(10, 10);
            let first = other.transfers(0, 10);
            assert_eq!(
                [one.transfers(0, 10), one.transfers(10, 10)],
                [first, second]
            );
            let seeded = BenchOptions {
                seed: 43,
                ..options(workload, id_order)
            };
            assert_ne!(
                Generator::new(&seeded).transfers(0, 10),
                one.transfers(0, 10)
            );
        }
    }
}

#[test]
fn ids_never_repeat_and_are_never_reserved() {
    for &id_order in IdOrder::ALL {
        let generator = Generator::new(&options(Workload::Uniform, id_order));
        let mut seen = HashSet::new();
        for transfer in generator.transfers(0, 50_000) {
            assert!(!transfer.id.is_zero() && !transfer.id.is_max());
            assert!(seen.insert(transfer.id), "{} repeats", transfer.id);
        }
    }
}

#[test]
fn ids_in_the_order_of_time_grow_and_random_ones_do_not() {
    let ids = |id_order| {
        let transfers = Generator::new(&options(Workload::Uniform, id_order)).transfers(0, 5_000);
        transfers
            .into_iter()
            .map(|transfer| transfer.id)
            .collect::<Vec<_>>()
    };
    assert!(ids(IdOrder::Time).is_sorted_by(|a, b| a < b));
    assert!(!ids(IdOrder::Random).is_sorted());
}

#[test]
fn value_moves_between_two_different_accounts_of_the_run() {
    for workload in [Workload::Uniform, Workload::Hot, Workload::Linked] {
        for accounts in [2, 5, 50] {
            if workload == Workload::Hot && accounts < 5 {
                continue;
            }
            let options = BenchOptions {
                accounts,
                ..options(workload, IdOrder::Time)
            };
            let generator = Generator::new(&options);
            let known: HashSet<_> = (0..accounts)
                .map(|index| generator.account(index).id)
                .collect();
            let mut used = HashSet::new();
            for transfer in generator.transfers(0, 5_000) {
                assert_ne!(transfer.debit_account_id, transfer.credit_account_id);
                for id in [transfer.debit_account_id, transfer.credit_account_id] {
                    assert!(known.contains(&id));
                    used.insert(id);
                }
                assert!(!transfer.amount.is_zero());
            }
            assert_eq!(used.len() as u64, accounts, "every account is used");
        }
    }
}

#[test]
fn a_hot_account_takes_part_in_every_transfer_of_the_hot_workload() {
    let generator = Generator::new(&options(Workload::Hot, IdOrder::Time));
    let hot: HashSet<_> = (0..Workload::HOT_ACCOUNTS)
        .map(|index| generator.account(index).id)
        .collect();
    let transfers = generator.transfers(0, 1_000);
    let debited = transfers
        .iter()
        .filter(|it| hot.contains(&it.debit_account_id))
        .count();
    let credited = transfers
        .iter()
        .filter(|it| hot.contains(&it.credit_account_id))
        .count();
    assert_eq!(debited + credited, 1_000);
    assert!(
        debited > 300 && credited > 300,
        "{debited} debits, {credited} credits"
    );
}

#[test]
fn a_post_follows_its_reservation_within_what_one_caller_sends() {
    for batch in [1, 2, 3, 10] {
        let options = BenchOptions {
            batch,
            ..options(Workload::TwoPhase, IdOrder::Random)
        };
        let generator = Generator::new(&options);
        let unit = generator.unit();
        assert_eq!(unit % batch as u64, 0);
        for first in [0, unit, 2 * unit] {
            let mut open = HashSet::new();
            for transfer in generator.transfers(first, unit) {
                if transfer.flags == TransferFlags::PENDING {
                    open.insert(transfer.id);
                } else {
                    assert_eq!(transfer.flags, TransferFlags::POST_PENDING_TRANSFER);
                    assert_eq!(transfer.amount, Amount::MAX);
                    assert!(
                        open.remove(&transfer.pending_id),
                        "posted before it is reserved"
                    );
                }
            }
            assert!(open.is_empty());
        }
    }
}

#[test]
fn every_chain_ends_within_its_call() {
    for batch in [2_u64, 3, 4, 5, 10] {
        let options = BenchOptions {
            batch: batch as usize,
            ..options(Workload::Linked, IdOrder::Time)
        };
        let generator = Generator::new(&options);
        for first in [0, batch, 7 * batch] {
            for count in 1..=batch {
                let call = generator.transfers(first, count);
                assert_eq!(call.last().unwrap().flags, TransferFlags::NONE);
                let longest = call
                    .split(|transfer| transfer.flags == TransferFlags::NONE)
                    .map(|chain| chain.len() as u64 + 1)
                    .max();
                assert!(longest <= Some(Workload::CHAIN_TRANSFERS));
            }
        }
    }
}
