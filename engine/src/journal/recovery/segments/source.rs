//! A file that frames are read from.

use std::path::PathBuf;

use super::RecoveryError;
use super::ahead::{Ahead, Part, Wanted};
use crate::journal::scan::{FrameBuffer, Layout, ScanError, read_frame};
use crate::journal::seal::Summary;
use crate::vfs::DeviceFile;

/// A file that frames are read from, one after the other.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) number: u64,
    file: File,
    pub(super) layout: Layout,
    /// Where the next frame begins.
    pub(super) offset: u64,
    /// Where frames end.
    pub(super) end: u64,
    /// Of the frames that were read ahead, once no more are.
    summary: Option<Summary>,
}

/// Who has the file.
enum File {
    Here(Box<dyn DeviceFile>),
    Ahead(Ahead),
    /// It is on its way from one to the other, or could not be handed over.
    Away,
}

impl Source {
    pub(super) fn new(
        path: PathBuf,
        number: u64,
        file: Box<dyn DeviceFile>,
        layout: Layout,
        end: u64,
    ) -> Self {
        Self {
            path,
            number,
            file: File::Here(file),
            layout,
            offset: 0,
            end,
            summary: None,
        }
    }

    /// Has its frames read ahead of being asked for, and decoded.
    pub(super) fn read_ahead(&mut self, wanted: Wanted) -> Result<(), RecoveryError> {
        assert!(
            self.offset == 0,
            "what is read ahead is read from the beginning"
        );
        self.file = match std::mem::replace(&mut self.file, File::Away) {
            File::Here(file) => {
                let ahead = Ahead::start(file, self.layout, self.end, wanted);
                File::Ahead(ahead.map_err(RecoveryError::io(&self.path))?)
            }
            other => other,
        };
        Ok(())
    }

    /// The next part of what is read ahead; the memory of the part before is used again.
    pub(super) fn next_part(&mut self, used: Option<Part>) -> Result<Part, ScanError> {
        match &mut self.file {
            File::Ahead(ahead) => ahead.next(used),
            _ => unreachable!("parts are asked for of a source that is read ahead"),
        }
    }

    /// Reads the frame at the offset; the memory of `payload` is used for it.
    pub(super) fn read_frame(&mut self, payload: Vec<u8>) -> Result<FrameBuffer, ScanError> {
        let (offset, end) = (self.offset, self.end);
        read_frame(self.file(), offset, end, payload)
    }

    /// What a sealed file is to say of the frames that were read ahead; `None` if there was none.
    /// Nothing more is read ahead.
    pub(super) fn summary(&mut self) -> Option<Summary> {
        self.file();
        self.summary.take()
    }

    /// The file itself. Nothing more of it is read ahead.
    pub(super) fn file(&mut self) -> &mut dyn DeviceFile {
        self.file = match std::mem::replace(&mut self.file, File::Away) {
            File::Ahead(ahead) => {
                let (file, summary) = ahead.end();
                self.summary = summary;
                File::Here(file)
            }
            other => other,
        };
        match &mut self.file {
            File::Here(file) => &mut **file,
            _ => unreachable!("a source whose file is gone is not used any more"),
        }
    }
}
