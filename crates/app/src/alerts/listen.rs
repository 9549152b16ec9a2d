//! A listener for syslog: what connections and datagrams bring goes through one bounded queue to one writer, so that a sender
//! who is too quick waits, and nothing piles up in memory.
//!
//! Syslog knows no acknowledgement: what was read from a connection and not stored yet is lost where the process is killed, a
//! second of it at most. Whoever must not lose that writes to a file that is followed, or pushes over HTTP.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bedrail_formats::alerts::{Framing, Splitter};
use bedrail_model::ids::AlertSourceId;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::mpsc;

use super::batch::Gatherer;
use super::receive::{self, Receipt, Way};
use crate::{Actor, Context, Error};

/// Chunks that wait to be read into lines.
const WAITING: usize = 64;
/// Bytes read from a connection at once.
const CHUNK: usize = 64 << 10;
/// How long lines wait at most until they are stored.
const PATIENCE: Duration = Duration::from_secs(1);

/// A piece of what came.
enum Piece {
    /// Bytes of a connection.
    Bytes(u64, Vec<u8>),
    /// A connection is over.
    End(u64),
    /// A datagram.
    Datagram(Vec<u8>),
}

/// Where connections put what they bring. Cheap to clone; the writer ends when the last one is gone.
#[derive(Debug, Clone)]
pub struct Feed {
    sender: mpsc::Sender<Piece>,
    connections: Arc<AtomicU64>,
}

/// What stores what comes.
#[derive(Debug)]
pub struct Writer {
    receiver: mpsc::Receiver<Piece>,
    source: AlertSourceId,
}

/// A queue into a source.
pub fn queue(source: AlertSourceId) -> (Feed, Writer) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Feed { sender, connections: Arc::default() }, Writer { receiver, source })
}

impl Feed {
    /// Reads a connection to its end.
    pub async fn connection(&self, mut stream: impl AsyncRead + Unpin) {
        let id = self.connections.fetch_add(1, Ordering::Relaxed);
        loop {
            let mut part = vec![0; CHUNK];
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => break,
                Ok(length) => {
                    part.truncate(length);
                    if self.sender.send(Piece::Bytes(id, part)).await.is_err() {
                        return;
                    }
                }
            }
        }
        // Nobody is left to be told where the writer has ended.
        let _ = self.sender.send(Piece::End(id)).await;
    }

    /// Takes a datagram.
    pub async fn datagram(&self, bytes: &[u8]) {
        let _ = self.sender.send(Piece::Datagram(bytes.to_vec())).await;
    }
}

impl Writer {
    /// Stores what comes until nobody sends any more; `tell` is called with what was stored.
    ///
    /// # Errors
    /// When it cannot be stored: then nothing more is taken, and senders see their connections closed.
    pub async fn run(
        mut self,
        ctx: &Context,
        actor: &Actor,
        tell: &(dyn Fn(&Receipt) + Send + Sync),
    ) -> Result<Receipt, Error> {
        let (mut all, mut streams) = (Receipt::default(), HashMap::new());
        while let Some(first) = self.receiver.recv().await {
            let (row, mut gatherer) = receive::gatherer(ctx, actor, self.source).await?;
            take(&mut streams, &mut gatherer, first, ctx);
            let wait = tokio::time::sleep(PATIENCE);
            tokio::pin!(wait);
            while !gatherer.is_full() {
                tokio::select! {
                    piece = self.receiver.recv() => match piece {
                        Some(piece) => take(&mut streams, &mut gatherer, piece, ctx),
                        None => break,
                    },
                    () = &mut wait => break,
                }
            }
            let batch = gatherer.finish();
            if batch.is_empty() {
                continue;
            }
            if let Some(receipt) = receive::store(ctx, actor, &row, batch, &Way::Listener).await? {
                tell(&receipt);
                all.add(receipt);
            }
        }
        Ok(all)
    }
}

fn take(streams: &mut HashMap<u64, Splitter>, gatherer: &mut Gatherer, piece: Piece, ctx: &Context) {
    let received = ctx.clock.now();
    match piece {
        Piece::Bytes(id, bytes) => {
            let splitter = streams.entry(id).or_insert_with(|| Splitter::new(Framing::Syslog, 0));
            splitter.feed(&bytes, |line| gatherer.take(&line, received));
        }
        Piece::End(id) => {
            if let Some(mut splitter) = streams.remove(&id) {
                splitter.end(|line| gatherer.take(&line, received));
            }
        }
        Piece::Datagram(bytes) => {
            Splitter::new(Framing::Datagrams, 0).feed(&bytes, |line| gatherer.take(&line, received));
        }
    }
}
