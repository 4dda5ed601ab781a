use super::*;

/// Receives `data` in pieces of `step` bytes, of at most ten bytes of message.
fn receive(data: &[u8], step: usize) -> Result<(), Refusal> {
    let mut framing = Framing::default();
    data.chunks(step)
        .try_for_each(|piece| framing.receive(piece, 10))
}

#[test]
fn one_message_is_received_in_whatever_pieces_it_comes() {
    let message = [&[0, 0, 0, 0, 10][..], &[7; 10]].concat();
    for step in 1..=message.len() {
        for end in 0..=message.len() {
            assert_eq!(
                receive(&message[..end], step),
                Ok(()),
                "{end} bytes by {step}"
            );
        }
    }
    assert_eq!(receive(&[0, 0, 0, 0, 0], 5), Ok(()));
}

#[test]
fn a_byte_too_many_is_refused_as_soon_as_it_is_announced() {
    let too_large = Err(Refusal::MessageTooLarge { bytes_max: 10 });
    for step in 1..6 {
        assert_eq!(receive(&[0, 0, 0, 0, 11], step), too_large);
        assert_eq!(receive(&[1, 255, 255, 255, 255], step), too_large);
    }
}

#[test]
fn nothing_may_follow_the_message() {
    let more = [&[0, 0, 0, 0, 2][..], &[7; 3]].concat();
    for step in 1..=more.len() {
        assert_eq!(receive(&more, step), Err(Malformed::Framing.into()));
    }
}
