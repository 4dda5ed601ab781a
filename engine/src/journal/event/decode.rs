//! Reading events. Whatever the bytes are, the answer is an event or an error, and an event only
//! if writing it again would give the same bytes.

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, EpochBegan, Event, Fact, GroupId, HoldAfter,
    LedgerId, NewAccount, NewLedger, Sequence, Timestamp, Totals, Transfer, TransferCreated,
    TransferExpired, TransferFlags, TransferId, TransferRejected, TransferStatus, UpdateId,
};

use super::{account_bits, transfer_bits, update_bits};
use crate::journal::FORMAT_VERSION;
use crate::journal::integer::Cursor;
use crate::journal::payload::{
    ACCOUNT_CREATED, ACCOUNT_UPDATED, DecodeError, EPOCH_BEGAN, Item, LEDGER_REGISTERED,
    TRANSFER_CREATED, TRANSFER_EXPIRED, TRANSFER_FENCED, TRANSFER_REJECTED,
};

/// Reads an event from its item.
pub(in crate::journal) fn read_event(
    item: &Item<'_>,
    sequence: Sequence,
    base_time: Timestamp,
) -> Result<Event, DecodeError> {
    let mut event = blank_event();
    read_event_into(&mut event, item, sequence, base_time)?;
    Ok(event)
}

/// An event to read others into. What it says means nothing.
pub(in crate::journal) fn blank_event() -> Event {
    Event {
        sequence: Sequence::ZERO,
        time: Timestamp::ZERO,
        chained: false,
        fact: Fact::TransferCreated(blank_transfer()),
    }
}

/// Reads an event from its item into one that is no longer needed. Events are large, and there are
/// millions of them to replay: moving each through a few results would cost more than reading it.
/// After an error the event means nothing.
#[inline]
pub(in crate::journal) fn read_event_into(
    event: &mut Event,
    item: &Item<'_>,
    sequence: Sequence,
    base_time: Timestamp,
) -> Result<(), DecodeError> {
    let cursor = &mut Cursor::new(item.body);
    let after_base: u64 = cursor.narrow()?;
    let time = base_time
        .get()
        .checked_add(after_base)
        .map(Timestamp::new)
        .filter(|&time| time <= Timestamp::MAX)
        .ok_or(DecodeError::Time)?;
    event.sequence = sequence;
    event.time = time;
    event.chained = item.chained;
    if item.item_type == TRANSFER_CREATED {
        if !matches!(event.fact, Fact::TransferCreated(_)) {
            event.fact = Fact::TransferCreated(blank_transfer());
        }
        if let Fact::TransferCreated(created) = &mut event.fact {
            transfer_created(created, cursor, time)?;
        }
    } else {
        event.fact = rarer_fact(item.item_type, cursor, time)?;
    }
    cursor.finish()
}

fn rarer_fact(
    item_type: u8,
    cursor: &mut Cursor<'_>,
    time: Timestamp,
) -> Result<Fact, DecodeError> {
    Ok(match item_type {
        TRANSFER_REJECTED => Fact::TransferRejected(transfer_rejected(cursor)?),
        TRANSFER_EXPIRED => Fact::TransferExpired(transfer_expired(cursor)?),
        TRANSFER_FENCED => {
            let presence = presence(cursor, transfer_bits::OF_FENCED)?;
            let mut fenced = Transfer::default();
            transfer(&mut fenced, cursor, presence, time)?;
            Fact::TransferFenced(fenced)
        }
        ACCOUNT_CREATED => Fact::AccountCreated(account_created(cursor, time)?),
        ACCOUNT_UPDATED => Fact::AccountUpdated(account_updated(cursor)?),
        LEDGER_REGISTERED => Fact::LedgerRegistered(ledger_registered(cursor)?),
        EPOCH_BEGAN => Fact::EpochBegan(EpochBegan {
            epoch: cursor.u128()?,
            parent: cursor.u128()?,
            fork: Sequence::new(cursor.narrow()?),
        }),
        _ => return Err(DecodeError::NotCanonical),
    })
}

fn blank_transfer() -> TransferCreated {
    TransferCreated {
        transfer: Transfer::default(),
        took_all: false,
        hold: HoldAfter::default(),
        reversed: Amount::ZERO,
        debit_after: Totals::ZERO,
        credit_after: Totals::ZERO,
    }
}

fn presence(cursor: &mut Cursor<'_>, known: u16) -> Result<u16, DecodeError> {
    let presence = cursor.u16()?;
    if presence & !known != 0 {
        return Err(DecodeError::NotCanonical);
    }
    Ok(presence)
}

/// Insists that a field that is said to be present is not zero.
fn present<T: PartialEq + Default>(value: T) -> Result<T, DecodeError> {
    if value == T::default() {
        return Err(DecodeError::NotCanonical);
    }
    Ok(value)
}

#[inline]
fn transfer_created(
    created: &mut TransferCreated,
    cursor: &mut Cursor<'_>,
    time: Timestamp,
) -> Result<(), DecodeError> {
    let presence = presence(cursor, transfer_bits::OF_CREATED)?;
    let totals_presence = cursor.u8()?;
    transfer(&mut created.transfer, cursor, presence, time)?;
    let has = |bit| presence & bit != 0;
    created.took_all = has(transfer_bits::TOOK_ALL);
    created.hold = HoldAfter::default();
    created.reversed = Amount::ZERO;
    if has(transfer_bits::HOLD) {
        created.hold = present(HoldAfter {
            posted: amount(cursor)?,
            released: amount(cursor)?,
            rest: amount(cursor)?,
        })?;
    }
    if has(transfer_bits::REVERSED) {
        created.reversed = present(amount(cursor)?)?;
    }
    totals(&mut created.debit_after, cursor, totals_presence)?;
    totals(&mut created.credit_after, cursor, totals_presence >> 4)
}

/// Sets every field of `transfer`, whatever it was before.
#[inline]
fn transfer(
    transfer: &mut Transfer,
    cursor: &mut Cursor<'_>,
    presence: u16,
    time: Timestamp,
) -> Result<(), DecodeError> {
    let [id, debit, credit] = cursor.u128s()?;
    transfer.id = TransferId::new(id);
    transfer.debit_account_id = AccountId::new(debit);
    transfer.credit_account_id = AccountId::new(credit);
    transfer.code = cursor.u16()?;
    transfer.ledger = LedgerId::new(cursor.narrow()?);
    put_amount(&mut transfer.amount, cursor)?;
    transfer.timestamp = time;
    transfer.pending_id = TransferId::ZERO;
    transfer.reverses_id = TransferId::ZERO;
    transfer.group_id = GroupId::ZERO;
    transfer.user_data_128 = 0;
    transfer.user_data_64 = 0;
    transfer.user_data_32 = 0;
    transfer.timeout = 0;
    transfer.flags = TransferFlags::NONE;
    if !transfer.reference.is_empty() {
        transfer.reference = Box::default();
    }
    if presence & transfer_bits::OF_FENCED == 0 {
        return Ok(());
    }
    rarer_fields(transfer, cursor, presence, time)
}

fn rarer_fields(
    transfer: &mut Transfer,
    cursor: &mut Cursor<'_>,
    presence: u16,
    time: Timestamp,
) -> Result<(), DecodeError> {
    let has = |bit| presence & bit != 0;
    if has(transfer_bits::PENDING_ID) {
        transfer.pending_id = present(TransferId::new(cursor.u128()?))?;
    }
    if has(transfer_bits::REVERSES_ID) {
        transfer.reverses_id = present(TransferId::new(cursor.u128()?))?;
    }
    if has(transfer_bits::GROUP_ID) {
        transfer.group_id = present(GroupId::new(cursor.u128()?))?;
    }
    if has(transfer_bits::USER_DATA_128) {
        transfer.user_data_128 = present(cursor.integer()?)?;
    }
    if has(transfer_bits::USER_DATA_64) {
        transfer.user_data_64 = present(cursor.narrow()?)?;
    }
    if has(transfer_bits::USER_DATA_32) {
        transfer.user_data_32 = present(cursor.narrow()?)?;
    }
    if has(transfer_bits::REFERENCE) {
        transfer.reference = present(text(cursor, Transfer::REFERENCE_BYTES_MAX)?)?;
    }
    if has(transfer_bits::TIMEOUT) {
        transfer.timeout = present(cursor.narrow()?)?;
    }
    if has(transfer_bits::FLAGS) {
        transfer.flags = TransferFlags::from_bits(present(cursor.narrow()?)?);
    }
    if has(transfer_bits::TIMESTAMP) {
        transfer.timestamp = own_timestamp(cursor, time)?;
    }
    Ok(())
}

/// A timestamp that is written out because it is not the event's time.
fn own_timestamp(cursor: &mut Cursor<'_>, time: Timestamp) -> Result<Timestamp, DecodeError> {
    let timestamp = Timestamp::new(cursor.narrow()?);
    if timestamp == time {
        return Err(DecodeError::NotCanonical);
    }
    Ok(timestamp)
}

#[inline]
fn amount(cursor: &mut Cursor<'_>) -> Result<Amount, DecodeError> {
    cursor.integer().map(Amount::new)
}

fn text(cursor: &mut Cursor<'_>, bytes_max: usize) -> Result<Box<str>, DecodeError> {
    let length = usize::from(cursor.u8()?);
    if length > bytes_max {
        return Err(DecodeError::NotCanonical);
    }
    cursor.text(length).map(Box::from)
}

/// Reads an amount to where it belongs; whether it is zero.
#[inline]
fn put_amount(amount: &mut Amount, cursor: &mut Cursor<'_>) -> Result<bool, DecodeError> {
    if let Some(units) = cursor.short_integer() {
        *amount = Amount::new(u128::from(units));
        return Ok(units == 0);
    }
    let mut units = 0;
    cursor.longer_integer(&mut units)?;
    *amount = Amount::new(units);
    Ok(units == 0)
}

#[inline]
fn totals(totals: &mut Totals, cursor: &mut Cursor<'_>, presence: u8) -> Result<(), DecodeError> {
    let each = [
        &mut totals.debits_pending,
        &mut totals.debits_posted,
        &mut totals.credits_pending,
        &mut totals.credits_posted,
    ];
    for (index, total) in each.into_iter().enumerate() {
        if presence & (1 << index) == 0 {
            *total = Amount::ZERO;
        } else if put_amount(total, cursor)? {
            return Err(DecodeError::NotCanonical);
        }
    }
    Ok(())
}

fn transfer_rejected(cursor: &mut Cursor<'_>) -> Result<TransferRejected, DecodeError> {
    let id = TransferId::new(cursor.u128()?);
    let number = cursor.u8()?;
    let status = TransferStatus::from_number(number).ok_or(DecodeError::UnknownStatus {
        found: number,
        version: FORMAT_VERSION,
    })?;
    Ok(TransferRejected {
        id,
        status,
        control_id: cursor.integer()?,
    })
}

fn transfer_expired(cursor: &mut Cursor<'_>) -> Result<TransferExpired, DecodeError> {
    let totals_presence = cursor.u8()?;
    let mut expired = TransferExpired {
        pending_id: TransferId::new(cursor.u128()?),
        debit_account_id: AccountId::new(cursor.u128()?),
        credit_account_id: AccountId::new(cursor.u128()?),
        ledger: LedgerId::new(cursor.narrow()?),
        posted: amount(cursor)?,
        released: amount(cursor)?,
        debit_after: Totals::ZERO,
        credit_after: Totals::ZERO,
    };
    totals(&mut expired.debit_after, cursor, totals_presence)?;
    totals(&mut expired.credit_after, cursor, totals_presence >> 4)?;
    Ok(expired)
}

fn account_created(cursor: &mut Cursor<'_>, time: Timestamp) -> Result<NewAccount, DecodeError> {
    let presence = cursor.u8()?;
    let has = |bit| presence & bit != 0;
    let mut account = NewAccount {
        id: AccountId::new(cursor.u128()?),
        code: cursor.u16()?,
        ledger: LedgerId::new(cursor.narrow()?),
        timestamp: time,
        ..NewAccount::default()
    };
    if has(account_bits::FLAGS) {
        account.flags = AccountFlags::from_bits(present(cursor.narrow()?)?);
    }
    if has(account_bits::USER_DATA_128) {
        account.user_data_128 = present(cursor.integer()?)?;
    }
    if has(account_bits::USER_DATA_64) {
        account.user_data_64 = present(cursor.narrow()?)?;
    }
    if has(account_bits::USER_DATA_32) {
        account.user_data_32 = present(cursor.narrow()?)?;
    }
    if has(account_bits::OVERDRAFT_LIMIT) {
        account.overdraft_limit = present(amount(cursor)?)?;
    }
    if has(account_bits::BALANCE_MAX) {
        account.balance_max = present(amount(cursor)?)?;
    }
    if has(account_bits::NAME) {
        account.name = present(text(cursor, NewAccount::NAME_BYTES_MAX)?)?;
    }
    if has(account_bits::TIMESTAMP) {
        account.timestamp = own_timestamp(cursor, time)?;
    }
    Ok(account)
}

fn account_updated(cursor: &mut Cursor<'_>) -> Result<AccountUpdate, DecodeError> {
    let presence = cursor.u8()?;
    if presence & !update_bits::ALL != 0 {
        return Err(DecodeError::NotCanonical);
    }
    let has = |bit| presence & bit != 0;
    let mut update = AccountUpdate {
        update_id: UpdateId::new(cursor.u128()?),
        id: AccountId::new(cursor.u128()?),
        ..AccountUpdate::default()
    };
    if has(update_bits::OVERDRAFT_LIMIT) {
        update.overdraft_limit = Some(amount(cursor)?);
    }
    if has(update_bits::BALANCE_MAX) {
        update.balance_max = Some(amount(cursor)?);
    }
    if has(update_bits::NAME) {
        update.name = Some(text(cursor, NewAccount::NAME_BYTES_MAX)?);
    }
    Ok(update)
}

fn ledger_registered(cursor: &mut Cursor<'_>) -> Result<NewLedger, DecodeError> {
    Ok(NewLedger {
        id: LedgerId::new(cursor.narrow()?),
        scale: cursor.narrow()?,
        code: text(cursor, NewLedger::CODE_BYTES_MAX)?,
    })
}
