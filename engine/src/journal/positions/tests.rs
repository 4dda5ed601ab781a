use proptest::prelude::*;

use super::*;

proptest! {
    /// From every event's position it is never far to the event.
    #[test]
    fn every_event_is_near_its_position(frames in proptest::collection::vec(0usize..300, 1..40)) {
        let mut positions = Positions::default();
        let mut next = 1;
        let mut starts = Vec::new();
        for (index, &events) in frames.iter().enumerate() {
            let offset = index as u64 * (1 << 20);
            let offsets: Vec<u32> = (0..events as u32).map(|event| event * 100).collect();
            if !offsets.is_empty() {
                positions.add_frame(Sequence::new(next), offset, &offsets);
            }
            starts.extend((0..events as u64).map(|_| offset));
            next += events as u64;
        }
        for sequence in 1..next {
            let position = positions.find(Sequence::new(sequence)).unwrap();
            let distance = sequence - position.sequence.get();
            prop_assert!(distance < EVENTS_PER_POSITION);
            let start = starts[position.sequence.get() as usize - 1];
            prop_assert_eq!(u64::from(position.frame), start);
        }
        prop_assert_eq!(positions.find(Sequence::new(next)), None);
        prop_assert_eq!(positions.find(Sequence::ZERO), None);
    }
}

#[test]
fn small_frames_share_a_position() {
    let mut positions = Positions::default();
    for frame in 0..64 {
        positions.add_frame(Sequence::new(frame + 1), frame * 4096, &[0]);
    }
    assert_eq!(positions.positions.len(), 8, "one for each 32 KiB");
}
