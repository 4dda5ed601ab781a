//! `CreateTransfersResponse`, straight from the core's answers to bytes and back.

use bytes::BufMut;
use ledger_core::{
    AccountId, Amount, BalancesAfter, Timestamp, Totals, TransferAnswer, TransferStatus,
};
use prost::Message as _;

use crate::{
    Defect, EVENTS_PER_REQUEST_MAX, FieldPath, Malformed, Receipt, status, v1,
    wire::{Key, Kind, Piece, Reader},
};

/// The answer to one transfer as it stands on the wire: slim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferResult {
    /// What was decided.
    pub status: TransferStatus,
    /// See `TransferResult.timestamp` in the contract.
    pub timestamp: Timestamp,
    /// What actually moved, only where that differs from the amount asked for.
    pub amount: Option<Amount>,
    /// With [`TransferStatus::IdAlreadyFailed`]: the refusal that used the id up.
    pub original_status: Option<TransferStatus>,
}

impl TransferResult {
    /// What to tell of `answer` to whoever asked for the amount `asked`.
    #[inline]
    #[must_use]
    pub fn tell(answer: &TransferAnswer, asked: Amount) -> Self {
        let &TransferAnswer {
            status,
            timestamp,
            amount,
            original_status,
        } = answer;
        let differs = has_amount(status) && amount != asked;
        Self {
            status,
            timestamp,
            amount: differs.then_some(amount),
            original_status,
        }
    }

    /// What is told to whoever asked for the amount `asked`.
    #[inline]
    #[must_use]
    pub fn answer(self, asked: Amount) -> TransferAnswer {
        let Self {
            status,
            timestamp,
            amount,
            original_status,
        } = self;
        let unchanged = if has_amount(status) {
            asked
        } else {
            Amount::ZERO
        };
        TransferAnswer {
            status,
            timestamp,
            amount: amount.unwrap_or(unchanged),
            original_status,
        }
    }
}

/// Whether there is a transfer, so that something can have moved.
const fn has_amount(status: TransferStatus) -> bool {
    matches!(
        status,
        TransferStatus::Created | TransferStatus::Fenced | TransferStatus::Exists
    )
}

/// The answer to a [`TransferBatch`](crate::TransferBatch).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransferBatchAnswer {
    /// What the answer rests on.
    pub receipt: Receipt,
    /// One for each transfer, in order.
    pub results: Vec<TransferResult>,
    /// One for each transfer, in order, if asked for; otherwise empty.
    pub balances: Vec<Option<BalancesAfter>>,
}

mod field {
    pub(super) const RECEIPT: u32 = 1;
    pub(super) const RESULTS: u32 = 2;
    pub(super) const BALANCES: u32 = 3;

    pub(super) mod result {
        pub(in super::super) const STATUS: u32 = 1;
        pub(in super::super) const TIMESTAMP: u32 = 2;
        pub(in super::super) const AMOUNT: u32 = 3;
        pub(in super::super) const ORIGINAL_STATUS: u32 = 4;
    }

    pub(super) mod balances {
        pub(in super::super) const DEBIT: u32 = 1;
        pub(in super::super) const CREDIT: u32 = 2;
    }

    pub(super) mod account {
        pub(in super::super) const ACCOUNT_ID: u32 = 1;
        pub(in super::super) const DEBITS_PENDING: u32 = 2;
        pub(in super::super) const DEBITS_POSTED: u32 = 3;
        pub(in super::super) const CREDITS_PENDING: u32 = 4;
        pub(in super::super) const CREDITS_POSTED: u32 = 5;
    }
}

impl TransferBatchAnswer {
    /// Room for the answer when it is encoded; exact where no amount differs.
    pub(crate) fn room(&self) -> usize {
        const RECEIPT: usize = 96;
        const RESULT: usize = 13;
        const BALANCES: usize = 128;
        RECEIPT + self.results.len() * RESULT + self.balances.len() * BALANCES
    }

    /// Writes the message.
    pub fn encode(&self, buffer: &mut impl BufMut) {
        let receipt = v1::Receipt::from(&self.receipt);
        prost::encoding::message::encode(field::RECEIPT, &receipt, buffer);
        let mut piece = ResultPiece::new();
        for result in &self.results {
            write_result(result, &mut piece);
            buffer.put_slice(piece.entry(field::RESULTS));
        }
        let mut piece = BalancesPiece::new();
        for balances in &self.balances {
            write_balances(balances.as_ref(), &mut piece);
            buffer.put_slice(piece.entry(field::BALANCES));
        }
    }

    /// Reads the message that is exactly `bytes`.
    ///
    /// # Errors
    /// Any bytes give a message or what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        const RECEIPT: Key = Key::new(field::RECEIPT, Kind::Length);
        const RESULT: Key = Key::new(field::RESULTS, Kind::Length);
        const BALANCES: Key = Key::new(field::BALANCES, Kind::Length);
        let broken = |defect| Malformed::Protobuf {
            at: FieldPath::of("message"),
            defect,
        };

        let mut receipt: Option<v1::Receipt> = None;
        let mut results = Vec::new();
        let mut balances = Vec::new();
        let mut reader = Reader::new(bytes);
        while let Some(key) = reader.key().map_err(broken)? {
            match key {
                RECEIPT => receipt
                    .get_or_insert_default()
                    .merge(reader.bytes().map_err(broken)?)
                    .map_err(|source| Malformed::Message {
                        message: "Receipt",
                        source,
                    })?,
                RESULT => {
                    let at = FieldPath::item("results", bounded("results", results.len())?);
                    let bytes = reader.bytes().map_err(broken)?;
                    if results.is_empty() {
                        let more = reader.len() / (bytes.len() + 2);
                        results.reserve((1 + more).min(EVENTS_PER_REQUEST_MAX));
                    }
                    results.push(decode_result(bytes, at)?);
                }
                BALANCES => {
                    let at = FieldPath::item("balances", bounded("balances", balances.len())?);
                    let bytes = reader.bytes().map_err(broken)?;
                    balances.push(
                        decode_balances(bytes)
                            .map_err(|defect| Malformed::Protobuf { at, defect })?,
                    );
                }
                _ if key.number() <= field::BALANCES => return Err(broken(Defect::Kind)),
                _ => reader.skip(key).map_err(broken)?,
            }
        }
        if !balances.is_empty() && balances.len() != results.len() {
            return Err(Malformed::Unfitting {
                at: FieldPath::of("balances"),
            });
        }
        Ok(Self {
            receipt: Receipt::read(receipt)?,
            results,
            balances,
        })
    }
}

/// Refuses an answer to more than can be asked.
fn bounded(list: &'static str, index: usize) -> Result<usize, Malformed> {
    if index == EVENTS_PER_REQUEST_MAX {
        return Err(Malformed::TooMany {
            list,
            count_max: EVENTS_PER_REQUEST_MAX,
        });
    }
    Ok(index)
}

/// The answer to one transfer.
type ResultPiece = Piece<{ Piece::HEAD + Piece::UINT128 + 3 * Piece::UINT64 }>;

#[inline]
fn write_result(result: &TransferResult, piece: &mut ResultPiece) {
    piece.clear();
    piece.uint64(field::result::STATUS, result.status.number().into());
    piece.fixed64(field::result::TIMESTAMP, result.timestamp.get());
    if let Some(amount) = result.amount {
        piece.present_uint128(field::result::AMOUNT, amount.get());
    }
    if let Some(status) = result.original_status {
        piece.uint64(field::result::ORIGINAL_STATUS, status.number().into());
    }
}

#[inline]
fn decode_result(bytes: &[u8], at: FieldPath) -> Result<TransferResult, Malformed> {
    const STATUS: Key = Key::new(field::result::STATUS, Kind::Varint);
    const TIMESTAMP: Key = Key::new(field::result::TIMESTAMP, Kind::Fixed64);
    const AMOUNT: Key = Key::new(field::result::AMOUNT, Kind::Length);
    const ORIGINAL_STATUS: Key = Key::new(field::result::ORIGINAL_STATUS, Kind::Varint);
    let broken = |defect| Malformed::Protobuf { at, defect };

    let (mut status, mut timestamp, mut amount, mut original_status) = (0, 0, None, 0);
    let mut reader = Reader::new(bytes);
    while let Some(key) = reader.key().map_err(broken)? {
        match key {
            STATUS => status = reader.enumeration().map_err(broken)?,
            TIMESTAMP => timestamp = reader.fixed64().map_err(broken)?,
            AMOUNT => {
                reader.uint128(amount.get_or_insert(0)).map_err(broken)?;
            }
            ORIGINAL_STATUS => original_status = reader.enumeration().map_err(broken)?,
            _ if key.number() <= field::result::ORIGINAL_STATUS => {
                return Err(broken(Defect::Kind));
            }
            _ => reader.skip(key).map_err(broken)?,
        }
    }
    Ok(TransferResult {
        status: status::transfer(status, at.with("status"))?,
        timestamp: Timestamp::new(timestamp),
        amount: amount.map(Amount::new),
        original_status: match original_status {
            0 => None,
            number => Some(status::transfer(number, at.with("original_status"))?),
        },
    })
}

/// What the five numbers of one account take.
const ACCOUNT_BYTES: usize = 5 * Piece::UINT128;
/// The totals of one account.
type AccountPiece = Piece<{ Piece::HEAD + ACCOUNT_BYTES }>;
/// The totals of both accounts.
type BalancesPiece = Piece<{ Piece::HEAD + 2 * Piece::bytes_of(ACCOUNT_BYTES) }>;

fn account_piece(account: AccountId, totals: &Totals) -> AccountPiece {
    let mut piece = AccountPiece::new();
    piece.uint128(field::account::ACCOUNT_ID, account.get());
    piece.uint128(field::account::DEBITS_PENDING, totals.debits_pending.get());
    piece.uint128(field::account::DEBITS_POSTED, totals.debits_posted.get());
    piece.uint128(
        field::account::CREDITS_PENDING,
        totals.credits_pending.get(),
    );
    piece.uint128(field::account::CREDITS_POSTED, totals.credits_posted.get());
    piece
}

fn write_balances(balances: Option<&BalancesAfter>, piece: &mut BalancesPiece) {
    piece.clear();
    if let Some(balances) = balances {
        let debit = account_piece(balances.debit_account_id, &balances.debit);
        let credit = account_piece(balances.credit_account_id, &balances.credit);
        piece.bytes(field::balances::DEBIT, debit.fields());
        piece.bytes(field::balances::CREDIT, credit.fields());
    }
}

fn decode_balances(bytes: &[u8]) -> Result<Option<BalancesAfter>, Defect> {
    const DEBIT: Key = Key::new(field::balances::DEBIT, Kind::Length);
    const CREDIT: Key = Key::new(field::balances::CREDIT, Kind::Length);
    let mut after: Option<AfterFields> = None;
    let mut reader = Reader::new(bytes);
    while let Some(key) = reader.key()? {
        match key {
            DEBIT => after.get_or_insert_default().debit.read(reader.bytes()?)?,
            CREDIT => after.get_or_insert_default().credit.read(reader.bytes()?)?,
            _ if key.number() <= field::balances::CREDIT => return Err(Defect::Kind),
            _ => reader.skip(key)?,
        }
    }
    Ok(after.map(|AfterFields { debit, credit }| BalancesAfter {
        debit_account_id: AccountId::new(debit.account_id),
        debit: debit.totals(),
        credit_account_id: AccountId::new(credit.account_id),
        credit: credit.totals(),
    }))
}

#[derive(Default)]
struct AfterFields {
    debit: AccountFields,
    credit: AccountFields,
}

#[derive(Default)]
struct AccountFields {
    account_id: u128,
    debits_pending: u128,
    debits_posted: u128,
    credits_pending: u128,
    credits_posted: u128,
}

impl AccountFields {
    fn read(&mut self, bytes: &[u8]) -> Result<(), Defect> {
        const ACCOUNT_ID: Key = Key::new(field::account::ACCOUNT_ID, Kind::Length);
        const DEBITS_PENDING: Key = Key::new(field::account::DEBITS_PENDING, Kind::Length);
        const DEBITS_POSTED: Key = Key::new(field::account::DEBITS_POSTED, Kind::Length);
        const CREDITS_PENDING: Key = Key::new(field::account::CREDITS_PENDING, Kind::Length);
        const CREDITS_POSTED: Key = Key::new(field::account::CREDITS_POSTED, Kind::Length);
        let mut reader = Reader::new(bytes);
        while let Some(key) = reader.key()? {
            match key {
                ACCOUNT_ID => reader.uint128(&mut self.account_id)?,
                DEBITS_PENDING => reader.uint128(&mut self.debits_pending)?,
                DEBITS_POSTED => reader.uint128(&mut self.debits_posted)?,
                CREDITS_PENDING => reader.uint128(&mut self.credits_pending)?,
                CREDITS_POSTED => reader.uint128(&mut self.credits_posted)?,
                _ if key.number() <= field::account::CREDITS_POSTED => return Err(Defect::Kind),
                _ => reader.skip(key)?,
            }
        }
        Ok(())
    }

    fn totals(&self) -> Totals {
        Totals {
            debits_pending: Amount::new(self.debits_pending),
            debits_posted: Amount::new(self.debits_posted),
            credits_pending: Amount::new(self.credits_pending),
            credits_posted: Amount::new(self.credits_posted),
        }
    }
}

#[cfg(test)]
mod tests;
