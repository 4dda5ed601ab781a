//! The end of the server, as connections hear of it.

use tokio::sync::watch;

/// Tells when connections are to be closed.
#[derive(Clone)]
pub(crate) struct Closing(watch::Receiver<bool>);

/// Says that connections are to be closed.
pub(crate) struct Close(watch::Sender<bool>);

/// Both ends.
pub(crate) fn closing() -> (Close, Closing) {
    let (close, closing) = watch::channel(false);
    (Close(close), Closing(closing))
}

impl Close {
    /// Connections are to be closed now.
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }
}

impl Closing {
    /// Waits until connections are to be closed.
    pub(crate) async fn begun(&mut self) {
        // Nobody there to say so any more says so, too.
        drop(self.0.wait_for(|closing| *closing).await);
    }
}
