//! The files of the database, to be kept elsewhere.

use ledger_proto::{BackupBegin, BackupFile, BackupPart, HeldFile, v1};
use thiserror::Error;

use crate::calls::malformed;
use crate::failure::unreadable;
use crate::{Client, ClientError};

impl Client {
    /// Receives the files of the database while the server goes on. `take` is given each part as
    /// it comes: the beginning, then for each file its announcement and its chunks in order, then
    /// the end. Files in `held` are not sent again as far as the receiver has them.
    ///
    /// The order of the parts, and that each file is whole, is checked here; that the content of a
    /// file has the hash that it was announced with is for the receiver, which may have had a part
    /// of it before. An error of `take` ends the backup. After any error what was received is
    /// held: the next call goes on from there.
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
    ///             BackupPart::File(file) => println!("{}", file.name),
    ///             BackupPart::Chunk { content, .. } => received += content.len(),
    ///             BackupPart::End => println!("{received} bytes came"),
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
        held: &[HeldFile],
        mut take: impl FnMut(BackupPart) -> Result<(), E>,
    ) -> Result<(), E> {
        let request = v1::BackupRequest {
            held: held.iter().map(Into::into).collect(),
        };
        let mut order = Order::default();
        let mut stream = self.calls.stream(self.deadline(), &request).await?;
        while let Some(message) = stream.next().await? {
            let part = message.read().map_err(malformed)?;
            order.check(&part).map_err(disorder)?;
            take(part)?;
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
    #[error("there are bytes that belong to no file, or not to this place of it")]
    Misplaced,
    #[error("{name} is not whole")]
    NotWhole { name: Box<str> },
    #[error("it has {told} files instead of {announced}")]
    Files { told: u64, announced: u64 },
    #[error("it breaks off, or goes on after its end")]
    End,
}

/// How far a backup has come.
#[derive(Default)]
struct Order {
    begin: Option<BackupBegin>,
    files: u64,
    /// The file that was announced last, and the place in it of the next byte.
    file: Option<(BackupFile, u64)>,
    ended: bool,
}

impl Order {
    fn check(&mut self, part: &BackupPart) -> Result<(), Disorder> {
        if self.ended {
            return Err(Disorder::End);
        }
        if self.begin.is_some() == matches!(part, BackupPart::Begin(_)) {
            return Err(Disorder::Beginning);
        }
        match part {
            BackupPart::Begin(begin) => self.begin = Some(*begin),
            BackupPart::File(file) => {
                self.check_whole()?;
                if file.from > file.bytes {
                    return Err(Disorder::Misplaced);
                }
                self.files += 1;
                self.file = Some((file.clone(), file.from));
            }
            BackupPart::Chunk { offset, content } => {
                let (file, next) = self.file.as_mut().ok_or(Disorder::Misplaced)?;
                let end = offset.saturating_add(content.len() as u64);
                if offset != next || end > file.bytes {
                    return Err(Disorder::Misplaced);
                }
                *next = end;
            }
            BackupPart::End => {
                self.check_whole()?;
                let announced = self.begin.map_or(0, |begin| begin.files);
                if self.files != announced {
                    let told = self.files;
                    return Err(Disorder::Files { told, announced });
                }
                self.ended = true;
            }
        }
        Ok(())
    }

    fn check_whole(&self) -> Result<(), Disorder> {
        match &self.file {
            Some((file, next)) if *next != file.bytes => Err(Disorder::NotWhole {
                name: file.name.clone(),
            }),
            _ => Ok(()),
        }
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
