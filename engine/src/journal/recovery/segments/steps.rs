//! What is done to the files once everything has been read.

use std::io;
use std::path::Path;

use ledger_core::Sequence;

use super::{Chain, Cut, Ending, Footer, Progress, RecoveryError, SealedFile, Segments, Source};
use crate::journal::names;
use crate::journal::seal::SealedWriter;
use crate::journal::space::PIECE_BYTES;
use crate::vfs::{DeviceFile, ReadBack, VfsFile};

/// What is to be done once everything has been read, in this order.
pub(super) enum Step {
    /// Keep bytes that are no frame.
    Cut {
        source: Source,
        end: u64,
        sequence: Sequence,
    },
    /// Finish the sealed copy of a segment.
    Seal {
        writer: Box<SealedWriter>,
        footer: Footer,
        end: Chain,
    },
    /// Show a sealed segment to readers.
    Show {
        sealed: Box<SealedFile>,
        footer: Footer,
    },
    /// Have the meta file count on a sealed segment that ends so.
    CountOn { number: u64, end: Chain },
    /// Remove the active file of a segment whose sealed one counts.
    RemoveActive(u64),
}

impl Segments<'_> {
    /// Does what was found to be done, once all segments are read.
    pub(in crate::journal::recovery) fn finish(
        mut self,
    ) -> Result<(Chain, Vec<Cut>, ReadBack), RecoveryError> {
        self.check_meta_epoch()?;
        self.check_snapshots()?;
        self.replay.end(&Ending {
            database: self.chain.database,
            epoch: self.chain.lineage.epoch(),
            sequence: self.chain.last(),
        })?;
        self.replay.progress(Progress {
            bytes: self.progress.bytes_total,
            ..self.progress
        });
        let mut cuts = Vec::new();
        for step in std::mem::take(&mut self.steps) {
            match step {
                Step::Cut {
                    source,
                    end,
                    sequence,
                } => cuts.push(self.cut(source, end, sequence)?),
                Step::Seal {
                    writer,
                    footer,
                    end,
                } => self.seal(*writer, &footer, &end)?,
                Step::Show { sealed, footer } => {
                    self.index.add(sealed.into_segment(&footer));
                }
                Step::CountOn { number, end } => self.count_on_sealed(number, &end)?,
                Step::RemoveActive(number) => {
                    let path = names::active(self.dir, number);
                    self.vfs.remove(&path).map_err(RecoveryError::io(&path))?;
                }
            }
        }
        Ok((self.chain, cuts, self.read_back))
    }

    fn seal(
        &mut self,
        writer: SealedWriter,
        footer: &Footer,
        end: &Chain,
    ) -> Result<(), RecoveryError> {
        self.read_back = writer.name().map_err(RecoveryError::Seal)?;
        self.count_on_sealed(footer.segment, end)?;
        let (_, _, sealed) = self.open_sealed(footer.segment)?;
        self.index.add(sealed.into_segment(footer));
        Ok(())
    }

    /// Has the meta file count on a sealed segment. From here on the active file may go.
    fn count_on_sealed(&self, number: u64, end: &Chain) -> Result<(), RecoveryError> {
        let meta_file = names::meta(self.dir);
        self.meta
            .replace(|meta| {
                meta.newest_segment = meta.newest_segment.max(number);
                meta.sealed_segment = number;
                meta.sealed_hash = end.hash;
                meta.sealed_sequence = end.last();
            })
            .map_err(RecoveryError::io(&meta_file))
    }

    /// Keeps the bytes from the source's offset to `end` in a file of their own.
    fn cut(&self, mut source: Source, end: u64, sequence: Sequence) -> Result<Cut, RecoveryError> {
        let offset = source.offset;
        let bytes = end - offset;
        let mut attempt = 1;
        let path = loop {
            let path = names::cut(self.dir, sequence, attempt);
            match self.vfs.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => break path,
                Err(error) => return Err(RecoveryError::io(&path)(error)),
                // Left by an attempt that ended before the segment was sealed, or by another cut.
                Ok(file) => {
                    let same = is_copy(&*file, source.file(), offset, end);
                    if same.map_err(RecoveryError::io(&path))? {
                        break path;
                    }
                    attempt += 1;
                }
            }
        };
        self.keep(&mut source, end, &path)
            .map_err(RecoveryError::io(&path))?;
        tracing::warn!(
            bytes,
            segment = source.number,
            offset = source.offset,
            next_sequence = sequence.get(),
            kept_in = %path.display(),
            "cut off bytes behind the last whole frame; nothing in a torn frame was acknowledged"
        );
        Ok(Cut {
            file: path,
            segment: source.number,
            offset: source.offset,
            sequence,
            bytes,
        })
    }

    fn keep(&self, source: &mut Source, end: u64, path: &Path) -> io::Result<()> {
        let copy = self.vfs.create(path, 0)?;
        let mut at = source.offset;
        let mut piece = vec![0; (end - at).min(PIECE_BYTES) as usize];
        while at < end {
            let part = (end - at).min(PIECE_BYTES) as usize;
            source.file().read_at(&mut piece[..part], at)?;
            copy.write_at(&[&piece[..part]], at - source.offset)?;
            copy.sync()?;
            at += part as u64;
        }
        self.vfs.sync_dir(self.dir)
    }
}

/// Whether a file holds exactly the bytes of another one between two offsets.
fn is_copy(
    copy: &dyn VfsFile,
    original: &mut dyn DeviceFile,
    from: u64,
    to: u64,
) -> io::Result<bool> {
    if copy.length()? != to - from {
        return Ok(false);
    }
    let piece = vec![0; (to - from).min(PIECE_BYTES) as usize];
    let mut pieces = (piece.clone(), piece);
    let mut at = from;
    while at < to {
        let part = (to - at).min(PIECE_BYTES) as usize;
        copy.read_at(&mut pieces.0[..part], at - from)?;
        original.read_at(&mut pieces.1[..part], at)?;
        if pieces.0[..part] != pieces.1[..part] {
            return Ok(false);
        }
        at += part as u64;
    }
    Ok(true)
}
