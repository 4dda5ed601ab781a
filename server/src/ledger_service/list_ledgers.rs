//! `ListLedgers`.

use ledger_engine::{Body, Command, Context};
use ledger_proto::{FieldPath, Malformed, Refusal, v1};
use prost::Message as _;

use super::fitting::Fitting;
use crate::{
    Limits,
    ask::{MISFIT, ask},
    desk::Desk,
    page_token::{PageToken, question},
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
    let question = question("ListLedgers", &[]);
    let token = PageToken::read(&request.page_token, question, receipt.epoch)?;
    let after = token.map_or(0, |token| token.position);

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
            let token = PageToken {
                epoch: receipt.epoch,
                question,
                sequence: 0,
                position: last,
            };
            answer.next_page_token = token.text();
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
