//! Writing events. This is on the way of every write: no allocation, one pass.

use ledger_core::{
    AccountUpdate, Event, Fact, NewAccount, NewLedger, Timestamp, Totals, Transfer,
    TransferCreated, TransferExpired, TransferRejected,
};

use super::{EVENT_ROOM_BYTES, account_bits, transfer_bits, update_bits};
use crate::journal::integer::{put_bytes, put_integer};
use crate::journal::payload::{
    ACCOUNT_CREATED, ACCOUNT_UPDATED, CHAINED, EPOCH_BEGAN, ITEM_HEADER_BYTES, LEDGER_REGISTERED,
    TRANSFER_CREATED, TRANSFER_EXPIRED, TRANSFER_FENCED, TRANSFER_REJECTED,
};

/// Writes an event at the start of `bytes`, which has [`EVENT_ROOM_BYTES`], and returns its length.
///
/// # Panics
/// If the event's time is before the base time, or a text is longer than the rules allow.
pub(in crate::journal) fn put_event(
    bytes: &mut [u8],
    event: &Event,
    base_time: Timestamp,
) -> usize {
    let bytes = &mut bytes[..EVENT_ROOM_BYTES];
    let after_base = event
        .time
        .get()
        .checked_sub(base_time.get())
        .expect("no event's time is below the base time of its frame");
    let mut at = ITEM_HEADER_BYTES;
    put_integer(bytes, &mut at, u128::from(after_base));
    let item_type = match &event.fact {
        Fact::TransferCreated(created) => {
            put_transfer_created(bytes, &mut at, created, event.time);
            TRANSFER_CREATED
        }
        Fact::TransferRejected(rejected) => {
            put_transfer_rejected(bytes, &mut at, rejected);
            TRANSFER_REJECTED
        }
        Fact::TransferExpired(expired) => {
            put_transfer_expired(bytes, &mut at, expired);
            TRANSFER_EXPIRED
        }
        Fact::TransferFenced(transfer) => {
            let presence = presence_of(transfer, event.time);
            put_bytes(bytes, &mut at, &presence.to_le_bytes());
            put_transfer(bytes, &mut at, transfer, presence);
            TRANSFER_FENCED
        }
        Fact::AccountCreated(account) => {
            put_account_created(bytes, &mut at, account, event.time);
            ACCOUNT_CREATED
        }
        Fact::AccountUpdated(update) => {
            put_account_updated(bytes, &mut at, update);
            ACCOUNT_UPDATED
        }
        Fact::LedgerRegistered(ledger) => {
            put_ledger_registered(bytes, &mut at, ledger);
            LEDGER_REGISTERED
        }
        Fact::EpochBegan(began) => {
            put_bytes(bytes, &mut at, &began.epoch.to_le_bytes());
            put_bytes(bytes, &mut at, &began.parent.to_le_bytes());
            put_integer(bytes, &mut at, u128::from(began.fork.get()));
            EPOCH_BEGAN
        }
        _ => unreachable!("every fact of the core has a form in the journal"),
    };
    bytes[0] = if event.chained {
        item_type | CHAINED
    } else {
        item_type
    };
    bytes[1..3].copy_from_slice(&((at - ITEM_HEADER_BYTES) as u16).to_le_bytes());
    at
}

fn put_transfer_created(
    bytes: &mut [u8],
    at: &mut usize,
    created: &TransferCreated,
    time: Timestamp,
) {
    let hold = created.hold;
    let has_hold = !(hold.posted.is_zero() && hold.released.is_zero() && hold.rest.is_zero());
    let presence = presence_of(&created.transfer, time)
        | bit(created.took_all, transfer_bits::TOOK_ALL)
        | bit(has_hold, transfer_bits::HOLD)
        | bit(!created.reversed.is_zero(), transfer_bits::REVERSED);
    put_bytes(bytes, at, &presence.to_le_bytes());
    bytes[*at] = totals_presence(&created.debit_after, &created.credit_after);
    *at += 1;
    put_transfer(bytes, at, &created.transfer, presence);
    if has_hold {
        put_integer(bytes, at, hold.posted.get());
        put_integer(bytes, at, hold.released.get());
        put_integer(bytes, at, hold.rest.get());
    }
    if !created.reversed.is_zero() {
        put_integer(bytes, at, created.reversed.get());
    }
    put_totals(bytes, at, &created.debit_after);
    put_totals(bytes, at, &created.credit_after);
}

fn presence_of(transfer: &Transfer, time: Timestamp) -> u16 {
    bit(!transfer.pending_id.is_zero(), transfer_bits::PENDING_ID)
        | bit(!transfer.reverses_id.is_zero(), transfer_bits::REVERSES_ID)
        | bit(!transfer.group_id.is_zero(), transfer_bits::GROUP_ID)
        | bit(transfer.user_data_128 != 0, transfer_bits::USER_DATA_128)
        | bit(transfer.user_data_64 != 0, transfer_bits::USER_DATA_64)
        | bit(transfer.user_data_32 != 0, transfer_bits::USER_DATA_32)
        | bit(!transfer.reference.is_empty(), transfer_bits::REFERENCE)
        | bit(transfer.timeout != 0, transfer_bits::TIMEOUT)
        | bit(transfer.flags.bits() != 0, transfer_bits::FLAGS)
        | bit(transfer.timestamp != time, transfer_bits::TIMESTAMP)
}

const fn bit(is_set: bool, bit: u16) -> u16 {
    if is_set { bit } else { 0 }
}

fn put_transfer(bytes: &mut [u8], at: &mut usize, transfer: &Transfer, presence: u16) {
    let has = |bit| presence & bit != 0;
    put_bytes(bytes, at, &transfer.id.get().to_le_bytes());
    put_bytes(bytes, at, &transfer.debit_account_id.get().to_le_bytes());
    put_bytes(bytes, at, &transfer.credit_account_id.get().to_le_bytes());
    put_bytes(bytes, at, &transfer.code.to_le_bytes());
    put_integer(bytes, at, u128::from(transfer.ledger.get()));
    put_integer(bytes, at, transfer.amount.get());
    if presence == 0 {
        return;
    }
    if has(transfer_bits::PENDING_ID) {
        put_bytes(bytes, at, &transfer.pending_id.get().to_le_bytes());
    }
    if has(transfer_bits::REVERSES_ID) {
        put_bytes(bytes, at, &transfer.reverses_id.get().to_le_bytes());
    }
    if has(transfer_bits::GROUP_ID) {
        put_bytes(bytes, at, &transfer.group_id.get().to_le_bytes());
    }
    if has(transfer_bits::USER_DATA_128) {
        put_integer(bytes, at, transfer.user_data_128);
    }
    if has(transfer_bits::USER_DATA_64) {
        put_integer(bytes, at, u128::from(transfer.user_data_64));
    }
    if has(transfer_bits::USER_DATA_32) {
        put_integer(bytes, at, u128::from(transfer.user_data_32));
    }
    if has(transfer_bits::REFERENCE) {
        put_text(
            bytes,
            at,
            &transfer.reference,
            Transfer::REFERENCE_BYTES_MAX,
        );
    }
    if has(transfer_bits::TIMEOUT) {
        put_integer(bytes, at, u128::from(transfer.timeout));
    }
    if has(transfer_bits::FLAGS) {
        put_integer(bytes, at, u128::from(transfer.flags.bits()));
    }
    if has(transfer_bits::TIMESTAMP) {
        put_integer(bytes, at, u128::from(transfer.timestamp.get()));
    }
}

fn put_text(bytes: &mut [u8], at: &mut usize, text: &str, bytes_max: usize) {
    assert!(
        text.len() <= bytes_max,
        "a text is judged to fit {bytes_max} bytes before it is recorded"
    );
    bytes[*at] = text.len() as u8;
    *at += 1;
    put_bytes(bytes, at, text.as_bytes());
}

fn totals_presence(debit: &Totals, credit: &Totals) -> u8 {
    let of = |totals: &Totals| {
        u8::from(!totals.debits_pending.is_zero())
            | u8::from(!totals.debits_posted.is_zero()) << 1
            | u8::from(!totals.credits_pending.is_zero()) << 2
            | u8::from(!totals.credits_posted.is_zero()) << 3
    };
    of(debit) | of(credit) << 4
}

fn put_totals(bytes: &mut [u8], at: &mut usize, totals: &Totals) {
    for total in [
        totals.debits_pending,
        totals.debits_posted,
        totals.credits_pending,
        totals.credits_posted,
    ] {
        if !total.is_zero() {
            put_integer(bytes, at, total.get());
        }
    }
}

fn put_transfer_rejected(bytes: &mut [u8], at: &mut usize, rejected: &TransferRejected) {
    put_bytes(bytes, at, &rejected.id.get().to_le_bytes());
    bytes[*at] = rejected.status.number();
    *at += 1;
    put_integer(bytes, at, rejected.control_id);
}

fn put_transfer_expired(bytes: &mut [u8], at: &mut usize, expired: &TransferExpired) {
    bytes[*at] = totals_presence(&expired.debit_after, &expired.credit_after);
    *at += 1;
    put_bytes(bytes, at, &expired.pending_id.get().to_le_bytes());
    put_bytes(bytes, at, &expired.debit_account_id.get().to_le_bytes());
    put_bytes(bytes, at, &expired.credit_account_id.get().to_le_bytes());
    put_integer(bytes, at, u128::from(expired.ledger.get()));
    put_integer(bytes, at, expired.posted.get());
    put_integer(bytes, at, expired.released.get());
    put_totals(bytes, at, &expired.debit_after);
    put_totals(bytes, at, &expired.credit_after);
}

fn put_account_created(bytes: &mut [u8], at: &mut usize, account: &NewAccount, time: Timestamp) {
    assert!(
        account.totals == Totals::ZERO,
        "an account is created with nothing on it"
    );
    let presence_at = *at;
    *at += 1;
    put_bytes(bytes, at, &account.id.get().to_le_bytes());
    put_bytes(bytes, at, &account.code.to_le_bytes());
    put_integer(bytes, at, u128::from(account.ledger.get()));
    let numbers = [
        (account_bits::FLAGS, u128::from(account.flags.bits())),
        (account_bits::USER_DATA_128, account.user_data_128),
        (account_bits::USER_DATA_64, u128::from(account.user_data_64)),
        (account_bits::USER_DATA_32, u128::from(account.user_data_32)),
        (account_bits::OVERDRAFT_LIMIT, account.overdraft_limit.get()),
        (account_bits::BALANCE_MAX, account.balance_max.get()),
    ];
    let mut presence = 0;
    for (bit, number) in numbers {
        if number != 0 {
            presence |= bit;
            put_integer(bytes, at, number);
        }
    }
    if !account.name.is_empty() {
        presence |= account_bits::NAME;
        put_text(bytes, at, &account.name, NewAccount::NAME_BYTES_MAX);
    }
    if account.timestamp != time {
        presence |= account_bits::TIMESTAMP;
        put_integer(bytes, at, u128::from(account.timestamp.get()));
    }
    bytes[presence_at] = presence;
}

fn put_account_updated(bytes: &mut [u8], at: &mut usize, update: &AccountUpdate) {
    let presence_at = *at;
    *at += 1;
    put_bytes(bytes, at, &update.update_id.get().to_le_bytes());
    put_bytes(bytes, at, &update.id.get().to_le_bytes());
    let mut presence = 0;
    if let Some(limit) = update.overdraft_limit {
        presence |= update_bits::OVERDRAFT_LIMIT;
        put_integer(bytes, at, limit.get());
    }
    if let Some(max) = update.balance_max {
        presence |= update_bits::BALANCE_MAX;
        put_integer(bytes, at, max.get());
    }
    if let Some(name) = &update.name {
        presence |= update_bits::NAME;
        put_text(bytes, at, name, NewAccount::NAME_BYTES_MAX);
    }
    bytes[presence_at] = presence;
}

fn put_ledger_registered(bytes: &mut [u8], at: &mut usize, ledger: &NewLedger) {
    put_integer(bytes, at, u128::from(ledger.id.get()));
    put_integer(bytes, at, u128::from(ledger.scale));
    put_text(bytes, at, &ledger.code, NewLedger::CODE_BYTES_MAX);
}
