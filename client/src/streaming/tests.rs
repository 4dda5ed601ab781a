use super::*;

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("short");
    [&[0][..], &length.to_be_bytes(), message].concat()
}

/// What comes of `bytes` in pieces of `step`.
fn received(bytes: &[u8], step: usize) -> Result<Vec<Bytes>, ClientError> {
    let mut pieces = Pieces::new(10);
    let mut messages = Vec::new();
    for piece in bytes.chunks(step) {
        pieces.take(piece);
        while let Some(message) = pieces.message()? {
            messages.push(message);
        }
    }
    pieces.check_end()?;
    Ok(messages)
}

#[test]
fn messages_come_in_whatever_pieces() {
    let sent: [&[u8]; 4] = [b"one", b"", b"three", b"0123456789"];
    let bytes = sent.map(framed).concat();
    for step in 1..=bytes.len() {
        let messages = received(&bytes, step).expect("whole");
        assert_eq!(messages, sent, "by {step}");
        assert!(received(&bytes[..bytes.len() - 1], step).is_err());
    }
}

#[test]
fn what_is_too_large_or_compressed_is_refused() {
    assert!(received(&framed(&[0; 11]), 4).is_err());
    assert!(received(&[1, 0, 0, 0, 0], 4).is_err());
}
