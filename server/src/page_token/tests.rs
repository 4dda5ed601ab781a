use super::*;

const TOKEN: PageToken = PageToken {
    epoch: u128::MAX - 1,
    question: 5,
    sequence: 6,
    position: u64::MAX,
};

#[test]
fn a_token_comes_back_as_it_went() {
    assert_eq!(
        PageToken::read(&TOKEN.text(), 5, u128::MAX - 1),
        Ok(Some(TOKEN))
    );
    assert_eq!(PageToken::read("", 5, 1), Ok(None));
}

#[test]
fn a_token_of_another_question_or_history_is_refused() {
    let text = TOKEN.text();
    assert_eq!(
        PageToken::read(&text, 4, TOKEN.epoch),
        Err(Malformed::PageToken.into())
    );
    assert_eq!(
        PageToken::read(&text, 5, 1),
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
        &"é".repeat(40),
    ];
    for text in texts {
        assert_eq!(
            PageToken::read(text, 5, TOKEN.epoch),
            Err(Malformed::PageToken.into())
        );
    }
}

#[test]
fn questions_are_told_apart() {
    let ledgers = |ids: &[u32]| ids.iter().copied().map(LedgerId::new).collect::<Vec<_>>();
    let questions = [
        question("GetTrialBalance", &[]),
        question("ListLedgers", &[]),
        question("GetTrialBalance", &ledgers(&[1])),
        question("GetTrialBalance", &ledgers(&[1, 2])),
        question("GetTrialBalance", &ledgers(&[2, 1])),
    ];
    for (index, question) in questions.iter().enumerate() {
        assert!(!questions[index + 1..].contains(question));
    }
}
