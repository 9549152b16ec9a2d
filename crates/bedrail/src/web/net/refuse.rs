//! Answers to connections that get no further: short, in HTTP/1.1, and closed.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time;

/// Time for the whole refusal.
const LONGEST: Duration = Duration::from_secs(2);
/// Bytes of the request that are read and thrown away: a connection that is closed with bytes unread takes the answer
/// with it.
const READ_AT_MOST: u64 = 64 << 10;

/// There are too many connections.
pub(super) async fn too_many(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let words = "Too many connections. Try again in a few seconds.\n";
    write(stream, "503 Service Unavailable\r\nRetry-After: 5", words).await;
}

/// The caller speaks HTTP where TLS is spoken.
pub(super) async fn without_tls(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    write(&mut stream, "400 Bad Request", "This address speaks TLS: use https:// in front of it.\n").await;
}

async fn write(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), status: &str, words: &str) {
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{words}",
        words.len()
    );
    // Whoever went away meanwhile is told nothing, and loses nothing.
    let told = async {
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await?;
        let mut rest = stream.take(READ_AT_MOST);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    let _ = time::timeout(LONGEST, told).await;
}
