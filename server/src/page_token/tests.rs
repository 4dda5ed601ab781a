use ledger_proto::v1;

use super::*;

const EPOCH: u128 = u128::MAX - 1;
const TOKEN: PageToken = PageToken {
    epoch: EPOCH,
    question: 5,
    position: Position {
        as_of: Sequence::new(6),
        time: Timestamp::new(7),
        next: u64::MAX,
    },
};

#[test]
fn a_token_comes_back_as_it_went() {
    let lineage = Lineage::new(EPOCH);
    assert_eq!(PageToken::read(&TOKEN.text(), 5, &lineage), Ok(Some(TOKEN)));
    assert_eq!(PageToken::read("", 5, &lineage), Ok(None));
}

#[test]
fn a_token_of_another_question_or_history_is_refused() {
    let lineage = Lineage::new(EPOCH);
    let text = TOKEN.text();
    assert_eq!(
        PageToken::read(&text, 4, &lineage),
        Err(Malformed::PageToken.into())
    );
    assert_eq!(
        PageToken::read(&text, 5, &Lineage::new(1)),
        Err(Refusal::EpochChanged {
            epoch: 1,
            fork: None
        })
    );
    let texts = [
        "x",
        &text[1..],
        &format!("{text}0"),
        &text.replace('f', "g"),
        &"é".repeat(PageToken::DIGITS / 2),
    ];
    for text in texts {
        assert_eq!(
            PageToken::read(text, 5, &lineage),
            Err(Malformed::PageToken.into())
        );
    }
}

#[test]
fn a_token_with_any_other_digit_is_refused() {
    let lineage = Lineage::new(EPOCH);
    let text = TOKEN.text();
    for place in 0..text.len() {
        let digit = if &text[place..=place] == "0" {
            "1"
        } else {
            "0"
        };
        let changed = format!("{}{digit}{}", &text[..place], &text[place + 1..]);
        assert_eq!(
            PageToken::read(&changed, 5, &lineage),
            Err(Malformed::PageToken.into()),
            "digit {place}"
        );
    }
}

#[test]
fn questions_are_told_apart() {
    let ledgers = |ledgers: &[u32]| v1::GetTrialBalanceRequest {
        ledgers: ledgers.to_vec(),
        ..Default::default()
    };
    let at = v1::GetTrialBalanceRequest {
        at: ledger_proto::At::Sequence(Sequence::new(1)).into(),
        ..Default::default()
    };
    let direction = v1::ListTransfersRequest {
        direction: 2,
        ..Default::default()
    };
    let questions = [
        question("GetTrialBalance", &ledgers(&[])),
        question("ListLedgers", &v1::ListLedgersRequest::default()),
        question("GetTrialBalance", &ledgers(&[1])),
        question("GetTrialBalance", &ledgers(&[1, 2])),
        question("GetTrialBalance", &ledgers(&[2, 1])),
        question("GetTrialBalance", &at),
        question("ListTransfers", &v1::ListTransfersRequest::default()),
        question("ListTransfers", &direction),
    ];
    for (index, question) in questions.iter().enumerate() {
        assert!(!questions[index + 1..].contains(question));
    }
}
