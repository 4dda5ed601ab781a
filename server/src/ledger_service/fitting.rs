//! How much fits into one answer.

/// Counts the bytes of an answer's entries, so that it is cut before it becomes too large.
pub(super) struct Fitting {
    left_bytes: usize,
}

impl Fitting {
    /// What the rest of an answer takes: its receipt, its numbers.
    const REST_BYTES: usize = 512;

    pub(super) fn new(answer_bytes_max: usize) -> Self {
        Self {
            left_bytes: answer_bytes_max.saturating_sub(Self::REST_BYTES),
        }
    }

    /// Whether one more entry fits, which then is counted.
    pub(super) fn fits(&mut self, encoded_bytes: usize) -> bool {
        // A key and a length stand before each entry.
        const HEAD_BYTES: usize = 1 + 3;
        match self.left_bytes.checked_sub(HEAD_BYTES + encoded_bytes) {
            Some(left) => {
                self.left_bytes = left;
                true
            }
            None => false,
        }
    }
}
