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
        retraced: NOT_RETRACED,
    },
};
const NOT_RETRACED: Retraced = Retraced {
    next: Sequence::ZERO,
    updates: false,
    closed: Sequence::ZERO,
    overdraft_limit: Sequence::ZERO,
    balance_max: Sequence::ZERO,
    name: Sequence::ZERO,
};
const LONG_TOKEN: PageToken = PageToken {
    position: Position {
        retraced: Retraced {
            next: Sequence::new(0xabc),
            updates: true,
            closed: Sequence::new(0xabd),
            overdraft_limit: Sequence::new(0xabe),
            balance_max: Sequence::new(0xabf),
            name: Sequence::new(0xac0),
        },
        ..TOKEN.position
    },
    ..TOKEN
};

#[test]
fn a_token_comes_back_as_it_went() {
    let lineage = Lineage::new(EPOCH);
    for token in [TOKEN, LONG_TOKEN] {
        assert_eq!(PageToken::read(&token.text(), 5, &lineage), Ok(Some(token)));
    }
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
fn a_token_with_any_other_byte_is_refused() {
    let lineage = Lineage::new(EPOCH);
    for text in [TOKEN.text(), LONG_TOKEN.text()] {
        for (place, byte) in text.bytes().enumerate() {
            for other in (0..128).filter(|&other| other != byte) {
                let mut changed = text.clone().into_bytes();
                changed[place] = other;
                let changed = String::from_utf8(changed).expect("it is ASCII");
                assert_eq!(
                    PageToken::read(&changed, 5, &lineage),
                    Err(Malformed::PageToken.into()),
                    "{:?} at {place}",
                    char::from(other)
                );
            }
        }
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
