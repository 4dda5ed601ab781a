//! The files of the database, to be kept elsewhere.

use ledger_proto::{BackupBegin, BackupFile, BackupPart, v1};
use thiserror::Error;

use crate::calls::malformed;
use crate::failure::unreadable;
use crate::{Client, ClientError};

impl Client {
    /// Receives the files of the database while the server goes on. `take` is given each part as
    /// it comes: the beginning; all files; for each file that is not in `held`, in the order of the
    /// list, its beginning, its chunks and its end; at last the end of all.
    ///
    /// The order of the parts, and that each file is whole, is checked here; that the content of a
    /// file has the hash with which it ends is for the receiver, who keeps it. An error of `take`
    /// ends the backup. After any error the files that ended are held: the next call goes on from
    /// there.
    ///
    /// The deadline of the client is for each part.
    ///
    /// ```no_run
    /// # use ledger_client::{BackupPart, Client, ClientError};
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// let mut received = 0;
    /// client
    ///     .backup(&[], |part| {
    ///         match part {
    ///             BackupPart::Begin(begin) => println!("{} bytes come", begin.bytes_to_send),
    ///             BackupPart::Chunk { content, .. } => received += content.len(),
    ///             BackupPart::End => println!("{received} bytes came"),
    ///             _ => {}
    ///         }
    ///         Ok::<_, ClientError>(())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of `take`, and [`ClientError`] turned into the like.
    pub async fn backup<E: From<ClientError>>(
        &self,
        held: &[BackupFile],
        mut take: impl FnMut(BackupPart) -> Result<(), E>,
    ) -> Result<(), E> {
        let request = v1::BackupRequest {
            held: held.iter().map(Into::into).collect(),
        };
        let mut order = Order::default();
        let mut stream = self.calls.stream(self.deadline(), &request).await?;
        while let Some(message) = stream.next().await? {
            let part = message.read().map_err(malformed)?;
            for part in order.check(part).map_err(disorder)? {
                take(part)?;
            }
        }
        order.check_end().map_err(disorder)?;
        Ok(())
    }
}

fn disorder(error: Disorder) -> ClientError {
    unreadable("the backup cannot be understood", error)
}

/// What is wrong with the order of a backup's parts.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
enum Disorder {
    #[error("it does not begin with its beginning, or begins twice")]
    Beginning,
    #[error("it has other files than it said at its beginning")]
    Files,
    #[error("a file comes that is not in the list, or before an earlier one, or inside another")]
    FileBegin,
    #[error("there are bytes that belong to no file, or not to this place of it")]
    Misplaced,
    #[error("{name} is not whole")]
    NotWhole { name: Box<str> },
    #[error("it breaks off, or goes on after its end")]
    End,
}

/// How far a backup has come.
#[derive(Default)]
struct Order {
    begin: Option<BackupBegin>,
    files: Vec<BackupFile>,
    /// Where in the list a file may begin.
    next_file: usize,
    /// The file that is sent, and the place in it of the next byte.
    file: Option<(usize, u64)>,
    ended: bool,
}

impl Order {
    /// What to hand on now that `part` has come. The list of files is handed on as one.
    fn check(&mut self, part: BackupPart) -> Result<Vec<BackupPart>, Disorder> {
        if self.ended {
            return Err(Disorder::End);
        }
        if self.begin.is_some() == matches!(part, BackupPart::Begin(_)) {
            return Err(Disorder::Beginning);
        }
        let told = self.files.len() as u64;
        let announced = self.begin.map_or(0, |begin| begin.files);
        match &part {
            BackupPart::Begin(begin) => {
                self.begin = Some(*begin);
                let files = (begin.files == 0).then(|| BackupPart::Files(Vec::new()));
                return Ok([part].into_iter().chain(files).collect());
            }
            BackupPart::Files(files) => {
                if told + files.len() as u64 > announced || files.is_empty() {
                    return Err(Disorder::Files);
                }
                self.files.extend_from_slice(files);
                let is_whole = self.files.len() as u64 == announced;
                return Ok(match is_whole {
                    true => vec![BackupPart::Files(self.files.clone())],
                    false => Vec::new(),
                });
            }
            _ if told != announced => return Err(Disorder::Files),
            BackupPart::FileBegin { index } => {
                let place = usize::try_from(*index).map_err(|_| Disorder::FileBegin)?;
                let is_next = place >= self.next_file && place < self.files.len();
                if !is_next || self.file.is_some() {
                    return Err(Disorder::FileBegin);
                }
                self.next_file = place + 1;
                self.file = Some((place, 0));
            }
            BackupPart::Chunk { offset, content } => {
                let (place, next) = self.file.as_mut().ok_or(Disorder::Misplaced)?;
                let end = offset.saturating_add(content.len() as u64);
                if offset != next || end > self.files[*place].bytes {
                    return Err(Disorder::Misplaced);
                }
                *next = end;
            }
            BackupPart::FileEnd { .. } => {
                let (place, next) = self.file.take().ok_or(Disorder::Misplaced)?;
                let file = &self.files[place];
                if next != file.bytes {
                    let name = file.name.clone();
                    return Err(Disorder::NotWhole { name });
                }
            }
            BackupPart::End => {
                if let Some((place, _)) = self.file {
                    let name = self.files[place].name.clone();
                    return Err(Disorder::NotWhole { name });
                }
                self.ended = true;
            }
        }
        Ok(vec![part])
    }

    fn check_end(&self) -> Result<(), Disorder> {
        match self.ended {
            true => Ok(()),
            false => Err(Disorder::End),
        }
    }
}

#[cfg(test)]
mod tests;
