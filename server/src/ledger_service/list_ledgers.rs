//! `ListLedgers`.

use ledger_core::{Sequence, Timestamp};
use ledger_engine::{Body, Command, Context, Position, Retraced};
use ledger_proto::{FieldPath, Malformed, Refusal, v1};
use prost::Message as _;

use super::fitting::Fitting;
use crate::{
    Limits,
    ask::{MISFIT, ask},
    desk::Desk,
    page_token::Pages,
};

/// Every page is as of its own moment: ledgers are few, and most answers are whole.
pub(super) async fn answer(
    desk: &Desk,
    request: v1::ListLedgersRequest,
) -> Result<v1::ListLedgersResponse, Refusal> {
    let page_size = page_size(request.page_size, Limits::PAGE_SIZE_MAX)?;
    let (receipt, body) = ask(desk, Command::ListLedgers, Context::default(), 0).await?;
    let Body::LedgerList(ledgers) = body else {
        return Err(MISFIT);
    };
    let question = v1::ListLedgersRequest::default();
    let engine = desk.engine()?;
    let pages = Pages::of(engine, "ListLedgers", &question, &request.page_token)?;
    let after = pages.from.map_or(0, |position| position.next);

    let mut answer = v1::ListLedgersResponse {
        receipt: Some((&receipt).into()),
        ..Default::default()
    };
    let mut fitting = Fitting::new(desk.limits.answer_bytes_max);
    let mut last = after;
    for ledger in ledgers
        .iter()
        .filter(|ledger| u64::from(ledger.id.get()) > after)
    {
        let entry = v1::Ledger::from(ledger);
        if answer.ledgers.len() == page_size || !fitting.fits(entry.encoded_len()) {
            answer.next_page_token = pages.next(Some(Position {
                as_of: Sequence::ZERO,
                time: Timestamp::ZERO,
                next: last,
                retraced: Retraced::default(),
            }));
            break;
        }
        last = ledger.id.get().into();
        answer.ledgers.push(entry);
    }
    Ok(answer)
}

/// The number of entries that a page may hold.
pub(super) fn page_size(asked: u32, default: u32) -> Result<usize, Refusal> {
    let size = match asked {
        0 => default,
        1..=Limits::PAGE_SIZE_MAX => asked,
        _ => {
            return Err(Malformed::NumberTooLarge {
                at: FieldPath::of("page_size"),
                number: asked.into(),
                number_max: Limits::PAGE_SIZE_MAX.into(),
            }
            .into());
        }
    };
    Ok(size as usize)
}
