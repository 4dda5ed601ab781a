//! Lists, histories and the past, as a client sees them.

mod running;

use std::sync::Arc;

use ledger_core::{
    AccountFlags, AccountId, Amount, LedgerId, NewAccount, Sequence, Timestamp, Totals, Transfer,
    TransferFlags, TransferId,
};
use ledger_proto::{
    AccountFilter, At, FieldPath, Range, Reason, Receipt, TransferFilter, TransferRecord,
    TransferState, v1,
};
use ledger_server::Limits;
use running::*;
use tonic::{Code, Status};

/// A page of transfers: the records, the sequence that it is as of, and the next token.
async fn transfers_page(
    ledger: &mut Ledger,
    filter: &TransferFilter,
    direction: v1::Direction,
    page_size: u32,
    page_token: String,
) -> Result<(Vec<TransferRecord>, u64, String), Status> {
    let request = v1::ListTransfersRequest {
        filter: Some(filter.into()),
        page_size,
        page_token,
        direction: direction.into(),
    };
    let page = ledger.list_transfers(request).await?.into_inner();
    let receipt = Receipt::read(page.receipt).expect("a receipt");
    let records = page.transfers.into_iter().enumerate();
    let records = records
        .map(|(index, record)| record.read(FieldPath::item("transfers", index)))
        .collect::<Result<_, _>>()
        .expect("well-formed");
    Ok((records, receipt.sequence.get(), page.next_page_token))
}

/// The ids of all transfers that match, page by page.
async fn transfer_ids(
    ledger: &mut Ledger,
    filter: &TransferFilter,
    direction: v1::Direction,
    page_size: u32,
) -> Vec<u128> {
    let mut ids = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = transfers_page(ledger, filter, direction, page_size, page_token);
        let (records, _, next) = page.await.expect("answered");
        assert!(records.len() <= page_size as usize);
        ids.extend(records.iter().map(|record| record.transfer.id.get()));
        if next.is_empty() {
            return ids;
        }
        page_token = next;
    }
}

/// Moves value to and fro: every third transfer is a reservation.
fn movement(id: u128) -> Transfer {
    let flags = match id % 3 {
        0 => TransferFlags::PENDING,
        _ => TransferFlags::NONE,
    };
    Transfer {
        flags,
        code: u16::try_from(id % 5 + 1).expect("small"),
        user_data_64: u64::try_from(id % 7).expect("small"),
        reference: format!("order {}", id % 11).into(),
        ..transfer(id, id % 3 + 1, (id + 1) % 3 + 1, id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_are_listed_by_what_they_hold() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let all: Vec<_> = (1..=200).map(movement).collect();
    for part in all.chunks(50) {
        let created = ledger.create_transfers(batch(part.to_vec())).await;
        created.expect("answered");
    }
    type Holds = fn(&Transfer) -> bool;
    let account = AccountId::new(2);
    let filters: Vec<(TransferFilter, Holds)> = vec![
        (TransferFilter::default(), |_| true),
        (
            TransferFilter {
                accounts: vec![account],
                ..TransferFilter::default()
            },
            |it| it.debit_account_id.get() == 2 || it.credit_account_id.get() == 2,
        ),
        (
            TransferFilter {
                credit_accounts: vec![account],
                codes: vec![1, 2],
                amount: Range {
                    min: Some(Amount::new(20)),
                    max: Some(Amount::new(150)),
                },
                ..TransferFilter::default()
            },
            |it| {
                it.credit_account_id.get() == 2
                    && it.code <= 2
                    && (20..=150).contains(&it.amount.get())
            },
        ),
        (
            TransferFilter {
                user_data_64: vec![3],
                references: vec!["order 4".into(), "order 5".into()],
                ..TransferFilter::default()
            },
            |it| it.user_data_64 == 3 && matches!(&*it.reference, "order 4" | "order 5"),
        ),
        (
            TransferFilter {
                debit_accounts: vec![account],
                states: vec![TransferState::Pending],
                ledgers: vec![LedgerId::new(1)],
                ..TransferFilter::default()
            },
            |it| it.debit_account_id.get() == 2 && it.flags.contains(TransferFlags::PENDING),
        ),
        (
            TransferFilter {
                ledgers: vec![LedgerId::new(9)],
                ..TransferFilter::default()
            },
            |_| false,
        ),
    ];
    for (filter, holds) in filters {
        let matching = all.iter().filter(|it| holds(it));
        let mut expected: Vec<_> = matching.map(|it| it.id.get()).collect();
        for direction in [v1::Direction::OldestFirst, v1::Direction::NewestFirst] {
            for page_size in [7, 8192] {
                let listed = transfer_ids(&mut ledger, &filter, direction, page_size).await;
                assert_eq!(listed, expected, "{filter:?} {direction:?}");
            }
            expected.reverse();
        }
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_are_as_of_the_first_while_writes_go_on() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let created = ledger.create_transfers(batch((1..=60).map(movement).collect()));
    created.await.expect("answered");
    let pending = TransferFilter {
        states: vec![TransferState::Pending],
        ..TransferFilter::default()
    };
    for filter in [TransferFilter::default(), pending] {
        for direction in [v1::Direction::OldestFirst, v1::Direction::NewestFirst] {
            let whole = transfer_ids(&mut ledger, &filter, direction, 8192).await;
            let (mut listed, mut page_token, mut as_of) = (Vec::new(), String::new(), None);
            loop {
                let page = transfers_page(&mut ledger, &filter, direction, 3, page_token);
                let (records, sequence, next) = page.await.expect("answered");
                assert_eq!(*as_of.get_or_insert(sequence), sequence);
                listed.extend(records.iter().map(|record| record.transfer.id.get()));
                if next.is_empty() {
                    break;
                }
                page_token = next;
                // More transfers, and the end of a reservation, between two pages.
                let id = 1_000_000 * u128::from(sequence) + listed.len() as u128 * 10;
                let more = vec![
                    transfer(id, 1, 2, 1),
                    Transfer {
                        flags: TransferFlags::PENDING,
                        ..transfer(id + 1, 1, 2, 1)
                    },
                    Transfer {
                        pending_id: TransferId::new(id + 1),
                        flags: TransferFlags::VOID_PENDING_TRANSFER,
                        ..transfer(id + 2, 0, 0, 0)
                    },
                ];
                let more = ledger
                    .create_transfers(batch(more))
                    .await
                    .expect("answered");
                assert_eq!(more.get_ref().results.len(), 3);
            }
            assert_eq!(listed, whole, "{direction:?}");
        }
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_by_what_they_are() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    let accounts: Vec<_> = (1..=30_u32)
        .map(|id| NewAccount {
            ledger: LedgerId::new(id % 2 + 1),
            code: u16::try_from(id % 3 + 1).expect("small"),
            name: format!("Assets:{}", id % 4).into(),
            flags: match id % 5 {
                0 => AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                _ => AccountFlags::NONE,
            },
            ..account(id.into())
        })
        .collect();
    create(&mut ledger, &accounts).await;
    type Holds = fn(&NewAccount) -> bool;
    let filters: Vec<(AccountFilter, Holds)> = vec![
        (AccountFilter::default(), |_| true),
        (
            AccountFilter {
                ledgers: vec![LedgerId::new(2)],
                codes: vec![1, 3],
                ..AccountFilter::default()
            },
            |it| it.ledger.get() == 2 && it.code != 2,
        ),
        (
            AccountFilter {
                name_prefix: "Assets:3".into(),
                flags_clear: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                ..AccountFilter::default()
            },
            |it| &*it.name == "Assets:3" && it.flags == AccountFlags::NONE,
        ),
        (
            AccountFilter {
                flags_set: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                ..AccountFilter::default()
            },
            |it| it.flags != AccountFlags::NONE,
        ),
    ];
    for (filter, holds) in filters {
        let mut expected: Vec<_> = accounts.iter().filter(|it| holds(it)).collect();
        for direction in [v1::Direction::OldestFirst, v1::Direction::NewestFirst] {
            let mut listed = Vec::new();
            let mut page_token = String::new();
            loop {
                let request = v1::ListAccountsRequest {
                    filter: Some((&filter).into()),
                    page_size: 4,
                    page_token,
                    direction: direction.into(),
                };
                let page = ledger.list_accounts(request).await.expect("answered");
                let page = page.into_inner();
                listed.extend(page.accounts);
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            let names = |it: &v1::Account| (it.id.map_or(0, u128::from), it.name.clone());
            let listed: Vec<_> = listed.iter().map(names).collect();
            let expected_names: Vec<_> = expected
                .iter()
                .map(|it| (it.id.get(), it.name.to_string()))
                .collect();
            assert_eq!(listed, expected_names, "{filter:?} {direction:?}");
            expected.reverse();
        }
    }
    running.stop().await;
}

async fn balances_at(ledger: &mut Ledger, at: At) -> Result<(Receipt, Vec<Totals>), Status> {
    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[1, 2, 3]),
        at: at.into(),
    };
    let answer = ledger.get_balances(request).await?.into_inner();
    let receipt = Receipt::read(answer.receipt).expect("a receipt");
    let totals = answer.balances.into_iter().map(|it| it.read().1).collect();
    Ok((receipt, totals))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_moment_of_the_past_is_told_as_it_was() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let mut moments = Vec::new();
    for first in (1..=60).step_by(3) {
        let moved = batch((first..first + 3).map(movement).collect());
        ledger.create_transfers(moved).await.expect("answered");
        moments.push(balances_at(&mut ledger, At::Now).await.expect("answered"));
    }
    for (receipt, totals) in &moments {
        let of_request = [
            At::Sequence(receipt.sequence),
            // Inside the next request: it is not seen in part.
            At::Sequence(receipt.sequence.next()),
            At::Time(receipt.time),
        ];
        let newest = &moments.last().expect("there are some").0;
        for at in of_request {
            if at == of_request[1] && receipt.sequence == newest.sequence {
                continue;
            }
            let (then, told) = balances_at(&mut ledger, at).await.expect("answered");
            assert_eq!(then.sequence, receipt.sequence, "{at:?}");
            assert_eq!(&told, totals, "{at:?}");
            // The trial balance tells the same, and proves it.
            let request = v1::GetTrialBalanceRequest {
                at: at.into(),
                ..Default::default()
            };
            let trial = ledger.get_trial_balance(request).await.expect("answered");
            let trial = trial.into_inner();
            let rows: Vec<_> = trial.rows.iter().map(v1::TrialBalanceRow::totals).collect();
            assert_eq!(&rows, totals, "{at:?}");
            assert!(trial.proofs.iter().all(|proof| proof.balanced));
        }
    }
    // The history of an account tells the same again.
    for (account, index) in [(1_u128, 0_usize), (2, 1), (3, 2)] {
        let mut history = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = v1::ListBalancesRequest {
                account_id: Some(account.into()),
                page_size: 5,
                page_token,
                ..Default::default()
            };
            let page = ledger.list_balances(request).await.expect("answered");
            let page = page.into_inner();
            history.extend(
                page.balances
                    .into_iter()
                    .map(ledger_proto::BalanceRecord::from),
            );
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert!(history.is_sorted_by_key(|record| record.sequence));
        for (receipt, totals) in &moments {
            let last = history.iter().rfind(|it| it.sequence <= receipt.sequence);
            assert_eq!(last.expect("every account moved").totals, totals[index]);
        }
        let request = v1::ListBalancesRequest {
            account_id: Some(account.into()),
            page_size: 1,
            direction: v1::Direction::NewestFirst.into(),
            ..Default::default()
        };
        let newest = ledger.list_balances(request).await.expect("answered");
        let newest = newest.into_inner().balances[0];
        assert_eq!(
            newest.sequence,
            history.last().expect("some").sequence.get()
        );
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_that_has_not_come_is_out_of_range() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let beyond = [
        (At::Sequence(Sequence::new(4)), "at_sequence"),
        (At::Time(Timestamp::new(1 << 62)), "at_time"),
    ];
    for (at, field) in beyond {
        let error = balances_at(&mut ledger, at).await.expect_err("beyond");
        let explanation = assert_refused(&error, Code::OutOfRange, Reason::BeyondEnd);
        assert_eq!(&*explanation.fields[0].0, field);
        let request = v1::GetTrialBalanceRequest {
            at: at.into(),
            ..Default::default()
        };
        let error = ledger.get_trial_balance(request).await.expect_err("beyond");
        assert_refused(&error, Code::OutOfRange, Reason::BeyondEnd);
    }
    // Before the first event there is nothing.
    let (receipt, totals) = balances_at(&mut ledger, At::Sequence(Sequence::ZERO))
        .await
        .expect("answered");
    assert_eq!((receipt.sequence, totals), (Sequence::ZERO, vec![]));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_without_sense_is_refused_by_its_field() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    type Change = fn(&mut v1::TransferFilter);
    let cases: &[(Change, &str)] = &[
        (|it| it.account_ids.push(0.into()), "filter.account_ids[0]"),
        (
            |it| it.account_ids.push(u128::MAX.into()),
            "filter.account_ids",
        ),
        (|it| it.codes = vec![1; 129], "filter.codes"),
        (|it| it.codes.push(65_536), "filter.codes[0]"),
        (|it| it.states.push(77), "filter.states[0]"),
        (|it| it.references.push("x".repeat(65)), "filter.references"),
        (
            |it| it.time = Some(v1::TimeRange { min: 2, max: 1 }),
            "filter.time",
        ),
        (
            |it| {
                it.age_s_min = 2;
                it.age_s_max = Some(1);
            },
            "filter.age_s_max",
        ),
        (
            |it| {
                it.debit_account_ids.push(1.into());
                it.credit_account_ids.push(1.into());
            },
            "filter.debit_account_ids",
        ),
        (
            |it| {
                it.pending_ids.push(1.into());
                it.reverses_ids.push(1.into());
            },
            "filter.pending_ids",
        ),
    ];
    for (change, at) in cases {
        let mut filter = v1::TransferFilter::default();
        change(&mut filter);
        let request = v1::ListTransfersRequest {
            filter: Some(filter),
            ..Default::default()
        };
        let error = ledger.list_transfers(request).await.expect_err("senseless");
        assert_invalid(&error, at);
    }
    let requests = [
        (
            v1::ListTransfersRequest {
                direction: 3,
                ..Default::default()
            },
            "direction",
        ),
        (
            v1::ListTransfersRequest {
                page_size: 8193,
                ..Default::default()
            },
            "page_size",
        ),
    ];
    for (request, at) in requests {
        let error = ledger.list_transfers(request).await.expect_err("senseless");
        assert_invalid(&error, at);
    }
    let filter = v1::AccountFilter {
        flags_set: 2 | 4,
        ..Default::default()
    };
    let request = v1::ListAccountsRequest {
        filter: Some(filter),
        ..Default::default()
    };
    let error = ledger.list_accounts(request).await.expect_err("senseless");
    assert_invalid(&error, "filter.flags_set");
    let error = ledger
        .list_balances(v1::ListBalancesRequest::default())
        .await
        .expect_err("no account");
    assert_invalid(&error, "account_id");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_list_only() {
    let running = Running::start().await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let moved = batch((1..=20).map(movement).collect());
    ledger.create_transfers(moved).await.expect("answered");
    let (all, oldest) = (TransferFilter::default(), v1::Direction::OldestFirst);
    let first = transfers_page(&mut ledger, &all, oldest, 2, String::new()).await;
    let (_, as_of, token) = first.expect("answered");

    // Another page size is no other question.
    let page = transfers_page(&mut ledger, &all, oldest, 5, token.clone()).await;
    let ids: Vec<_> = page
        .expect("answered")
        .0
        .iter()
        .map(|it| it.transfer.id.get())
        .collect();
    assert_eq!(ids, [3, 4, 5, 6, 7]);

    let other = TransferFilter {
        codes: vec![1],
        ..TransferFilter::default()
    };
    let newest = v1::Direction::NewestFirst;
    for (filter, direction) in [(&other, oldest), (&all, newest)] {
        let page = transfers_page(&mut ledger, filter, direction, 2, token.clone()).await;
        assert_invalid(&page.expect_err("another question"), "page_token");
    }
    let request = v1::ListAccountsRequest {
        page_token: token.clone(),
        ..Default::default()
    };
    let error = ledger
        .list_accounts(request)
        .await
        .expect_err("another list");
    assert_invalid(&error, "page_token");

    let of_other_epoch = checked(&format!("{:032x}{}", 1, &token[32..]));
    let page = transfers_page(&mut ledger, &all, oldest, 2, of_other_epoch).await;
    let error = page.expect_err("another epoch");
    let explanation = assert_refused(&error, Code::FailedPrecondition, Reason::EpochChanged);
    assert_eq!(explanation.fork, None, "it is no ancestor of this one");

    // All twenty were created by one request: no page is of a moment inside it.
    let inside = format!("{}{:016x}{}", &token[..48], as_of - 1, &token[64..]);
    let page = transfers_page(&mut ledger, &all, oldest, 2, checked(&inside)).await;
    assert_invalid(&page.expect_err("inside a request"), "page_token");

    let beyond = format!("{}{:016x}{}", &token[..48], as_of + 1000, &token[64..]);
    let page = transfers_page(&mut ledger, &all, oldest, 2, checked(&beyond)).await;
    assert_refused(
        &page.expect_err("beyond the end"),
        Code::OutOfRange,
        Reason::BeyondEnd,
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_beyond_the_limit_are_refused_and_may_be_tried_again() {
    let limits = Limits {
        reads_max: 0,
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 3).await;
    let all = TransferFilter::default();
    let oldest = v1::Direction::OldestFirst;
    let page = transfers_page(&mut ledger, &all, oldest, 1, String::new()).await;
    let error = page.expect_err("no read is allowed");
    let explanation = assert_refused(&error, Code::ResourceExhausted, Reason::Limit);
    assert_eq!(explanation.limit.as_deref(), Some("reads_max"));
    assert!(explanation.retry_after.is_some());
    // What the writer answers goes on.
    balances_at(&mut ledger, At::Now).await.expect("answered");
    running.stop().await;

    // With one place, all of many readers are answered in the end.
    let limits = Limits {
        reads_max: 1,
        ..Limits::default()
    };
    let running = Arc::new(Running::start_with(limits, config()).await);
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let mut ledger = running.ledger().await;
        readers.spawn(async move {
            loop {
                let request = v1::ListTransfersRequest::default();
                match ledger.list_transfers(request).await {
                    Ok(_) => return,
                    Err(error) => {
                        assert_refused(&error, Code::ResourceExhausted, Reason::Limit);
                        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    }
                }
            }
        });
    }
    while let Some(done) = readers.join_next().await {
        done.expect("answered in the end");
    }
    let running = Arc::into_inner(running).expect("nobody else has it");
    running.stop().await;
}
